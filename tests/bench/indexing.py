"""Building the index of a million lines, finding nothing to do in 50,000 files, and asking."""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.corpus import count_lines, many_files, source_tree
from bench.figures import Figure

N_LINES = 1_000_000
N_FILES = 50_000
N_BUILDS = 3
_VICTOR = (sys.executable, "-P", "-c", "from victor_server.cli.main import main; main()")


def measure(scratch: Path) -> list[Figure]:
    """Index with `victor index --json`, as a person would, and universal-ctags on the same tree.

    The cheapest of a few builds counts: what else runs on a shared machine only ever adds, to CPU time too, for
    caches are shared. The peer that shows by how much is the bare parse of the same files.
    """
    tree = source_tree(N_LINES)
    builds = []
    for number in range(N_BUILDS):
        home = scratch / f"home{number}"
        home.mkdir(parents=True)
        builds.append(_index(tree, home))
    built = min(builds, key=lambda build: float(build["cpu_seconds"]))
    millions = built["lines"] / 1e6
    source_bytes = built["bytes"]
    figures = [
        Figure("index, CPU s per 1 M lines", built["cpu_seconds"] / millions, "s", 15, _ctags(tree)),
        Figure("index, CPU s, of that bare parsing", _bare_parse(tree) / millions, "s", None, _range(builds)),
        Figure("index, wall s per 1 M lines", built["wall_seconds"] / millions, "s"),
        Figure("index, peak memory of all processes", built["peak_rss_mb"], "MB", 600),
        Figure(
            "index on disk / source",
            built["index_bytes"] / source_bytes,
            "x",
            2,
            f"{source_bytes / 1e6:.0f} MB of source",
        ),
    ]
    return figures + _nothing_changed(scratch)


def _nothing_changed(scratch: Path) -> list[Figure]:
    home = scratch / "home-many"
    home.mkdir(parents=True)
    tree = many_files(N_FILES)
    first = _index(tree, home)
    walls = []
    for _ in range(3):
        started = time.perf_counter()
        again = _index(tree, home)
        walls.append(time.perf_counter() - started)
    peer = f"first run {first['wall_seconds']:.1f} s"
    return [
        Figure("nothing changed in 50,000 files, whole command", statistics.median(walls), "s", 2.0, peer),
        Figure("nothing changed, CPU of all processes", again["cpu_seconds"], "s"),
    ]


def _index(tree: Path, home: Path) -> dict[str, Any]:
    environment = {**os.environ, "VICTOR_HOME": str(home)}
    done = subprocess.run(
        [*_VICTOR, "index", str(tree), "--json"], env=environment, check=True, capture_output=True, text=True
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _ctags(tree: Path) -> str:
    """What universal-ctags spends on the same tree; it finds symbols only, and writes one file."""
    program = shutil.which("ctags-universal") or shutil.which("ctags")
    if program is None:
        return "universal-ctags is not installed (Debian: apt-get install universal-ctags)"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([program, "-R", "-f", os.devnull, str(tree)], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return f"universal-ctags, symbols only: {cpu_s / (count_lines(tree) / 1e6):.1f} s"


def _bare_parse(tree: Path) -> float:
    """CPU seconds that the grammars alone take for the Python files, scaled to all lines."""
    import tree_sitter
    import tree_sitter_python

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_python.language()))
    texts = [path.read_bytes() for path in sorted(tree.rglob("*.py"))]
    started = time.process_time()
    for text in texts:
        parser.parse(text)
    spent = time.process_time() - started
    return spent * count_lines(tree) / sum(text.count(b"\n") for text in texts)


def _range(builds: list[dict[str, Any]]) -> str:
    spent = sorted(float(build["cpu_seconds"]) for build in builds)
    return f"builds took {spent[0]:.1f} to {spent[-1]:.1f} s"
