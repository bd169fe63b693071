"""The mirror of a document against a naive model of what LSP says."""

import re
import time
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.errors import DocumentError
from victor_server.lsp.positions import Encoding, from_units, to_units
from victor_server.lsp.text import Edit, edited, split_lines, text_from

# Line ends of LSP, line ends that are not LSP's, two- and three-byte, astral, combining, BOM, NUL.
ALPHABET = "ab \n\r\t\f\v\x1c\x85\u2028\u2029é€😀🎉\u0301\ufeff\0"
ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")
texts = st.text(ALPHABET, max_size=40)


def units_in(char: str, encoding: Encoding) -> int:
    """How much of a column one character takes."""
    return {"utf-8": len(char.encode()), "utf-16": 2 if ord(char) > 0xFFFF else 1, "utf-32": 1}[encoding]


def naive_offset(text: str, line: int, units: int, encoding: Encoding) -> int:
    """The offset of a position, counted character by character."""
    starts = [0] + [end.end() for end in re.finditer(r"\r\n|\n|\r", text)]
    if line >= len(starts):
        return len(text)
    offset = starts[line]
    while offset < len(text) and text[offset] not in "\r\n":
        units -= units_in(text[offset], encoding)
        if units < 0:
            break
        offset += 1
    return offset


def naive_edit(text: str, edit: Edit, encoding: Encoding) -> str:
    """`text` after one edit."""
    start = naive_offset(text, edit.start_line, edit.start_units, encoding)
    end = naive_offset(text, edit.end_line, edit.end_units, encoding)
    return text[:start] + edit.text + text[end:]


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    """Any range that does not run backwards; it may lie in a character, beyond a line, or end beyond the text."""
    position = st.tuples(st.integers(0, 8), st.integers(0, 12))
    (start_line, start), (end_line, end) = sorted((draw(position), draw(position)))
    return Edit(start_line, start, end_line, end, draw(texts))


@settings(max_examples=400, deadline=None)
@given(texts, st.lists(edits(), max_size=6), st.sampled_from(ENCODINGS))
def test_mirror_equals_the_model(whole: str, changes: list[Edit], encoding: Encoding) -> None:
    """After any edits the mirror holds the model's text, cut into lines as if it were new."""
    expected, fitting = whole, []
    for change in changes:
        n_lines = len(split_lines(expected))
        if change.start_line <= n_lines:
            fitting.append(change)
            expected = naive_edit(expected, change, encoding)
    text = edited(text_from(whole), fitting, encoding)
    assert text.whole == expected
    assert text.lines == split_lines(expected)


@settings(max_examples=200, deadline=None)
@given(texts)
def test_lines_are_those_of_lsp(whole: str) -> None:
    """Nothing is lost, only `\\n`, `\\r\\n` and `\\r` end a line, and each line but the last has its end."""
    lines = split_lines(whole)
    assert "".join(lines) == whole
    assert len(lines) == len(re.split(r"\r\n|\n|\r", whole))
    assert all(re.fullmatch(r"[^\r\n]*(\r\n|\n|\r)", line) for line in lines[:-1])


@settings(max_examples=200, deadline=None)
@given(st.text(ALPHABET.replace("\n", "").replace("\r", ""), max_size=20), st.sampled_from(ENCODINGS))
def test_columns_round_trip(line: str, encoding: Encoding) -> None:
    """A code point's column in the client's units leads back to it; inside of a character its start is meant."""
    for column in range(len(line) + 1):
        units = to_units(line, column, encoding)
        assert units == sum(units_in(char, encoding) for char in line[:column])
        assert from_units(line, units, encoding) == column
        if column < len(line):
            for inside in range(units_in(line[column], encoding)):
                assert from_units(line, units + inside, encoding) == column


