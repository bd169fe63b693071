"""How long an editor waits for the server, and what the server weighs, beside a bare pygls server."""

import statistics
import time
from pathlib import Path

import psutil
from bench.bare import BARE
from bench.figures import Figure
from editor import SERVER, Editor

_RUNS = 9

MAX_RATIO = 1.3
MAX_RSS_MB = 100.0


def measure(scratch: Path) -> list[Figure]:
    """Start both in turn; medians of spawn → answer to initialize, their ratio pair by pair, and memory."""
    root = scratch / "root"
    root.mkdir(parents=True)
    (root / "a.py").write_text("a = 1\n", encoding="utf-8")
    _start(SERVER, root, scratch / "home")  # compiled modules and the file cache are warm from here on
    pairs = [
        (_start(SERVER, root, scratch / "home"), _start(BARE, root, scratch / "home")) for _ in range(_RUNS)
    ]
    ours, bare = zip(*pairs, strict=True)
    wall = statistics.median(each.wall_s for each in ours)
    bare_wall = statistics.median(each.wall_s for each in bare)
    ratio = statistics.median(a.wall_s / b.wall_s for a, b in pairs)
    cpu_ratio = statistics.median(a.cpu_s / b.cpu_s for a, b in pairs)
    return [
        Figure(
            "start-up, spawn to initialize", wall * 1000, "ms", None, f"bare pygls {bare_wall * 1000:,.0f} ms"
        ),
        Figure("start-up, ratio to bare pygls", ratio, "x", MAX_RATIO, f"by CPU time {cpu_ratio:.2f} x"),
        Figure(
            "server memory after a first save",
            max(each.rss_mb for each in ours),
            "MB",
            MAX_RSS_MB,
            f"bare pygls {max(each.rss_mb for each in bare):,.0f} MB",
        ),
    ]


class _start:  # noqa: N801 reads as the verb that it is: one start, and what it took
    def __init__(self, command: tuple[str, ...], root: Path, home: Path) -> None:
        started = time.perf_counter()
        editor = Editor(root, home=home, command=command)
        editor.initialize()
        self.wall_s = time.perf_counter() - started
        process = psutil.Process(editor.process.pid)
        times = process.cpu_times()
        self.cpu_s = times.user + times.system
        if command is SERVER:
            path = root / "a.py"
            editor.open(path, "a = 1\n")
            editor.save(path, "a = 1\n")
            editor.wait_until(lambda: editor.received("textDocument/publishDiagnostics"))
        self.rss_mb = process.memory_info().rss / 1e6
        editor.kill()
