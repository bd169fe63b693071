"""A growing text is cut where nothing that follows can change what was shown."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from victor_server.cli.chat.blocks import Blocks
from victor_server.cli.chat.markdown import Answer


def cut(*pieces: str) -> list[str]:
    """The blocks of a text that comes in pieces, the rest included."""
    blocks = Blocks()
    finished = [block for piece in pieces for block in blocks.feed(piece)]
    rest = blocks.end()
    return [*finished, rest] if rest else finished


@pytest.mark.parametrize(
    "blocks",
    [
        ["one\ntwo\n\n", "three"],
        ["# Title\n", "text\n", "## Next\n", "text"],
        ["text\n", "```python\nx = 1\n\ny = 2\n```\n", "more"],
        ["```\n# no heading\n~~~\n```\n", "a"],
        ["````\n```\ninner\n```\n````\n", "a"],
        ["- one\n\n  still one\n- two\n\n", "text"],
        ["- one\n  ```\n  x\n\n  ```\n\n", "text"],
        ["1. one\n   - two\n\n      code\n\n", "2. three"],
        ["> quote\n> more\n\n", "text"],
        ["> ```\n> x\n> ```\n\n", "text"],
        ["| a | b |\n|---|---|\n| 1 | 2 |\n\n", "text"],
        ["```\nnever closed\n\n# x\n"],
    ],
)
def test_where_it_is_cut(blocks: list[str]) -> None:
    """Paragraphs, headings, code, lists, quotes and tables: each whole."""
    assert cut("".join(blocks)) == blocks


_LINES = ["", "text", "# h", "```", "```py", "~~~", "- a", "  b", "1. c", "> q", "> ```", "    x", "| a |"]
_TEXTS = st.lists(st.sampled_from(_LINES), max_size=14).map("\n".join)


@settings(deadline=None, max_examples=150)
@given(_TEXTS, st.integers(1, 7))
def test_pieces_do_not_matter(text: str, size: int) -> None:
    """However a text is cut on its way, its blocks are the same, and nothing is lost or doubled."""
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    assert cut(*pieces) == cut(text)
    assert "".join(cut(text)) == text


_KINDS = ["para *one*\nmore", "## head", "```py\na\n\nb\n```", "- a\n- b", "> q", "1. x\n2. y", "---"]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(_KINDS), min_size=1, max_size=6))
def test_looks_like_the_whole(kinds: list[str]) -> None:
    """Rendered one by one, blocks look as they do in the whole text, but for empty lines."""
    text = "\n\ntext\n\n".join(kinds)
    assert rendered(*cut(text)) == rendered(text)


def rendered(*blocks: str) -> list[str]:
    """The lines on the screen that hold something."""
    console = Console(file=io.StringIO(), width=60)
    for block in blocks:
        console.print(Answer(block))
    printed = console.file.getvalue()  # type: ignore[attr-defined]  # it is a StringIO
    return [line.rstrip() for line in printed.splitlines() if line.strip()]


def test_last_lines_of_code_stay_code() -> None:
    """Of a long unfinished block its end is shown, still as code; of a line without end, its end."""
    blocks = Blocks()
    blocks.feed("```py\n" + "".join(f"x{n}\n" for n in range(100)) + "y")
    assert blocks.last_lines(2) == "```py\nx98\nx99\ny"
    assert blocks.end().startswith("```py\nx0\n")
    blocks.feed("a\nb\nc")
    assert blocks.last_lines(1) == "b\nc"
    assert blocks.last_lines(9) == "a\nb\nc"
    blocks.feed("x" * 100_000 + "end")
    assert blocks.last_lines(9).endswith("xend")
    assert len(blocks.last_lines(9)) == 8_000


def test_a_long_line_takes_linear_time() -> None:
    """A quarter of a million pieces of one line are taken as quickly as those of many."""
    blocks = Blocks()
    for _ in range(250_000):
        assert blocks.feed("word") == []
    assert len(blocks.end()) == 1_000_000
