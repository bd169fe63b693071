"""What it costs to judge a call: command lines of every kind, under the rules of the table, beside starting a process."""

import statistics
import subprocess
import time
from pathlib import Path

from bench.figures import Figure, percentile
from permissions_judged import PRIVATE, ROOT, of_command, of_file, rules_of

from victor_server.agent.permissions.ruleset import Ruleset

_TABLE = Path(__file__).parents[1] / "permissions"
_N_ROUNDS = 3


def measure(folder: Path) -> list[Figure]:
    """The figures, with rules in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    rules = rules_of(folder, (_TABLE / "rules.yaml").read_text("utf-8"))
    rows = (_TABLE / "table.txt").read_text("utf-8").splitlines()[4:]
    lines = [row.split(maxsplit=1)[1].replace("⏎", "\n") for row in rows if row and not row.startswith("# ")]
    spent = [min(_cpu_ms(line, rules) for _ in range(_N_ROUNDS)) for line in lines]
    PRIVATE.why("a")
    begun = time.process_time()
    for number in range(200):
        of_file("read_file", "read", ROOT / f"src/{number}.py", rules)
    file_ms = (time.process_time() - begun) / 200 * 1e3
    peer = f"starting `true`: {_process_ms():.1f} ms"
    return [
        Figure("permissions: a command line judged, CPU p50", statistics.median(spent), "ms", 5, peer),
        Figure("permissions: a command line judged, CPU p95", percentile(spent, 95), "ms", 15, peer),
        Figure("permissions: a file judged, CPU", file_ms, "ms", 2, peer),
    ]


def _cpu_ms(line: str, rules: Ruleset) -> float:
    begun = time.process_time()
    of_command(line, rules)
    return (time.process_time() - begun) * 1e3


def _process_ms() -> float:
    begun = time.perf_counter()
    for _ in range(20):
        subprocess.run(["true"], check=True)
    return (time.perf_counter() - begun) / 20 * 1e3
