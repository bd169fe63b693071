"""One file in, symbols and chunks out, whatever the file is."""

import hashlib
import os
import re
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_indexer.ingest import CHUNKER_VERSION, PARSER_VERSION, parse_file, parse_text
from victor_indexer.model import FileStatus, FoundFile, ParsedFile
from victor_indexer.source import decode, read_file

INDEXED, SKIPPED, FAILED = FileStatus.INDEXED, FileStatus.SKIPPED, FileStatus.FAILED


def as_it_is(text: str, _path: str) -> str:
    return text


def found(path: str) -> FoundFile:
    return FoundFile(path, 0, 0, 0)


def parsed(root: Path, name: str, content: bytes) -> ParsedFile:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(content)
    return parse_file(root, found(name), as_it_is)


def test_a_source_file(tmp_path: Path) -> None:
    """Size, times and hash are those of the file that was read; symbols and chunks those of its text."""
    content = b"class Kettle:\r\n    def boil(self): pass\r\n"
    result = parsed(tmp_path, "a/kettle.py", content)
    status = (tmp_path / "a/kettle.py").stat()
    assert (result.status, result.language, result.lines, result.error) == (INDEXED, "python", 2, "")
    assert (result.size, result.mtime_ns, result.ctime_ns) == (
        len(content),
        status.st_mtime_ns,
        status.st_ctime_ns,
    )
    assert result.content_hash == hashlib.blake2b(content, digest_size=20).hexdigest()
    assert [(symbol.kind, symbol.name) for symbol in result.symbols] == [
        ("class", "Kettle"),
        ("method", "boil"),
    ]
    assert [chunk.text for chunk in result.chunks] == ["class Kettle:\n    def boil(self): pass\n"]


def test_a_buffer_reads_as_the_file_it_will_be(tmp_path: Path) -> None:
    """Saving an unsaved buffer changes nothing but the times."""
    text = "def boil():\n    return 'é'\n"
    saved = parsed(tmp_path, "kettle.py", text.encode())
    buffer = parse_text("kettle.py", text, as_it_is)
    assert (buffer.content_hash, buffer.size) == (saved.content_hash, saved.size)
    assert (buffer.symbols, buffer.chunks, buffer.mtime_ns) == (saved.symbols, saved.chunks, 0)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", ""),
        (b"a\nb", "a\nb"),
        (b"a\rb\r\nc\n\rd", "a\nb\nc\n\nd"),
        ("\ufeffé".encode(), "é"),
        ("é".encode("utf-16"), "é"),
        (b"\xfe\xff" + "é🫖\r\n".encode("utf-16-be"), "é🫖\n"),
        (b"form\x0cfeed \x1b[0m", "form\x0cfeed \x1b[0m"),
    ],
)
def test_text_is_decoded(content: bytes, text: str) -> None:
    """UTF-8 and marked UTF-16, with the three line ends brought to one."""
    assert decode(content) == (text, "")


def test_other_encodings_are_read_byte_by_byte(tmp_path: Path) -> None:
    """What is not UTF-8 but looks like text is indexed, and says so."""
    result = parsed(tmp_path, "old.py", "# Stra\u00dfe\ndef boil(): pass\n".encode("latin-1"))
    assert (result.status, result.error) == (INDEXED, "not UTF-8: read as Latin-1")
    assert [symbol.name for symbol in result.symbols] == ["boil"]


@pytest.mark.parametrize(
    "content",
    [b"text\0text", b"\xff\xfe\x00\xd8", b"\x89PNG\r\n\x1a\n" + bytes(range(1, 256)) * 9, b"\xff\xfea"],
)
def test_binary_content_is_left_out(tmp_path: Path, content: bytes) -> None:
    """Zeros, broken UTF-16 and many control characters are no text, whatever the name says."""
    result = parsed(tmp_path, "a.py", content)
    assert (result.status, result.reason, result.chunks) == (SKIPPED, "binary", ())