@settings(max_examples=30, deadline=None)
@given(
    st.text("aé€😀", min_size=1, max_size=7),
    st.sampled_from(["", "\n", "\r\n", "\r"]),
    st.sampled_from(ENCODINGS),
    st.lists(st.integers(0, 12_000), max_size=20),
)
def test_columns_of_a_long_line(piece: str, end: str, encoding: Encoding, columns: list[int]) -> None:
    """They are the same as counted one by one, and stop at the line's end."""
    line = piece * (10_000 // len(piece))
    text = text_from(f"x\n{line}{end}")
    for column in columns:
        assert text.units(1, column, encoding) == sum(units_in(char, encoding) for char in line[:column])


def test_columns_of_a_long_line_take_linear_time() -> None:
    """All findings of a minified file stand on one line: its start is not counted anew for each."""
    text = text_from("é;" * 1_000_000 + "\n")
    before = time.process_time()
    for column in range(0, 2_000_000, 40):
        assert text.units(0, column, "utf-16") == column
    assert time.process_time() - before < 5


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        ("a\rb", Edit(1, 0, 1, 0, "\n"), ["a\r\n", "b"]),
        ("a\r\nb", Edit(0, 1, 0, 5, "x"), ["ax\r\n", "b"]),
        ("a\nb\n", Edit(2, 0, 2, 0, "c"), ["a\n", "b\n", "c"]),
        ("a\nb", Edit(0, 0, 2**31 - 1, 0, ""), [""]),
        ("\ufeffa", Edit(0, 1, 0, 1, "b"), ["\ufeffba"]),
        ("a\x0cb\u2028c\x85d\n", Edit(0, 7, 0, 7, "!"), ["a\x0cb\u2028c\x85d!\n", ""]),
    ],
)
def test_edits_that_are_easily_got_wrong(before: str, edit: Edit, after: list[str]) -> None:
    """Ends that meet become one; a column stops before the end; an end beyond the text is the text's end; a BOM stays."""
    assert edited(text_from(before), [edit], "utf-16").lines == after


@pytest.mark.parametrize("edit", [Edit(1, 0, 0, 0, ""), Edit(0, 3, 0, 1, ""), Edit(9, 0, 9, 0, "x")])
def test_edits_that_do_not_fit_are_told(edit: Edit) -> None:
    """A range that runs backwards, or starts where there is no text, is no edit."""
    with pytest.raises(DocumentError):
        edited(text_from("abc\nd"), [edit], "utf-16")


def test_surrogates_that_meet_are_one_character() -> None:
    """Half a character that arrives after the other half completes it; one that stays alone can be encoded."""
    text = edited(text_from("\ud83d"), [Edit(0, 1, 0, 1, "\ude00")], "utf-16")
    assert text.whole == "😀"
    assert text_from("a\ud83db").readable == "a\ufffdb"


def test_an_edit_leaves_the_old_text_alone() -> None:
    """A snapshot does not change."""
    old = text_from("a\nb\n")
    edited(old, [Edit(0, 0, 1, 0, "")], "utf-16")
    assert old.whole == "a\nb\n"


@dataclass(frozen=True)
class Load:
    """A document and the edits of one notification."""

    n_lines: int
    n_edits: int


def seconds_for(load: Load) -> float:
    """CPU time for `n_edits` edits, each of which brings a line."""
    text = text_from("some words in a line\n" * load.n_lines)
    step = load.n_lines // load.n_edits
    changes = [Edit(line * step, 4, line * step, 4, "x\ny") for line in reversed(range(load.n_edits))]
    start = time.process_time()
    edited(text, changes, "utf-16")
    return time.process_time() - start


def test_many_edits_cost_about_one_pass() -> None:
    """Twenty times the edits do not copy the document twenty times: 2,000 in 100,000 lines stay far below that."""
    seconds_for(Load(1_000, 10))
    assert seconds_for(Load(100_000, 2_000)) < 20 * seconds_for(Load(100_000, 100)) + 0.05


def test_five_megabytes() -> None:
    """A document of 5 MB is edited as any other."""
    whole = "0123456789abcdef\n" * 310_000
    text = edited(text_from(whole), [Edit(150_000, 3, 150_000, 4, "é")], "utf-16")
    assert text.content(150_000) == "012é456789abcdef"
    assert len(text.whole) == len(whole)
