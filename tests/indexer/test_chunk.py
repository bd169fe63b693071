"""Where files are cut, and what each piece says of itself."""

import random
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_indexer.chunk import CRUMB_BYTES, MAX_TEXT_BYTES, WHOLE_BYTES, cut
from victor_indexer.languages import LANGUAGES, language_named
from victor_indexer.model import Chunk
from victor_indexer.syntax import parse
from victor_indexer.syntax.tags import symbols

LARGEST = WHOLE_BYTES + CRUMB_BYTES
BODY = "    value = compute(value, factor)  # one of many steps\n"


def chunks_of(text: str, language: str = "") -> tuple[Chunk, ...]:
    known = language_named(language)
    if known is None:
        return cut(text, None, ())
    tree = parse(text, known, budget_s=20)
    assert tree
    return cut(text, tree, symbols(tree))


def check(text: str, language: str, expected: str) -> None:
    """Compare chunks with one line each: first line, end line, kind and symbol."""
    found = chunks_of(text, language)
    assert_covers(text, found)
    shown = [f"{chunk.start_line}-{chunk.end_line} {chunk.kind} {chunk.symbol}".rstrip() for chunk in found]
    assert "\n".join(shown) == dedent(expected).strip()


def assert_covers(text: str, chunks: tuple[Chunk, ...]) -> None:
    """Every line stands in one chunk, in order, and no chunk is larger than it must be."""
    lines = text.split("\n")
    n_lines = len(lines) - (not lines[-1])
    assert [chunk.ord for chunk in chunks] == list(range(len(chunks)))
    assert [chunk.start_line for chunk in chunks] == [0, *(chunk.end_line for chunk in chunks)][: len(chunks)]
    assert (chunks[-1].end_line if chunks else 0) == n_lines
    for chunk in chunks:
        exact = "\n".join(lines[chunk.start_line : chunk.end_line])
        assert exact.startswith(chunk.text.removesuffix("\n"))
        assert chunk.text.removesuffix("\n") == exact or len(chunk.text.encode()) > MAX_TEXT_BYTES - 4
        assert len(exact.encode()) <= LARGEST or chunk.end_line == chunk.start_line + 1


def test_a_small_file_is_one_chunk() -> None:
    """What fits is not cut, and says what it defines."""
    (chunk,) = chunks_of("import os\n\ndef parse_config(): pass\n\nLIMIT = 3\n", "python")
    assert (chunk.start_line, chunk.end_line) == (0, 5)
    assert chunk.defines == ("parse_config", "LIMIT")
    assert chunk.tokens == "import os pars config parseconfig pass limit"


def test_definitions_stay_whole() -> None:
    """Functions that do not fit together are cut between, comments and decorators going with what they lead."""
    text = (
        "import os\n\n"
        "# Leads first.\n@decorated\ndef first():\n"
        + BODY * 20
        + "\n# Leads second,\n# in two lines.\ndef second():\n"
        + BODY * 20
    )
    check(text, "python", "0-26 function first\n26-49 function second")


def test_a_large_class_is_cut_between_its_methods() -> None:
    """The head goes with the first methods and shows the class; other pieces show the method that fills them."""
    method = "    def {name}(self):\n" + ("    " + BODY) * 18
    text = "class Kettle:\n    volume = 1\n\n" + "\n".join(
        method.format(name=name) for name in ("boil", "pour", "cool")
    )
    check(text, "python", "0-23 class Kettle\n23-43 method Kettle.pour\n43-62 method Kettle.cool")


def test_small_methods_go_together_under_their_class() -> None:
    """A run of small methods is one chunk that shows the class they stand in."""
    text = "class Kettle:\n" + "".join(f"    def m{number}(self): return {number}\n" for number in range(30))
    check(text, "python", "0-31 class Kettle")


def test_a_large_function_is_cut_between_statements() -> None:
    """Its pieces all show the function."""
    text = "def long(value, factor):\n" + BODY * 100
    assert {chunk.symbol for chunk in chunks_of(text, "python")} == {"long"}
    assert_covers(text, chunks_of(text, "python"))


