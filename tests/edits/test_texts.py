"""What a file's text is made of stays as it is: line ends, byte order mark, last line, odd characters."""

import pytest
from edit_cases import PATH, Case, Refused, after, check, check_written, each, exact

from victor_server.agent.tools.edits import DeleteFile, MoveFile
from victor_server.features.edits.apply import MAX_CHARACTERS, make_file_edit
from victor_server.features.edits.model import FileEdit, Refusal


@each(
    exact("CRLF, block with LF", "a\r\nb\r\nc\r\n", "b\nc\n", "B\nX\nc\n", want="a\r\nB\r\nX\r\nc\r\n"),
    exact("CRLF, block with CRLF", "a\r\nb\r\n", "b\r\n", "B\r\nC\r\n", want="a\r\nB\r\nC\r\n"),
    exact("LF, block with CRLF", "a\nb\n", "a\r\nb\r\n", "a\r\nB\r\n", want="a\nB\n"),
    exact("CRLF, part of a line", "x = f(a)\r\ny\r\n", "f(a)", "f(\n  a\n)", want="x = f(\r\n  a\r\n)\r\ny\r\n"),
    exact("CR alone", "a\rb\rc\r", "b\n", "B\nX\n", want="a\rB\rX\rc\r"),
    exact("mixed: each line keeps its end", "a\nb\r\nc\n", "a\nb\nc\n", "A\nB\nC\n", want="A\nB\r\nC\n"),
    exact("mixed: new lines end as those before them", "a\nb\r\nc\n", "b\n", "b\nx\n", want="a\nb\r\nx\r\nc\n"),
    exact("CRLF, no last end", "a\r\nb", "b", "B\nc", want="a\r\nB\r\nc"),
    exact("no last end, last line changes", "a\nb", "b\n", "B\n", want="a\nB"),
    exact("no last end, lines are added", "a\nb", "b\n", "b\nc\n", want="a\nb\nc"),
    exact("no last end, lines before change", "a\nb", "a\n", "A\n", want="A\nb"),
    exact("no last end, one line", "a", "a", "b", want="b"),
    exact("no last end, whole lines were sent", "a\nb", "a\nb\n", "x\n", want="x"),
    exact("mark at the start stays", "\ufeffa\nb\n", "a\n", "A\n", want="\ufeffA\nb\n"),
    exact("mark at the start stays before new lines", "\ufeffa\nb\n", "a\n", "x\na\n", want="\ufeffx\na\nb\n"),
    exact("mark at the start stays when its line goes", "\ufeffa\nb\n", "a\n", "", want="\ufeffb\n"),
    exact("mark within the text is a letter", "a\n\ufeffb\n", "b\n", "c\n", want=Refused("only look the same")),
    exact("form feed is no line end", "a\fb\nc\n", "c\n", "d\n", want="a\fb\nd\n"),
    exact("line separator is no line end", "a\u2028b\nc\n", "c\n", "d\n", want="a\u2028b\nd\n"),
    exact("next line is no line end", "a\x85b\nc\n", "a\x85b\n", "x\n", want="x\nc\n"),
    exact("vertical tab is no line end", "a\vb\nc\n", "a\vb", "x", want="x\nc\n"),
    exact("letters of many scripts", "\u540d\u524d = '\u00df'\n\u05e2\u05d1\u05e8\u05d9\u05ea = 1\n", "\u540d\u524d = '\u00df'\n", "\u540d\u524d = '\u1e9e'\n", want="\u540d\u524d = '\u1e9e'\n\u05e2\u05d1\u05e8\u05d9\u05ea = 1\n"),
    exact("characters beyond the first plane", "x = '\U0001d4b3\U0001f600'\n", "'\U0001d4b3\U0001f600'", "'\U0001f600'", want="x = '\U0001f600'\n"),
    exact("half a character in the new text", "a\n", "a\n", "\ud83d\n", want="\ufffd\n"),
    exact("file of empty lines and one word", "\n\n\nx\n\n", "x\n", "y\n", want="\n\n\ny\n\n"),
)  # fmt: skip
def test_text(one: Case) -> None:
    """Only what was asked for changes."""
    check(one)


@pytest.mark.parametrize(
    ("base", "text", "want"),
    [
        (None, "a\nb\n", "a\nb\n"),
        (None, "a\r\nb", "a\r\nb"),
        (None, "", ""),
        ("a\r\nb\r\n", "a\nc\n", "a\r\nc\r\n"),
        ("a\nb\n", "a\r\nc\r\n", "a\nc\n"),
        ("a\nb\n", "a\nc", "a\nc\n"),
        ("a\nb", "a\nc", "a\nc"),
        ("\ufeffa\n", "b\n", "\ufeffb\n"),
        ("\ufeffa\n", "\ufeffb\n", "\ufeffb\n"),
        ("", "a\n", "a\n"),
        ("a\n", "", ""),
        ("a\n", "a\n", Refused("changes nothing")),
        ("a\r\n", "a\n", Refused("changes nothing")),
        ("a\n", "b\0\n", Refused("NUL")),
        (None, "b\0\n", Refused("NUL")),
        ("a\n", "```python\nb\n```\n", "b\n"),
        (None, "```\nb\nc\n```", "b\nc\n"),
        ("a\n", "```python\nb\n", "```python\nb\n"),
        ("a1\nb1\nc1\n", "a1\n# ... rest of the file unchanged ...\n", Refused("leaves lines out")),
        ("a1\nb1\n", "a1\n// ... existing code ...\n", Refused("leaves lines out")),
        ("a1\n# ... existing code ...\n", "b1\n# ... existing code ...\n", "b1\n# ... existing code ...\n"),
        ("class P:\n    x: int\n", "class P:\n    def f(self) -> int:\n        ...\n", "class P:\n    def f(self) -> int:\n        ...\n"),
    ],
)  # fmt: skip
def test_whole_file(base: str | None, text: str, want: str | Refused) -> None:
    """A file that is written as a whole keeps its line ends, its mark and the end of its last line."""
    check_written(base, text, want)


def test_fences_stay_in_markdown() -> None:
    """A file of Markdown may well begin and end with a fence."""
    check_written("a\n", "```sh\nb\n```\n", "```sh\nb\n```\n", PATH.with_suffix(".md"))


def test_files_that_come_and_go() -> None:
    """A file that is deleted, moved or made has one hunk with all of its text."""
    deleted = make_file_edit("a\nb\n", DeleteFile(PATH))
    moved = make_file_edit("a\n", MoveFile(PATH, PATH.with_name("b.py")))
    assert isinstance(deleted, FileEdit)
    assert isinstance(moved, FileEdit)
    assert (deleted.kind, after(deleted), len(deleted.hunks)) == ("delete", "", 1)
    assert (moved.kind, after(moved), moved.to) == ("move", "a\n", PATH.with_name("b.py"))


@pytest.mark.parametrize("change", [DeleteFile(PATH), MoveFile(PATH, PATH.with_name("b.py"))])
def test_no_such_file(change: DeleteFile | MoveFile) -> None:
    """What is not there is neither deleted nor moved."""
    refused = make_file_edit(None, change)
    assert isinstance(refused, Refusal)
    assert refused.why == "There is no such file."


def test_too_large() -> None:
    """A file beyond the limit is refused, not looked through."""
    refused = make_file_edit("a" * (MAX_CHARACTERS + 1), DeleteFile(PATH))
    assert isinstance(refused, Refusal)
    assert "10,000,000 characters" in refused.why