@pytest.mark.parametrize(
    ("name", "text", "minified"),
    [
        ("app.min.js", "a()", True),
        ("app.js", "function f(){return 1};" * 1_000, True),
        ("data.json", '{"a": [' + "1," * 20_000 + "1]}\n", True),
        ("app.js", "// licence\n" * 30 + "function f(){return 1};" * 1_000, True),
        ("app.js", "function f() {\n  return 1;\n}\n" * 1_000, False),
        ("small.json", '{"a": ' + "1" * 2_000 + "}", False),
        ("prose.md", "A paragraph on one long line. " * 500, False),
        ("package-lock.json", '{\n  "name": "kettle",\n  "version": "1.0.0"\n}\n' * 900, False),
    ],
)
def test_minified_files_are_left_out(name: str, text: str, minified: bool) -> None:
    """Only formats that are minified, and only when their lines say so; locks are text."""
    result = parse_text(name, text, as_it_is)
    assert (result.status is SKIPPED and result.reason == "minified") == minified


def test_too_large_files_are_not_read(tmp_path: Path) -> None:
    """The limit is the caller's, a megabyte by default."""
    assert parsed(tmp_path, "a.txt", b"x\n" * 500_001).reason == "too_large"
    assert parsed(tmp_path, "b.txt", b"x\n" * 499_999).status is INDEXED
    assert parse_file(tmp_path, found("b.txt"), as_it_is, max_bytes=10).reason == "too_large"


def test_redaction_comes_before_everything(tmp_path: Path) -> None:
    """What is masked stands neither in chunks nor in tokens nor in symbols."""
    value = "hunter" + "2hunter2"

    def mask(text: str, path: str) -> str:
        assert path == "a.py"
        return text.replace(value, "masked")

    (tmp_path / "a.py").write_text(f"{value} = 1\npassword = '{value}'\n", encoding="utf-8")
    result = parse_file(tmp_path, found("a.py"), mask)
    assert result.status is INDEXED
    assert value not in repr(result)
    assert "mask" in result.chunks[0].tokens.split()


@pytest.mark.parametrize(
    ("redact", "error"),
    [
        (lambda text, _path: text + "\n", "redaction changed lines"),
        (lambda text, _path: 1 / 0, "could not be taken apart: ZeroDivisionError"),
        (lambda text, _path: int(text), "could not be taken apart: ValueError"),
    ],
)
def test_a_broken_redaction_stores_nothing(redact: object, error: str) -> None:
    """The file fails, the error never quotes the text, and nothing of it is kept."""
    result = parse_text("a.py", "secret words\n", redact)  # type: ignore[arg-type]  # wrong on purpose
    assert (result.status, result.error) == (FAILED, error)
    assert (result.chunks, result.symbols) == ((), ())


def test_links_are_never_followed(tmp_path: Path) -> None:
    """Neither as the file nor as a folder on the way to it, even if the walk saw something else there."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "key.py").write_text("x = 1\n", encoding="utf-8")
    root = tmp_path / "root"
    (root / "real").mkdir(parents=True)
    (root / "link.py").symlink_to(outside / "key.py")
    (root / "folder").symlink_to(outside, target_is_directory=True)
    (root / "inner.py").symlink_to("real")
    for name, rule in (("link.py", "link.py"), ("folder/key.py", "folder"), ("inner.py", "inner.py")):
        result = parse_file(root, found(name), as_it_is)
        assert (result.status, result.reason, result.rule) == (SKIPPED, "symlink", rule)


def test_the_workspace_itself_may_be_a_link(tmp_path: Path) -> None:
    """The person who opened it chose it."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real/a.py").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "link").symlink_to("real", target_is_directory=True)
    assert parse_file(tmp_path / "link", found("a.py"), as_it_is).status is INDEXED


@pytest.mark.parametrize("path", ["../a.py", "/etc/hostname", "a/../../b", "./a.py", "", "a//b"])
def test_paths_do_not_lead_out(tmp_path: Path, path: str) -> None:
    """A path that the walk would never write is refused, not resolved."""
    (tmp_path / "a.py").write_text("x = 1\n", encoding="utf-8")
    root = tmp_path / "root"
    root.mkdir()
    result = parse_file(root, found(path), as_it_is)
    assert (result.status, result.chunks) == (SKIPPED, ())


