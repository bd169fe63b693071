"""Helpers of the worker's tests: a client with its worker, small trees, and a full look at what lies on disk."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from victor_indexer import scan
from victor_indexer.client import IndexClient, OnEvent, WorkerCommand
from victor_indexer.ingest import CHUNKER_VERSION, PARSER_VERSION
from victor_indexer.manifest import Versions, open_manifest
from victor_indexer.storage import index_folder
from victor_indexer.store import open_store
from victor_server.secrets.redaction.stored import REDACTION_VERSION

OPTIONS = {"max_file_bytes": 1_000_000, "exclude": []}


def worker_command(home: Path, *, leave_after_s: float = 30) -> WorkerCommand:
    """The real worker's command line; it leaves soon after its last client."""
    words = [sys.executable, "-P", "-m", "victor_server.compose.worker", "--home", str(home)]
    words += ["--index", str(home / "index"), "--parsers", "1", "--leave-after", str(leave_after_s)]
    return WorkerCommand(words)


@contextmanager
def connected(
    home: Path, on_event: OnEvent | None = None, *, leave_after_s: float = 30
) -> Iterator[IndexClient]:
    """A client of the worker of `home`."""
    client = IndexClient(home, worker_command(home, leave_after_s=leave_after_s), on_event)
    try:
        yield client
    finally:
        client.close()


def write_tree(root: Path, files: dict[str, str]) -> Path:
    """Write `files` (path → text) below `root`."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


def index(client: IndexClient, root: Path, *, rebuild: bool = False) -> dict[str, Any]:
    """Bring the index of `root` up to date; returns what `victor index --json` would print."""
    asked = {"root": str(root), "rebuild": rebuild, "pid": os.getpid(), "spawned": False, "options": OPTIONS}
    summary: dict[str, Any] = client.ask("wait", **asked).result(timeout=120)
    return summary


def open_live(client: IndexClient, root: Path) -> None:
    """Open `root` as an editor does."""
    client.keep(("open", str(root)), "open", root=str(root), options=OPTIONS).result(timeout=60)


def found(client: IndexClient, root: Path, query: str) -> list[str]:
    """The symbols of the hits for `query`, or the paths where a hit has no symbol."""
    answer = client.ask("search", root=str(root), query=query, k=5).result(timeout=60)
    return [hit["symbol"] or hit["path"] for hit in answer["hits"]]


def end_worker(client: IndexClient, home: Path) -> None:
    """End the worker in order and wait until it is gone."""
    pid = client.ask("ping").result(timeout=60)["pid"]
    process = psutil.Process(pid)
    client.ask("end")
    client.close()
    process.wait(timeout=30)


def ended(program: str, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a Python program that can import the tests' helpers, to its end."""
    tests = str(Path(__file__).parents[1])
    start = f"import sys; sys.path.insert(0, {tests!r})\n{program}"
    return subprocess.run(
        [sys.executable, "-P", "-c", start, *words],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
    )


def workers_of(home: Path) -> list[int]:
    """The index workers of this home."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if "victor_server.compose.worker" in words and str(home) in words:
            found.append(process.pid)
    return found


def assert_whole(home: Path, root: Path) -> None:
    """Table, manifest and tree agree: nothing lost, nothing double. The worker must be gone."""
    folder = index_folder(home / "index", root)
    versions = Versions(PARSER_VERSION, CHUNKER_VERSION, REDACTION_VERSION)
    manifest = open_manifest(folder / "manifest.sqlite")
    store = open_store(folder / "table")
    try:
        assert store.verify(manifest.chunk_counts()) == []
        stamps = manifest.stamps(versions)
        files = {file.path: (file.size, file.mtime_ns) for file in scan.scan(root).files}
        assert {path: (stamp.size, stamp.mtime_ns) for path, stamp in stamps.items()} == files
        assert all(stamp.current for stamp in stamps.values())
    finally:
        store.close()
        manifest.close()


def until(condition: Callable[[], Any], within_s: float = 60) -> Any:
    """Ask again until `condition` holds; what it waits for happens in another process and makes no sound."""
    import time

    give_up = time.monotonic() + within_s
    while not (value := condition()):
        assert time.monotonic() < give_up, "did not happen in time"
        time.sleep(0.02)
    return value
