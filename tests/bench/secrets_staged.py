"""A commit hook is waited for: the CPU time of a cold `victor scan-secrets --staged` beside importing typer."""

import resource
import statistics
import subprocess
import sys
from pathlib import Path

_RUNS = 9
_N_FILES = 6
_VICTOR = Path(sys.executable).with_name("victor")


def measure_staged(folder: Path) -> tuple[float, float, float]:
    """CPU milliseconds of the scan and of `import typer`, medians of pairs, and the median of their ratios."""
    _make_repository(folder)
    scan = [str(_VICTOR), "scan-secrets", "--staged"]
    typer = [sys.executable, "-c", "import typer"]
    _cpu_ms(scan, folder), _cpu_ms(typer, folder)  # compiled modules and the file cache are warm from here on
    pairs = [(_cpu_ms(scan, folder), _cpu_ms(typer, folder)) for _ in range(_RUNS)]
    ours, theirs = zip(*pairs, strict=True)
    return statistics.median(ours), statistics.median(theirs), statistics.median(a / b for a, b in pairs)


def _make_repository(folder: Path) -> None:
    """A usual commit: some files changed in a few places, one of them new."""
    folder.mkdir(parents=True)
    _git(folder, "init", "-q")
    for number in range(_N_FILES - 1):
        (folder / f"module_{number}.py").write_text(_module(number), encoding="utf-8")
    _git(folder, "add", ".")
    _git(folder, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "Begin")
    for number in range(_N_FILES):
        text = _module(number).replace("amount + 7", "amount * 7\n    token = next(tokens)")
        (folder / f"module_{number}.py").write_text(text, encoding="utf-8")
    _git(folder, "add", ".")


def _module(number: int) -> str:
    functions = (
        f"def task_{number}_{n}(amount: int) -> int:\n    return amount + {n}\n\n\n" for n in range(60)
    )
    return f'"""Module {number}."""\n\n' + "".join(functions)


def _git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-c", "core.fsmonitor=false", *words], cwd=folder, check=True, capture_output=True)


def _cpu_ms(command: list[str], folder: Path) -> float:
    """Of the command and of what it starts."""
    before = _children_s()
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode()[-500:]}")
    return (_children_s() - before) * 1000


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
