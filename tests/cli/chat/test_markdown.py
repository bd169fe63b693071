"""Markdown of a model on the screen: all of it, and nothing that orders the terminal about."""

import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from victor_server.cli.chat.markdown import Answer

_STYLES = re.compile(r"\x1b\[[0-9;]*m")


def shown(markdown: str, *, width: int = 60) -> str:
    """What is on the screen, without its colours; fails where anything but a colour orders the terminal about."""
    console = Console(
        file=io.StringIO(), force_terminal=True, color_system="truecolor", width=width, highlight=False
    )
    console.print(Answer(markdown))
    printed: str = console.file.getvalue()  # type: ignore[attr-defined]  # it is a StringIO
    text = _STYLES.sub("", printed)
    assert "\x1b" not in text
    assert "\x9b" not in text
    return "\n".join(line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("# Title", "Title"),
        ("<http://x/%1b%5b31m>", "http://x/␛[31m (http://x/%1b%5b31m)"),
        ("&#8238;abc &#27;[2J", "\\u{202e}abc �[2J"),
        ("[good](http://evil/)", "good (http://evil/)"),
        ("![a chart](http://x/y.png)", "[image: a chart] (http://x/y.png)"),
        ("a <b>bold</b> </kbd> <!-- hidden -->", "a <b>bold</b> </kbd> <!-- hidden -->"),
        ("<div>\nkept\n</div>", "<div> kept </div>"),
        ("[red]no markup[/red] :smile:", "[red]no markup[/red] :smile:"),
        ("```\n\x1bc\n```", "␛c"),
        ("`\x1b[A`", "␛[A"),
        ("```\x1b[3m\nx\n```", "x"),
        ("", ""),
    ],
)
def test_what_is_shown(markdown: str, text: str) -> None:
    """Links show where they lead, tags and comments are text, sequences are pictures, whatever writes them."""
    assert shown(markdown) == text


def test_no_links_for_the_terminal() -> None:
    """A link is never hidden behind its text, as terminals could."""
    console = Console(file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Answer("[a](http://x/) <http://y/>"))
    assert "]8;" not in console.file.getvalue()  # type: ignore[attr-defined]  # it is a StringIO


def test_long_answers_are_text() -> None:
    """What would take long to read as markdown is shown as it stands."""
    assert shown("*x* \x1b[A" * 20_000).startswith("*x* ␛[A*x*")


_PIECES = [
    *("```", "`", "\n", "\n\n", "* ", "1. ", "> ", "| a | b |\n|--|--|\n", "[x](", ")", "![", "](u)", "<b>"),
    *("</kbd>", "&#27;", "&lt;", "**", "~~", "\x1b]0;t\x07", "\x9b", "---\n", "\t", "# ", "<http://%1b/>"),
    *("word", "\x00", "```\x1b\n"),
]


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from(_PIECES), max_size=25).map("".join), st.integers(1, 50))
def test_anything_can_be_shown(markdown: str, width: int) -> None:
    """No answer breaks the screen, in a window of any width."""
    shown(markdown, width=width)
