"""The manifest knows every file and symbol, all of a file or nothing, and refuses what it does not know."""

import sqlite3
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from indexer_stored import VERSIONS, parsed

from victor_indexer.errors import DiskFull, StoreUnreadable
from victor_indexer.manifest import Manifest, Stamp, Versions, match_symbols, open_manifest
from victor_indexer.manifest.database import translate
from victor_indexer.model import FileStatus, FoundFile, ParsedFile, SkippedFile


@pytest.fixture
def manifest(tmp_path: Path) -> Iterator[Manifest]:
    opened = open_manifest(tmp_path / "manifest.db")
    yield opened
    opened.close()


def record(manifest: Manifest, *files: ParsedFile, removed: tuple[str, ...] = ()) -> None:
    manifest.record(files, removed, VERSIONS)


def names(manifest: Manifest, query: str, limit: int = 10) -> list[str]:
    """Return the names found for a query, in order."""
    return [located.symbol.name for located in manifest.find_symbols(query, limit)]


def test_gives_back_what_was_recorded(manifest: Manifest) -> None:
    """A file's row, its symbols and its versions come back as they were given."""
    file = parsed("a/b.py", "class Door:\n    def close(self): pass", mtime_ns=123_456_789_012_345_678)
    record(manifest, file)
    known = manifest.file("a/b.py")
    assert known is not None
    assert (known.status, known.size, known.mtime_ns, known.language) == (
        FileStatus.INDEXED,
        37,
        file.mtime_ns,
        "python",
    )
    assert (known.content_hash, known.lines, known.chunks, known.symbols) == (file.content_hash, 2, 1, 2)
    assert (known.versions, known.error, known.reason) == (VERSIONS, "", "")
    assert known.indexed_at > 0
    assert manifest.symbols_of("a/b.py") == list(file.symbols)
    assert manifest.file("nowhere.py") is None
    assert manifest.symbols_of("nowhere.py") == []


def test_stamps_tell_what_to_look_at_again(manifest: Manifest) -> None:
    """Every file looked at has a stamp; other versions make it out of date."""
    record(manifest, parsed("a.py", "x"), ParsedFile("b.bin", FileStatus.SKIPPED, size=9, reason="binary"))
    other = Versions("parser-2", "chunker-1", "redaction-1")
    assert manifest.stamps(VERSIONS) == {"a.py": Stamp(1, 1, 1, True), "b.bin": Stamp(9, 0, 0, True)}
    assert manifest.stamps(other) == {"a.py": Stamp(1, 1, 1, False), "b.bin": Stamp(9, 0, 0, False)}
    manifest.record([parsed("a.py", "x")], [], other)
    assert {path: stamp.current for path, stamp in manifest.stamps(other).items()} == {
        "a.py": True,
        "b.bin": False,
    }
    manifest.restamp([FoundFile("a.py", 1, 77, 78), FoundFile("never-seen.py", 1, 1, 1)])
    assert manifest.stamps(other)["a.py"] == Stamp(1, 77, 78, True)
    assert len(manifest.stamps(other)) == 2


def test_a_file_is_replaced_whole(manifest: Manifest) -> None:
    """New symbols take the place of the old ones; a removed file leaves none."""
    record(manifest, parsed("a.py", "def one(): pass\ndef two(): pass"), parsed("b.py", "def three(): pass"))
    record(manifest, parsed("a.py", "def four(): pass"), removed=("b.py", "never-seen.py"))
    assert [symbol.name for symbol in manifest.symbols_of("a.py")] == ["four"]
    assert (names(manifest, "three"), names(manifest, "two"), names(manifest, "four")) == ([], [], ["four"])
    assert manifest.paths() == ["a.py"]
    assert manifest.chunk_counts() == {"a.py": 1}


def test_a_batch_is_all_or_nothing(manifest: Manifest) -> None:
    """A batch that fails on its way leaves everything as it was."""
    record(manifest, parsed("a.py", "def one(): pass"))
    broken = parsed("b.py", "def two(): pass")
    object.__setattr__(broken, "symbols", (*broken.symbols, None))
    with pytest.raises(AttributeError):
        record(manifest, parsed("a.py", "def other(): pass"), broken)
    assert (names(manifest, "one"), names(manifest, "other"), names(manifest, "two")) == (["one"], [], [])
    record(manifest, parsed("c.py", "def three(): pass"))
    assert names(manifest, "three") == ["three"]


