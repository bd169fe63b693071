"""Searching a million lines: fresh, and after a thousand saves of single files.

    python -P tests/bench/search_bench.py FOLDER      the figures of one tree as JSON

Everything happens in one process, as in the worker: the table, the manifest, retrieval and ranking.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import psutil
from bench.corpus import source_tree
from bench.figures import Figure, percentile
from bench.search_quality import NAMES, QUESTIONS, VERSIONS, source_files

from victor_indexer.ingest import parse_file
from victor_indexer.manifest import Manifest, open_manifest
from victor_indexer.model import ParsedFile
from victor_indexer.search import search
from victor_indexer.store import Store, open_store

N_LINES = 1_000_000
N_SAVES = 1_000
_BATCH_BYTES = 8_000_000
_PASSES = 4
"""The best pass counts: what other programs take in the others is not ours."""


def measure(scratch: Path) -> list[Figure]:
    """Measure in a process of its own, so that its memory is its own."""
    tree = source_tree(N_LINES)
    command = [sys.executable, "-P", __file__, str(tree)]
    environment = {**os.environ, "MALLOC_ARENA_MAX": "2", "TMPDIR": str(scratch)}
    scratch.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    worn = max(found["worn_p50"] / found["p50"], found["worn_p95"] / found["p95"])
    return [
        Figure("query at 1 M lines, p50", found["p50"], "ms", 20, _grep(tree)),
        Figure("query at 1 M lines, p95", found["p95"], "ms", 60),
        Figure("query after 1,000 saves / fresh (the worse of p50 and p95)", worn, "x", 1.5),
        Figure("commit of one saved file, p95", found["commit_p95"], "ms"),
        Figure("table and manifest, CPU s per 1 M lines", found["store_cpu_s"], "s"),
        Figure("table and search, peak memory", found["peak_mb"], "MB", 430),
        Figure(
            "files on disk after 1,000 saves and upkeep / fresh", found["worn_files"] / found["files"], "x"
        ),
        Figure(
            "bytes on disk after 1,000 saves and upkeep / fresh", found["worn_bytes"] / found["bytes"], "x"
        ),
    ]


def run(tree: Path) -> dict[str, float]:
    """Build, ask, save a thousand times, ask again."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        store, manifest = open_store(folder / "table"), open_manifest(folder / "manifest.db")
        found = {"store_cpu_s": _build(tree, store, manifest), "peak_mb": _peak_mb()}
        found |= _on_disk(folder, "") | _ask(tree, store, manifest, "")
        found["commit_p95"] = _save_often(tree, store, manifest)
        found |= _ask(tree, store, manifest, "worn_")
        if store.optimize_due(idle_s=3_600):
            store.optimize()
        found |= _on_disk(folder, "worn_")
        found["peak_mb"] = max(found["peak_mb"], _peak_mb())
        store.close()
        manifest.close()
    return found


def _build(tree: Path, store: Store, manifest: Manifest) -> float:
    """Index the whole tree; returns the CPU seconds spent on storage alone."""
    spent = 0.0
    for batch in _batches(parse_file(tree, file, _unredacted) for file in source_files(tree)):
        spent += _cpu_s_of(lambda batch=batch: _commit(store, manifest, batch))  # type: ignore[misc]  # bound early
    return spent + _cpu_s_of(store.optimize)


def _batches(parsed: Iterator[ParsedFile]) -> Iterator[list[ParsedFile]]:
    batch: list[ParsedFile] = []
    size = 0
    for file in parsed:
        batch.append(file)
        size += file.size
        if size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    yield batch


def _commit(store: Store, manifest: Manifest, batch: Sequence[ParsedFile]) -> None:
    store.replace(batch, [])
    manifest.record(batch, [], VERSIONS)


def _save_often(tree: Path, store: Store, manifest: Manifest) -> float:
    """Commit single files as saves do, with the upkeep the worker would see to; returns the p95 in ms."""
    random_ = random.Random(1)
    files = random_.sample(list(source_files(tree)), N_SAVES)
    took = []
    for number, file in enumerate(files):
        parsed = parse_file(tree, replace(file, mtime_ns=number), _unredacted)
        started = time.perf_counter()
        _commit(store, manifest, [parsed])
        took.append((time.perf_counter() - started) * 1000)
        if store.optimize_due(idle_s=0):
            store.optimize()
    return percentile(took, 95)


def _ask(tree: Path, store: Store, manifest: Manifest, prefix: str) -> dict[str, float]:
    queries = [line.partition(" | ")[0] for line in (QUESTIONS + NAMES).splitlines() if line]
    passes = [_took_ms(queries, tree, store, manifest) for _ in range(_PASSES)]
    return {f"{prefix}p{percent}": min(percentile(took, percent) for took in passes) for percent in (50, 95)}


def _took_ms(queries: Sequence[str], tree: Path, store: Store, manifest: Manifest) -> list[float]:
    took = []
    for query in queries:
        started = time.perf_counter()
        search(query, k=10, root=tree, store=store, manifest=manifest)
        took.append((time.perf_counter() - started) * 1000)
    return took


def _on_disk(folder: Path, prefix: str) -> dict[str, float]:
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return {f"{prefix}files": len(sizes), f"{prefix}bytes": sum(sizes)}


def _cpu_s_of(action: Callable[[], None]) -> float:
    started = time.process_time()
    action()
    return time.process_time() - started


def _peak_mb() -> float:
    memory = psutil.Process().memory_info()
    return float(getattr(memory, "peak_wset", 0) or _high_water_bytes() or memory.rss) / 1e6


def _high_water_bytes() -> int:
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    line = next(line for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def _unredacted(text: str, path: str) -> str:
    return text


def _grep(tree: Path) -> str:
    """What the plain tool takes to list the files that hold one word."""
    program = shutil.which("rg") or shutil.which("grep")
    if program is None:
        return ""
    arguments = ["-rl", "timeout", str(tree)] if program.endswith("grep") else ["-l", "timeout", str(tree)]
    started = time.perf_counter()
    subprocess.run([program, *arguments], check=False, capture_output=True)
    return f"{Path(program).name}, one word, all files: {(time.perf_counter() - started) * 1000:.0f} ms"


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(Path(sys.argv[1]))) + "\n")