def test_nested_blocks_are_cut_inside() -> None:
    """Where one statement is the whole function, the cut goes into it."""
    text = "def long(value, factor):\n    if value:\n" + ("    " + BODY) * 100 + "    return value\n"
    found = chunks_of(text, "python")
    assert_covers(text, found)
    assert len(found) > 3


def test_closing_brackets_stay_with_what_they_close() -> None:
    """No chunk begins with the brackets of the piece before."""
    method = "  boil{number}() {{\n" + "    this.value = compute(this.value, this.factor);\n" * 20 + "  }}\n"
    text = "class Kettle {\n" + "".join(method.format(number=number) for number in range(4)) + "}\n"
    found = chunks_of(text, "javascript")
    assert_covers(text, found)
    assert not any(chunk.text.lstrip().startswith("}") for chunk in found)


def test_text_is_cut_at_paragraphs_and_headings() -> None:
    """Without a grammar, blank lines and headings say where a piece ends."""
    paragraph = "words that make up a line of a paragraph here\n" * 12 + "\n"
    text = "# One\n\n" + paragraph * 2 + "# Two\n\n" + paragraph * 2
    check(text, "", "0-28 text\n28-56 text")


def test_a_table_of_data_is_cut_by_lines() -> None:
    """A value with a hundred thousand items is neither one chunk nor a hundred thousand."""
    text = "DATA = [\n" + "    1234567,\n" * 60_000 + "]\n"
    found = chunks_of(text, "python")
    assert_covers(text, found)
    assert 400 < len(found) < 600


def test_one_long_line_is_one_chunk_and_is_shortened() -> None:
    """A line beyond all measure is kept only so far."""
    text = "x = '" + "word " * 30_000 + "'\ny = 1\n"
    found = chunks_of(text, "python")
    assert_covers(text, found)
    assert len(found[0].text) == MAX_TEXT_BYTES


def test_many_comments_do_not_pile_up() -> None:
    """Comments lead what follows, but not a whole file of them."""
    text = "# a line of a very long comment, one of many such lines\n" * 500 + "def f(): pass\n"
    assert_covers(text, chunks_of(text, "python"))


def test_nothing_gives_nothing() -> None:
    """An empty file has no chunk; one of blank lines has one without words."""
    assert chunks_of("", "python") == ()
    assert [(chunk.end_line, chunk.tokens) for chunk in chunks_of("\n\n")] == [(2, "")]


PIECES = (
    "def f(a, b):\n    return a\n",
    "class K:\n    x = 1\n    def m(self):\n        pass\n",
    "function g() {\n  return 1;\n}\n",
    "# comment\n",
    "/* block\n comment */\n",
    "\n",
    "x = [\n" + "  1,\n" * 50 + "]\n",
    "if (a) {\n" + "  call(é, 'ü');\n" * 40 + "}\n",
    "}",
    "{",
    '"""',
    "\t\f\u2028 odd\x85",
    "long " * 900 + "\n",
)


@settings(deadline=None, max_examples=120)
@given(
    st.sampled_from(["", *(language.name for language in LANGUAGES)]),
    st.lists(st.sampled_from(PIECES), max_size=40),
)
def test_every_line_stands_in_one_chunk(language: str, pieces: list[str]) -> None:
    """Whatever the file, sound or broken, the chunks put together are the file."""
    text = "".join(pieces)
    assert_covers(text, chunks_of(text, language))


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(["", "python", "cpp", "bash"]), st.text(max_size=400))
def test_any_text_is_covered(language: str, text: str) -> None:
    """The same for text without any sense."""
    text = text.replace("\r", "\n").encode("utf-8", "replace").decode()
    assert_covers(text, chunks_of(text, language))


@pytest.mark.parametrize("language", ["python", "javascript", "cpp"])
def test_a_shuffled_file_is_covered(language: str) -> None:
    """A large file of everything in any order."""
    shuffled = random.Random(7).choices(PIECES, k=1_500)
    text = "\n".join(shuffled)
    assert_covers(text, chunks_of(text, language))
