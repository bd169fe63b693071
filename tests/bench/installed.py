"""What the benches install for themselves from the registries: pinned, without dependencies, kept in .cache."""

import hashlib
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.corpus import CACHE

_UV = Path(sys.executable).with_name("uv")


def python_packages(name: str, requirements: Sequence[str]) -> Path | None:
    """A folder with these packages from PyPI; None, and a loud word, where they cannot be had."""

    def install(target: Path) -> None:
        _run([str(_UV), "pip", "install", "-q", "--no-deps", "--only-binary", ":all:", "--python", sys.executable,
              "--target", str(target), *requirements], target)  # fmt: skip

    return _kept(name, requirements, install)


def npm_packages(name: str, packages: Sequence[str]) -> Path | None:
    """A folder with these npm packages as published, nothing of them run; None where they cannot be had."""

    def install(target: Path) -> None:
        npm = shutil.which("npm")
        if npm is None:
            raise OSError("npm is not installed")
        _run([npm, "pack", "--silent", "--ignore-scripts", *packages], target)
        for archive in sorted(target.glob("*.tgz")):
            with tarfile.open(archive) as opened:
                opened.extractall(target / archive.stem, filter="data")
            archive.unlink()

    return _kept(name, packages, install)


def _kept(name: str, wanted: Sequence[str], install: Callable[[Path], None]) -> Path | None:
    """The folder from an earlier run with the same list, else a new one."""
    digest = hashlib.sha256("\n".join(wanted).encode()).hexdigest()[:10]
    target = CACHE / f"{name}-{digest}"
    if (target / ".complete").exists():
        return target
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    try:
        install(target)
    except (OSError, subprocess.CalledProcessError, tarfile.TarError) as error:
        shutil.rmtree(target, ignore_errors=True)
        detail = error.stderr.strip()[-500:] if isinstance(error, subprocess.CalledProcessError) else error
        print(f"MISSING: {name} could not be installed: {detail}", file=sys.stderr, flush=True)
        return None
    (target / ".complete").touch()
    return target


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, encoding="utf-8")
