"""Parser children: a file that hangs or kills its parser costs that file only."""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any

import psutil
import pytest
from worker.indexing import until

from victor_indexer import wire
from victor_indexer.errors import IndexerError
from victor_indexer.model import FileStatus, FoundFile, ParsedFile
from victor_indexer.pool import Limits, ParserPool

ODD_PARSER = (sys.executable, "-P", str(Path(__file__).with_name("odd_parser.py")))
LIMITS = Limits(file_cpu_s=1.0, file_wall_s=60.0, idle_s=60.0, look_every_s=0.05)


@pytest.fixture
def pool() -> Iterator[ParserPool]:
    pool = ParserPool(ODD_PARSER, size=1, limits=LIMITS)
    yield pool
    pool.close()


def write(root: Path, files: dict[str, str]) -> list[FoundFile]:
    for name, text in files.items():
        (root / name).write_text(text)
    infos = {name: (root / name).stat() for name in files}
    return [FoundFile(name, info.st_size, info.st_mtime_ns, info.st_ctime_ns) for name, info in infos.items()]


def parse(pool: ParserPool, root: Path, files: dict[str, str]) -> dict[str, ParsedFile]:
    found = write(root, files)
    batches = pool.parse_all(root, found, 1_000_000, lambda: False)
    return {parsed.path: parsed for batch in batches for parsed in batch}


def test_files_come_back_parsed(pool: ParserPool, tmp_path: Path) -> None:
    """Every file comes back once, with its symbols."""
    parsed = parse(pool, tmp_path, {"a.py": "def first(): ...\n", "b.py": "class Second: ...\n"})
    assert {path: [symbol.name for symbol in each.symbols] for path, each in parsed.items()} == {
        "a.py": ["first"],
        "b.py": ["Second"],
    }


def test_a_file_that_hangs_fails_alone(pool: ParserPool, tmp_path: Path) -> None:
    """The child is stopped after its budget of CPU time; the files before and after come through."""
    parsed = parse(pool, tmp_path, {"a.py": "a = 1\n", "b.py": "# please hang\n", "c.py": "c = 1\n"})
    assert {path: each.status for path, each in parsed.items()} == {
        "a.py": FileStatus.INDEXED,
        "b.py": FileStatus.FAILED,
        "c.py": FileStatus.INDEXED,
    }
    assert "stopped" in parsed["b.py"].error


def test_a_file_that_crashes_the_parser_fails_alone(pool: ParserPool, tmp_path: Path) -> None:
    """It is tried twice, then left out; the files before and after come through."""
    parsed = parse(pool, tmp_path, {"a.py": "a = 1\n", "b.py": "# please die\n", "c.py": "c = 1\n"})
    assert parsed["b.py"].status is FileStatus.FAILED
    assert parsed["a.py"].status is parsed["c.py"].status is FileStatus.INDEXED
    assert "crashed" in parsed["b.py"].error


def test_a_child_killed_from_outside_costs_nothing(pool: ParserPool, tmp_path: Path) -> None:
    """A file whose parser died once, for whatever reason, is simply parsed again."""
    parsed = parse(pool, tmp_path, {"please die once.txt": f"{tmp_path / 'marker'}\n", "c.py": "c = 1\n"})
    assert (tmp_path / "marker").exists()
    assert all(each.status is FileStatus.INDEXED for each in parsed.values())


def test_an_idle_child_that_was_killed_is_replaced(pool: ParserPool, tmp_path: Path) -> None:
    """The next job finds a new child."""
    parse(pool, tmp_path, {"a.py": "a = 1\n"})
    (pid,) = pool.pids()
    os.kill(pid, signal.SIGKILL)
    assert parse(pool, tmp_path, {"b.py": "b = 1\n"})["b.py"].status is FileStatus.INDEXED


def test_a_text_is_parsed_without_a_file(pool: ParserPool) -> None:
    """An unsaved buffer needs no file on disk."""
    parsed = pool.parse_text("new.py", "def drafted(): ...\n").result()
    assert [symbol.name for symbol in parsed.symbols] == ["drafted"]


def test_what_does_not_parse(pool: ParserPool) -> None:
    """A text is looked through for what its grammar cannot read, also where none can read it."""
    broken = pool.find_broken("new.py", "x = 1\nf(\n").result()
    assert [(each.start_line, each.kind) for each in broken.symbols] == [(1, "broken")]
    assert pool.find_broken("new.py", "x = 1\n").result().status is FileStatus.INDEXED
    assert pool.find_broken("new.unknown", "f(").result().status is FileStatus.SKIPPED


