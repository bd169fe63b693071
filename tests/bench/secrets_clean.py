"""Clean, popular code, in which hardly anything is a secret: what a scanner reports there is noise, and takes time.

python -P tests/bench/secrets_clean.py      every certain finding, masked
"""

import shutil
import sys
import sysconfig
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.installed import npm_packages, python_packages

from victor_server.secrets.scanner import scan

MIN_MB = 80.0

_PYTHON = (
    "aiohttp==3.14.5", "ansible-core==2.19.14", "apache-airflow-core==3.3.2", "azure-identity==1.27.0",
    "azure-storage-blob==12.31.1", "boto3==1.44.5", "celery==5.7.0", "cryptography==50.0.2", "django==5.2.19",
    "fastapi==0.165.0", "flask==3.1.3", "google-auth==2.62.2", "google-cloud-storage==3.17.1", "jupyterlab==4.6.6",
    "matplotlib==3.11.2", "moto==5.2.5", "networkx==3.6.1", "pandas==3.1.1", "paramiko==5.1.0", "requests==2.34.2",
    "scikit-learn==1.9.1", "scrapy==2.19.0", "sentry-sdk==2.75.0", "slack-sdk==3.47.0", "sphinx==9.0.4",
    "sqlalchemy==2.1.9", "stripe==16.1.0", "sympy==1.14.0", "tornado==6.6.1", "twilio==9.13.0", "twisted==26.10.0",
)  # fmt: skip
_NPM = (
    "axios@1.21.1", "eslint@10.15.0", "express@5.3.0", "jquery@4.0.0", "lodash@4.18.1", "moment@2.31.0",
    "mongoose@9.12.1", "react-dom@19.3.1", "stripe@23.1.0", "typescript@5.9.3", "vue@3.5.45", "webpack@5.112.2",
)  # fmt: skip

_MAX_BYTES = 20_000_000
_SNIFFED_BYTES = 8_000


@dataclass(frozen=True, slots=True)
class CleanFile:
    """A text file, its path below the folder that holds the packages, and its size in bytes."""

    path: str
    text: str
    n_bytes: int


@dataclass(frozen=True, slots=True)
class Noise:
    """What one scan of clean code came to."""

    megabytes: float
    n_lines: int
    n_certain: int
    n_possible: int
    cpu_s: float

    @property
    def certain_per_mb(self) -> float:
        """Findings a person would have to look at."""
        return self.n_certain / self.megabytes

    @property
    def possible_per_mb(self) -> float:
        """Findings that are only told."""
        return self.n_possible / self.megabytes


def clean_files() -> list[CleanFile]:
    """The standard library, this environment's packages, and popular ones from PyPI and npm; each file once."""
    folders = [Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_path("purelib"))]
    folders += filter(None, (python_packages("clean-python", _PYTHON), npm_packages("clean-npm", _NPM)))
    files: dict[tuple[str, int], CleanFile] = {}
    for folder in folders:
        for file in _text_files(folder):
            files.setdefault((file.path, file.n_bytes), file)
    return list(files.values())


def _text_files(folder: Path) -> Iterator[CleanFile]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if (
            parts[0] in {"site-packages", ".complete"}
            or "__pycache__" in parts
            or path.is_symlink()
            or not path.is_file()
        ):
            continue
        data = path.read_bytes()
        if len(data) <= _MAX_BYTES and b"\0" not in data[:_SNIFFED_BYTES]:
            yield CleanFile("/".join(parts), data.decode("utf-8", "replace"), len(data))


def scan_clean(files: list[CleanFile]) -> Noise:
    """Scan all of them, in this thread."""
    scan("password = 'x'", "warm.py")
    tiers: Counter[str] = Counter()
    before = time.process_time()
    for file in files:
        tiers.update(finding.tier for finding in scan(file.text, file.path))
    return Noise(
        megabytes=sum(file.n_bytes for file in files) / 1e6,
        n_lines=sum(file.text.count("\n") for file in files),
        n_certain=tiers["certain"],
        n_possible=tiers["possible"],
        cpu_s=time.process_time() - before,
    )


def write_sample(files: list[CleanFile], folder: Path, megabytes: float) -> list[CleanFile]:
    """Every so-manieth file, about so many megabytes in all, also written below `folder` for other scanners."""
    total = sum(file.n_bytes for file in files) / 1e6
    step = max(1, round(total / megabytes))
    sample = [file for file in files[::step] if file.n_bytes < 500_000]
    shutil.rmtree(folder, ignore_errors=True)
    for file in sample:
        place = folder / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(file.text, encoding="utf-8", newline="")
    return sample


if __name__ == "__main__":
    for clean_file in clean_files():
        for finding in scan(clean_file.text, clean_file.path):
            if finding.tier == "certain":
                print(f"{clean_file.path}:{finding.line + 1}  {finding.rule}  {finding.masked}")