def test_vanished_and_folders(tmp_path: Path) -> None:
    """Between the walk and the read anything may happen to a path."""
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "file").write_bytes(b"")
    assert parse_file(tmp_path, found("gone.py"), as_it_is).reason == "vanished"
    assert parse_file(tmp_path, found("gone/a.py"), as_it_is).reason == "vanished"
    assert parse_file(tmp_path, found("folder.py"), as_it_is).reason == "not_a_file"
    assert parse_file(tmp_path, found("file/a.py"), as_it_is).status in (SKIPPED, FAILED)
    assert parse_file(tmp_path, found("nul\0.py"), as_it_is).status is FAILED


if sys.platform != "win32":

    def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
        """Opening a pipe without a writer returns at once and reads nothing."""
        os.mkfifo(tmp_path / "pipe.py")
        results: list[ParsedFile] = []
        reader = threading.Thread(
            target=lambda: results.append(parse_file(tmp_path, found("pipe.py"), as_it_is)), daemon=True
        )
        reader.start()
        reader.join(timeout=30)
        assert [result.reason for result in results] == ["not_a_file"]

    def test_names_that_are_not_utf8(tmp_path: Path) -> None:
        """A name's odd bytes travel as the system gives them."""
        name = os.fsdecode(b"caf\xe9.py")
        (tmp_path / name).write_bytes(b"x = 1\n")
        assert parse_file(tmp_path, found(name), as_it_is).status is INDEXED


def test_descriptors_are_given_back(tmp_path: Path) -> None:
    """However a read ends, nothing stays open."""
    if not Path("/proc/self/fd").is_dir():
        return
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/c.py").write_bytes(b"x = 1\n")
    (tmp_path / "a/link").symlink_to("b", target_is_directory=True)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for name in ("a/b/c.py", "a/link/c.py", "a/gone/c.py", "a/b", "a/b/c.py/d"):
        for _ in range(20):
            read_file(tmp_path, name, 1_000)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_grammar_that_gives_up_costs_only_the_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond its budget a file is indexed as plain text, and says so."""
    monkeypatch.setattr("victor_indexer.ingest.PARSE_BUDGET_S", 0.0)
    result = parse_text("a.py", "def boil(): pass\n" * 20_000, as_it_is)
    assert (result.status, result.language, result.symbols) == (INDEXED, "python", ())
    assert result.error.startswith("no syntax tree within 0 CPU seconds")
    assert {chunk.kind for chunk in result.chunks} == {"text"}


def test_lone_surrogates_are_replaced() -> None:
    """A buffer may hold what UTF-8 cannot; everything stored can be encoded."""
    result = parse_text("a.py", "x = '\ud800'\ny_\udfff = 1\n", as_it_is)
    assert result.status is INDEXED
    repr(result).encode("utf-8")
    assert "\ufffd" in result.chunks[0].text


def test_ten_megabytes_on_one_line() -> None:
    """A buffer has no size limit of its own; a line without end still gives one bounded chunk."""
    result = parse_text("a.txt", "x" * 10_000_000, as_it_is)
    assert (result.status, len(result.chunks), len(result.chunks[0].text)) == (INDEXED, 1, 16_384)


def test_versions_are_plain_words() -> None:
    """They stand in the manifest beside each file."""
    assert re.fullmatch(r"\w+", PARSER_VERSION)
    assert re.fullmatch(r"\w+", CHUNKER_VERSION)


NAMES = st.sampled_from(["a.py", "a.js", "a.json", "a.h", "a.md", "a.sh", "a", "a.tsx"])


@settings(deadline=None, max_examples=150)
@given(NAMES, st.binary(max_size=400))
def test_no_bytes_make_it_fail(name: str, content: bytes) -> None:
    """Any bytes are text, or are left out; nothing raises and nothing fails."""
    decoded = decode(content)
    if decoded is not None:
        result = parse_text(name, decoded[0], as_it_is)
        assert result.status in (INDEXED, SKIPPED)
        assert sum(chunk.end_line - chunk.start_line for chunk in result.chunks) in (0, result.lines)


@settings(deadline=None, max_examples=150)
@given(NAMES, st.text(alphabet=st.characters(), max_size=200))
def test_no_text_makes_it_fail(name: str, text: str) -> None:
    """The same for buffers, which may hold any code point at all."""
    result = parse_text(name, text, as_it_is)
    assert result.status is INDEXED
    assert "".join(chunk.text for chunk in result.chunks).count("\n") == text.replace("\r\n", "\n").replace(
        "\r", "\n"
    ).count("\n")
