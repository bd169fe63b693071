"""Parser children: a file that hangs or kills its parser costs that file only."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

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
    return {parsed.path: parsed for parsed in pool.parse_all(root, found, 1_000_000, lambda: False)}


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


def test_cancelling_ends_the_work(pool: ParserPool, tmp_path: Path) -> None:
    """Once cancelled, no further batch is begun."""
    found = write(tmp_path, {f"f{n}.py": f"x = {n}\n" for n in range(300)})
    answers = pool.parse_all(tmp_path, found, 1_000_000, Once())
    assert 0 < len(list(answers)) < 300


class Once:
    """Not cancelled at the first look, cancelled ever after."""

    def __init__(self) -> None:
        self.looked = False

    def __call__(self) -> bool:
        before, self.looked = self.looked, True
        return before