def test_cancelling_ends_the_work(pool: ParserPool, tmp_path: Path) -> None:
    """Once cancelled, no further batch is begun."""
    found = write(tmp_path, {f"f{n}.py": f"x = {n}\n" for n in range(300)})
    enough = threading.Event()
    n_parsed = 0
    for batch in pool.parse_all(tmp_path, found, 1_000_000, enough.is_set):
        n_parsed += len(batch)
        if batch:
            enough.set()
    assert 0 < n_parsed < 300


def test_a_file_that_hangs_does_not_keep_who_gives_up(pool: ParserPool, tmp_path: Path) -> None:
    """Whoever waits for files is asked now and then whether to go on, and can leave before the parser is done."""
    found = write(tmp_path, {"a.py": f"# please wait for {tmp_path / 'never'}\n"})
    looks = iter([False, False, False, True])
    assert [*pool.parse_all(tmp_path, found, 1_000_000, lambda: next(looks))] == [[], [], []]


def test_one_slow_file_does_not_hold_up_the_others(tmp_path: Path) -> None:
    """Batches come as they are done: the second child goes on while the first one is busy."""
    pool = ParserPool(ODD_PARSER, size=2, limits=LIMITS)
    try:
        slow = {"a.py": f"# please wait for {tmp_path / 'go'}\n" + "#" * 400_000}
        found = write(tmp_path, {**slow, **{f"b{n}.py": "#" * 100_000 for n in range(40)}})
        seen: set[str] = set()
        for batch in pool.parse_all(tmp_path, found, 1_000_000, lambda: False):
            seen |= {parsed.path for parsed in batch}
            if len(seen) == 40:
                (tmp_path / "go").touch()
        assert len(seen) == 41
    finally:
        (tmp_path / "go").touch()
        pool.close()


def test_closing_ends_children_and_jobs(tmp_path: Path) -> None:
    """Whoever waits hears that the pool is closed; the child that is busy ends, and none is started after it."""
    pool = ParserPool(ODD_PARSER, size=1, limits=Limits())
    found = write(tmp_path, {"a.py": f"# please wait for {tmp_path / 'never'}\n"})
    busy = pool.parse_now(tmp_path, found, 1_000_000)
    until(pool.pids)
    child = psutil.Process(pool.pids()[0])
    waiting: list[Future[Any]] = [
        pool.parse_now(tmp_path, found, 1_000_000),
        pool.parse_text("b.py", "b = 1\n"),
    ]
    pool.close()
    waiting.append(pool.parse_text("c.py", "c = 1\n"))
    with pytest.raises((IndexerError, CancelledError)):
        busy.result(timeout=30)
    for answer in waiting:
        with pytest.raises(CancelledError):
            answer.result(timeout=30)
    child.wait(timeout=30)
    assert pool.pids() == []
    assert [each for each in psutil.Process().children() if ODD_PARSER[-1] in each.cmdline()] == []
    assert [each for each in threading.enumerate() if each.name == "victor-parser"] == []


def test_a_text_that_nobody_wants_any_more_is_not_parsed(
    pool: ParserPool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Newer keystrokes take older ones back, before, while and after they are parsed."""
    with caplog.at_level(logging.ERROR):
        gate = tmp_path / "gate"
        first = pool.parse_text("a.py", f"# please wait for {gate}\n")
        until(pool.pids)
        overtaken = pool.parse_text("b.py", "def b(): ...\n")
        assert overtaken.cancel()
        first.cancel()
        gate.touch()
        assert pool.parse_text("c.py", "c = 1\n").result(timeout=60).path == "c.py"
    assert caplog.records == []


def test_a_parser_that_cannot_start_is_no_file_s_fault(tmp_path: Path) -> None:
    """Where no child comes up (a broken installation, no memory), the job fails, and no file is marked for it."""
    pool = ParserPool([sys.executable, "-c", "raise SystemExit(3)"], size=1, limits=LIMITS)
    try:
        with pytest.raises(IndexerError, match="parser"):
            parse(pool, tmp_path, {"a.py": "a = 1\n", "b.py": "b = 1\n"})
    finally:
        pool.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no timer of a process's CPU time")
def test_a_child_that_hangs_ends_without_its_worker(tmp_path: Path) -> None:
    """A worker that was killed while a file hung leaves no process behind that spins for ever."""
    write(tmp_path, {"a.py": "# please hang\n"})
    with subprocess.Popen([*ODD_PARSER, "0.5"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        wire.write_message(child.stdin, ["files", str(tmp_path), [["a.py", 14, 0, 0]], 1_000_000])  # type: ignore[arg-type]  # IO[bytes] of a Popen is a BinaryIO
        child.stdin.close()
        assert child.wait(timeout=60) == -signal.SIGPROF
