"""What is on the screen while an answer comes, and after."""

import io
import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from victor_server.cli.chat.screen import LivelyScreen, PlainScreen

ANSWER = "# Title\n\nSome *text*.\n\n```py\nx = 1\n```\n\n- one\n- two\n"


class Terminal(io.StringIO):
    """A stream that says that somebody watches."""

    def isatty(self) -> bool:
        """True."""
        return True


def lively(markdown: str, size: int, *, height: int = 25) -> str:
    """What a lively screen leaves when it is done: everything that it did not draw over."""
    console = Console(
        file=io.StringIO(), force_terminal=True, color_system=None, width=60, height=height, highlight=False
    )
    screen = LivelyScreen(console)
    screen.wait("asking a model")
    for at in range(0, len(markdown), size):
        screen.answer(markdown[at : at + size])
    screen.end()
    screen.note("a note")
    return left(console.file.getvalue())  # type: ignore[attr-defined]  # it is a StringIO


def left(written: str) -> str:
    """The text on a terminal that knows what rich's live display uses: up, erase, carriage return."""
    lines, row = [""], 0
    for piece in re.findall(r"\x1b\[[0-9?]*[A-Za-z]|\r|\n|[^\x1b\r\n]+", written):
        if piece == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif piece.endswith("A") and piece[0] == "\x1b":
            row -= int(piece[2:-1] or 1)
        elif piece == "\x1b[2K":
            lines[row] = ""
        elif piece[0] not in "\x1b\r":
            lines[row] += piece
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def test_a_lively_answer_ends_rendered() -> None:
    """However it came, the finished answer stands there once, rendered; the waiting is gone."""
    wanted = "Title\n\nSome text.\n\nx = 1\n\n • one\n • two\n\na note"
    assert lively(ANSWER, 1) == wanted
    assert lively(ANSWER, 1000) == wanted


def test_a_low_window() -> None:
    """What grows beyond the window is drawn by its end, and is whole when it is done."""
    code = "```\n" + "".join(f"line {n}\n" for n in range(50)) + "```\n"
    assert lively(code, 3, height=5).splitlines() == [*(f"line {n}" for n in range(50)), "", "a note"]


_KINDS = [
    "para *one*\nmore",
    "# head",
    "```py\na\n\nb\n```",
    "- a\n- b",
    "> q",
    "1. x\n\n2. y",
    "a\x1b[2Jb",
    "---",
]


@settings(deadline=None, max_examples=25)
@given(st.lists(st.sampled_from(_KINDS), min_size=1, max_size=8).map("\n\n".join), st.integers(1, 30))
def test_nothing_is_lost_or_left_behind(markdown: str, size: int) -> None:
    """However an answer comes, and however low the window, the screen ends as if it had been printed in one piece."""
    whole = lively(markdown, len(markdown))
    assert lively(markdown, size) == whole
    assert lively(markdown, size, height=4) == whole


def test_a_lively_screen_obeys_nobody() -> None:
    """Neither answers nor notes nor what is waited for get a sequence through."""
    console = Console(file=io.StringIO(), force_terminal=True, color_system=None, width=60)
    screen = LivelyScreen(console)
    screen.wait("\x1b]0;title\x07")
    screen.answer("a \x1b]52;c;eA==\x07")
    screen.note("\x1b[?1049h")
    screen.end()
    written = console.file.getvalue()  # type: ignore[attr-defined]  # it is a StringIO
    assert "\x1b]" not in written
    assert "?1049h" in written
    assert "\x1b[?1049h" not in written


def test_a_plain_answer_comes_as_it_is() -> None:
    """Plain text is the markdown itself, written at once, and its last line is ended."""
    stream = Terminal()
    screen = PlainScreen(stream, stream, tells_waiting=True)
    screen.wait("Asking a model.")
    for character in "# Title\x1b[A":
        screen.answer(character)
    assert stream.getvalue() == "Asking a model.\n# Title␛[A"
    screen.note("stopped")
    screen.end()
    assert stream.getvalue() == "Asking a model.\n# Title␛[A\nstopped\n"


def test_a_pipe_gets_the_answer_alone() -> None:
    """What is not of the answer goes elsewhere and does not break its lines."""
    answers, notes = io.StringIO(), Terminal()
    screen = PlainScreen(answers, notes, tells_waiting=False)
    screen.wait("Asking a model.")
    screen.answer("one ")
    screen.note("a note")
    screen.answer("two")
    screen.end()
    screen.end()
    assert answers.getvalue() == "one two\n"
    assert notes.getvalue() == "a note\n"


def test_drawing_anew_is_in_nobodys_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is drawn again and again, and in a thread of its own, leaves nothing where something else is printed."""
    monkeypatch.setattr("victor_server.cli.chat.screen._REFRESH_PER_S", 5000)
    markdown = "\n\n".join(["- a\n- b", "> q", "1. x\n\n2. y"] * 4)
    whole = lively(markdown, len(markdown))
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        assert [lively(markdown, 3, height=6) == whole for _ in range(20)] == [True] * 20
    finally:
        sys.setswitchinterval(before)
