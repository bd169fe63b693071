"""Trees to measure on, made from what every installation has: the standard library and the installed packages."""

import shutil
import sysconfig
from collections.abc import Iterator
from pathlib import Path

CACHE = Path(__file__).parents[2] / ".cache" / "bench"

_SUFFIXES = frozenset(
    {".py", ".pyi", ".c", ".h", ".hpp", ".js", ".ts", ".rs", ".sh", ".md", ".rst", ".toml", ".txt"}
)


def source_tree(n_lines: int) -> Path:
    """Return a folder with at least `n_lines` lines of source; kept in .cache between runs."""
    target = CACHE / f"source-{n_lines}"
    if (target / ".complete").exists():
        return target
    shutil.rmtree(target, ignore_errors=True)
    total = 0
    for folder, path in _sources():
        data = path.read_bytes()
        place = target / folder.name / path.relative_to(folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        total += data.count(b"\n")
        if total >= n_lines:
            break
    else:
        raise SystemExit(f"only {total:,} lines of source are installed; {n_lines:,} are wanted")
    (target / ".complete").touch()
    return target


def many_files(n_files: int) -> Path:
    """Return a folder with `n_files` small files in folders of 100; kept in .cache between runs."""
    target = CACHE / f"files-{n_files}"
    if (target / ".complete").exists():
        return target
    shutil.rmtree(target, ignore_errors=True)
    for number in range(n_files):
        folder = target / f"part{number // 5000:02d}" / f"group{number // 100 % 50:02d}"
        if number % 100 == 0:
            folder.mkdir(parents=True, exist_ok=True)
        text = f'"""Module {number}."""\n\n\ndef task_{number}(amount: int) -> int:\n    return amount + {number}\n'
        (folder / f"module_{number}.py").write_text(text, encoding="utf-8")
    (target / ".complete").touch()
    return target


def count_lines(folder: Path) -> int:
    """Return the number of lines in all files below `folder`."""
    return sum(path.read_bytes().count(b"\n") for path in folder.rglob("*") if path.is_file())


def _sources() -> Iterator[tuple[Path, Path]]:
    stdlib = Path(sysconfig.get_path("stdlib"))
    packages = Path(sysconfig.get_path("purelib"))
    for path in sorted(stdlib.rglob("*")):
        if _is_source(path) and "site-packages" not in path.parts:
            yield stdlib, path
    for path in sorted(packages.rglob("*")):
        if _is_source(path):
            yield packages, path


def _is_source(path: Path) -> bool:
    return path.suffix in _SUFFIXES and path.is_file() and path.stat().st_size < 1_000_000
