"""What an answer has for the selected lines, put in their place."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.features.assists.place import Lines
from victor_server.features.assists.replaced import NotMeant, with_lines_replaced
from victor_server.features.edits.lines import split_lines

BASE = "import os\n\ndef f(a):\n    if a:\n        return 1\n    return 2\n\nx = 3\n"


def replaced(base: str, first: int, end: int, code: str, without: Lines | None = None) -> str | NotMeant:
    """The text after it."""
    return with_lines_replaced(split_lines(base), Lines(first, end), code, without=without)


@pytest.mark.parametrize(
    ("first", "end", "code", "expected"),
    [
        (
            2,
            6,
            "def f(a):\n    return 2 - bool(a)\n",
            "import os\n\ndef f(a):\n    return 2 - bool(a)\n\nx = 3\n",
        ),
        (3, 6, "return 2 - bool(a)\n", "import os\n\ndef f(a):\n    return 2 - bool(a)\n\nx = 3\n"),
        (
            4,
            5,
            "b = 1\n\nif b:\n    return b\n",
            "import os\n\ndef f(a):\n    if a:\n        b = 1\n\n        if b:\n            return b\n    return 2\n\nx = 3\n",
        ),
        (7, 8, "x = 4\n", BASE.replace("x = 3", "x = 4")),
        (0, 1, "import os\nimport sys\n", BASE.replace("import os\n", "import os\nimport sys\n")),
    ],
)
def test_in_their_place(first: int, end: int, code: str, expected: str) -> None:
    """As deep as what they replace; nothing else is touched."""
    assert replaced(BASE, first, end, code) == expected


@pytest.mark.parametrize(
    ("base", "code", "expected"),
    [
        ("a\r\nb\r\nc\r\n", "x\ny\n", "a\r\nx\r\ny\r\nc\r\n"),
        ("a\rb\rc\r", "x\n", "a\rx\rc\r"),
        ("a\nb", "x\n", "a\nx"),
        ("a\r\nb\nc\r\n", "x\n", "a\r\nx\r\nc\r\n"),
        ("a\n\tb\nc\n", "x\n\ty\n", "a\n\tx\n\t\ty\nc\n"),
        ("a\n  b\u2028c\x0cd\nc\n", "x\n", "a\n  x\nc\n"),
    ],
)
def test_line_ends_and_tabs(base: str, code: str, expected: str) -> None:
    """The text's own."""
    assert replaced(base, 1, 2, code) == expected


def test_the_comment_that_said_it_goes() -> None:
    """The instruction stands above what it was about, and is done."""
    assert replaced("a\n# victor: x\nb\nc\n", 2, 3, "B\n", Lines(1, 2)) == "a\nB\nc\n"
    assert replaced("a\n# victor: x\n\nc\n", 1, 2, "B\n", Lines(1, 2)) == "a\nB\n\nc\n"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("def f(a):\n    # ... rest of the code\n", "leaves lines out"),
        (
            "def f(a):\n    key = '[REDACTED:aws-access-key:1:k3vq7m2zpa]'\n",
            "stands for no secret of this file",
        ),
        ("import os\n\ndef f(a):\n    return 2\n\nx = 3\n", ""),
        ("def f(a):\n    return 2\n\nx = 3\n", ""),
    ],
)
def test_what_was_not_meant(code: str, why: str) -> None:
    """Said in words that a model can act on."""
    found = replaced(BASE, 2, 6, code)
    assert not why or (isinstance(found, NotMeant) and why in found.why)


def test_lines_that_stay_are_not_repeated() -> None:
    """A block that goes on beyond the selection would bring them twice."""
    for first, end, code in (
        (3, 5, "if not a:\n    return 1\n    return 2\n"),
        (3, 4, "def f(a):\n    if not a:\n"),
    ):
        found = replaced(BASE, first, end, code)
        assert isinstance(found, NotMeant)
        assert "repeats the line" in found.why
    # Brackets and the like are alike everywhere, and lines that were alike before may stay so.
    assert isinstance(replaced("f(\n)\n)\n", 0, 2, "f(1\n)\n"), str)
    assert isinstance(replaced("call(1)\ncall(1)\n", 0, 1, "call(1)\ncall(1)\n"), str)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.sampled_from(["a = 1\n", "  b\n", "\n", "\tc\r\n", "d\r"]), max_size=12),
    st.integers(0, 12),
    st.integers(0, 12),
    st.text(alphabet="xy z\n\t", max_size=40),
)
def test_nothing_else_changes(lines: list[str], one: int, other: int, code: str) -> None:
    """What stands before and behind the lines is as it was, byte for byte."""
    first, end = sorted((min(one, len(lines)), min(other, len(lines))))
    lines = split_lines("".join(lines))
    end = min(end, len(lines))
    first = min(first, end)
    found = with_lines_replaced(lines, Lines(first, end), code)
    if isinstance(found, str):
        before, behind = "".join(lines[:first]), "".join(lines[end:])
        assert found.startswith(before)
        assert found.endswith(behind)
        kept = "".join(found[len(before) : len(found) - len(behind)].split())
        assert kept == "".join(code.split())