def test_counts_and_totals(manifest: Manifest) -> None:
    """Sums are of indexed files; what was skipped is counted by reason, errors are listed."""
    failed = ParsedFile("bad.py", FileStatus.FAILED, size=5, error="the parser crashed")
    odd = ParsedFile("odd.py", FileStatus.INDEXED, size=4, lines=1, error="not UTF-8")
    record(manifest, parsed("a.py", "def one(): pass", "x\ny"), failed, odd)
    record(manifest, ParsedFile("c.bin", FileStatus.SKIPPED, reason="binary", rule="NUL byte"))
    manifest.record_skipped(
        [SkippedFile("d.py", "ignored", ".gitignore:1"), SkippedFile("e.bin", "binary", "")]
    )
    totals = manifest.totals()
    assert (totals.files, totals.lines, totals.bytes, totals.chunks, totals.symbols) == (2, 4, 22, 2, 1)
    assert totals.skipped == {"binary": 2, "ignored": 1}
    assert totals.errors == (("bad.py", "the parser crashed"), ("odd.py", "not UTF-8"))
    assert manifest.counts() == {FileStatus.INDEXED: 2, FileStatus.FAILED: 1, FileStatus.SKIPPED: 1}


def test_remembers_why_files_were_left_out(manifest: Manifest) -> None:
    """The walk's set is replaced as a whole; a folder's reason answers for what lies below."""
    manifest.record_skipped(
        [SkippedFile("a.log", "ignored", "*.log"), SkippedFile("build/", "ignored", "build/")]
    )
    manifest.record_skipped(
        [SkippedFile("build/", "ignored", "/build"), SkippedFile(".env", "secret", "name")]
    )
    record(manifest, ParsedFile("c.bin", FileStatus.SKIPPED, reason="binary", rule="NUL byte"))
    expected = [SkippedFile(".env", "secret", "name"), SkippedFile("build/", "ignored", "/build")]
    assert manifest.skipped() == [*expected, SkippedFile("c.bin", "binary", "NUL byte")]
    assert manifest.why_skipped("build/deep/x.o") == SkippedFile("build/", "ignored", "/build")
    assert manifest.why_skipped("builder.py") is None


def test_a_flood_of_ignored_files_is_counted_not_kept(
    manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond a number for each reason only the count goes on."""
    monkeypatch.setattr("victor_indexer.manifest._MAX_SKIPPED_PER_REASON", 10)
    manifest.record_skipped(SkippedFile(f"{n}.pyc", "ignored", "*.pyc") for n in range(50))
    assert len(manifest.skipped()) == 10
    assert manifest.totals().skipped == {"ignored": 50}


SYMBOLS = """def parse_config(): pass
def parseConfigFile(): pass
def reparse(): pass
def PARSE(): pass
def parse(): pass
def unrelated(): pass
class Table:
    def open(self): pass
def open(): pass
def config_parse(): pass
def p_a_r_s_e(): pass
def caf\u00e9(): pass
def p100(): pass"""


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "parse",
            ["parse", "PARSE", "parse_config", "parseConfigFile", "config_parse", "reparse", "p_a_r_s_e"],
        ),
        (
            "PARSE",
            ["PARSE", "parse", "parse_config", "parseConfigFile", "config_parse", "reparse", "p_a_r_s_e"],
        ),
        ("prsconf", ["parse_config", "parseConfigFile"]),
        ("Table.open", ["open"]),
        ("Table::op", ["open"]),
        ("CAF\u00c9", ["caf\u00e9"]),
        ("%", []),
        ("p%", []),
        ("_", ["parse_config", "config_parse", "p_a_r_s_e"]),
        ("'; drop table symbols; --", []),
        ("", []),
        ("   ", []),
        ("x" * 500, []),
    ],
)
def test_finds_symbols_as_they_are_typed(manifest: Manifest, query: str, expected: list[str]) -> None:
    """Exact, then prefix, then the start of a word, then anywhere, then scattered letters; marks are plain letters."""
    record(manifest, parsed("a.py", SYMBOLS))
    found = manifest.find_symbols(query, 20)
    if query == "_":
        assert sorted(located.symbol.name for located in found) == sorted(expected)
    else:
        assert [located.symbol.name for located in found] == expected
    assert match_symbols(query, found, 20) == found
    assert {located.symbol.container for located in found} <= (
        {"Table"} if query.startswith("Table") else {"", "Table"}
    )


def test_many_symbols_keep_the_best(manifest: Manifest) -> None:
    """A limit takes the best, even where thousands match."""
    record(manifest, parsed("many.py", "\n".join(f"def parse_{n}(): pass" for n in range(3_000))))
    record(manifest, parsed("one.py", "def parse(): pass"))
    assert names(manifest, "parse", 3)[0] == "parse"
    assert len(names(manifest, "parse", 3)) == 3
    assert names(manifest, "parse", 0) == []


def test_definitions_by_exact_name(manifest: Manifest) -> None:
    """Names are looked up whole, letter case apart."""
    record(manifest, parsed("a.py", SYMBOLS))
    found = manifest.definitions(["PARSE", "table", "pars"], 10)
    assert sorted(located.symbol.name for located in found) == ["PARSE", "Table", "parse"]
    assert manifest.definitions([], 10) == []


def test_survives_being_opened_again(tmp_path: Path) -> None:
    """What was recorded is there for the next process, and for one that reads beside it."""
    first = open_manifest(tmp_path / "m.db")
    record(first, parsed("a.py", "def one(): pass"))
    second = open_manifest(tmp_path / "m.db")
    assert names(second, "one") == ["one"]
    first.close()
    second.close()
    third = open_manifest(tmp_path / "m.db")
    third.clear()
    assert (third.paths(), names(third, "one")) == ([], [])
    third.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_only_the_owner_may_read(tmp_path: Path) -> None:
    """The manifest and the files that SQLite keeps beside it have mode 0600."""
    opened = open_manifest(tmp_path / "deep" / "m.db")
    record(opened, parsed("a.py", "x"))
    modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in (tmp_path / "deep").iterdir()}
    assert modes == {"m.db": 0o600, "m.db-wal": 0o600, "m.db-shm": 0o600}
    opened.close()


def _other_application(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("create table notes (text)")
    db.close()


def _later_format(path: Path) -> None:
    open_manifest(path).close()
    with sqlite3.connect(path) as db:
        db.execute("pragma user_version = 99")
    db.close()


def _torn(path: Path) -> None:
    opened = open_manifest(path)
    record(opened, *[parsed(f"{n}.py", "def one(): pass") for n in range(200)])
    opened.close()
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(data)


@pytest.mark.parametrize(
    "damage", [_other_application, _later_format, _torn, lambda path: path.write_text("no database")]
)
def test_refuses_what_it_does_not_know(tmp_path: Path, damage: object) -> None:
    """A foreign, newer or damaged file is refused with the one error that makes the caller rebuild."""
    assert callable(damage)
    damage(tmp_path / "m.db")
    with pytest.raises(StoreUnreadable):
        open_manifest(tmp_path / "m.db")


def test_a_full_disk_is_said_and_survived(manifest: Manifest) -> None:
    """Running out of space raises DiskFull, loses nothing, and writing works again once there is space."""
    record(manifest, parsed("a.py", "def one(): pass"))
    pages = manifest._writer.execute("pragma page_count").fetchone()[0]
    manifest._writer.execute(f"pragma max_page_count = {pages}")
    with pytest.raises(DiskFull):
        record(manifest, *[parsed(f"{n}.py", SYMBOLS) for n in range(200)])
    assert manifest.paths() == ["a.py"]
    manifest._writer.execute("pragma max_page_count = 100000")
    record(manifest, parsed("b.py", "def two(): pass"))
    assert manifest.paths() == ["a.py", "b.py"]


def test_mistakes_in_statements_stay_mistakes() -> None:
    """An error that is our own bug must not make anybody throw an index away."""
    with sqlite3.connect(":memory:") as db, pytest.raises(sqlite3.OperationalError) as caught:
        db.execute("select nothing")
    db.close()
    assert translate(caught.value) is caught.value
