"""What becomes of the bytes that a command prints."""

import time
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.agent.sandbox.kept_output import KeptOutput
from victor_server.agent.sandbox.plain_output import PlainOutput

pieces = st.lists(
    st.one_of(
        st.binary(max_size=12),
        st.sampled_from(
            [
                b"\x1b[31m",
                b"\x1b[",
                b"\x1b]0;t\x07",
                b"\x1b]8;;x\x1b\\",
                b"\x1b(B",
                b"\x1bP",
                b"\x1b",
                "\x90".encode(),
                "\x9c".encode(),
                b"\r\n",
                b"\r",
                b"\x9b",
            ]
        ),
        st.text(max_size=6).map(lambda text: text.encode("utf-8", "replace")),
    ),
    max_size=12,
)


def plain(parts: list[bytes]) -> str:
    """What becomes of an output that comes in these parts."""
    output = PlainOutput()
    return "".join(map(output.feed, parts)) + output.finish()


@given(pieces)
@settings(deadline=None, max_examples=300)
def test_no_terminal_is_commanded(parts: list[bytes]) -> None:
    """Whatever is printed, in whatever parts: no control but the end of a line and the tabulator is left."""
    kinds = {each for each in plain(parts) if unicodedata.category(each) == "Cc"}
    assert kinds <= {"\n", "\t"}


@given(pieces, st.lists(st.integers(0, 100), max_size=6))
@settings(deadline=None, max_examples=300)
def test_parts_do_not_matter(parts: list[bytes], cuts: list[int]) -> None:
    """However an output is cut into parts, the same text comes of it."""
    data = b"".join(parts)
    places = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    cut = [data[start:end] for start, end in pairwise(places)]
    assert plain(cut) == plain([data])


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\u2028\u2029")))
@settings(deadline=None, max_examples=100)
def test_text_is_left_alone(text: str) -> None:
    """Printable text of any script comes as it is."""
    assert plain([text.encode()]) == text


def test_sequences() -> None:
    """Colours, titles, links and the like are taken out with all that belongs to them."""
    for printed, expected in {
        b"\x1b[1;31mred\x1b[0m": "red",
        b"a\x1b]0;title\x07b": "ab",
        b"\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\": "link",
        b"\x1b]52;c;aGk=\x07x": "x",
        b"\x1bcx\x1b7y\x1b(Bz": "xyz",
        b"\x1b\x1b[0m[31mx": "[31mx",
        b"10%\r20%\r\ndone": "10%\n20%\ndone",
        b"10%\r\x1b[0m\ndone": "10%\ndone",
        b"a\x08\x00\x7fb\tc": "ab\tc",
        b"\xc2\x9b31mx": "x",
        b"\x1b[": "[",
        b"\xf0\x9f\x98": "\ufffd",
    }.items():
        assert plain([printed]) == expected, printed


def test_nothing_is_held_for_ever() -> None:
    """The beginning of a sequence that never ends holds back a few thousand characters at most."""
    output = PlainOutput()
    given_text = output.feed(b"\x1b]0;" + b"x" * 10_000)
    assert len(given_text) >= 5_000


@pytest.mark.parametrize("end", ["\n", "\x07", "\x1b[", "\x9c"])
@pytest.mark.parametrize("unit", ["\x90", "\x9b", "\x1b", "\x1b]", "\x1b[0", "\x1b ", "\x9d0", "\r"])
def test_any_output_takes_linear_time(unit: str, end: str) -> None:
    """What a program repeats to draw out the reading delays nobody: it is read on the event loop."""
    data = (unit * (64_000 // len(unit.encode())) + end).encode()
    before = time.process_time()
    assert plain([data]) == plain([data[:30_001], data[30_001:]])
    assert time.process_time() - before < 0.5


@given(st.lists(st.binary(max_size=40), max_size=12), st.integers(1, 100))
@settings(deadline=None, max_examples=200)
def test_beginning_and_end_are_kept(parts: list[bytes], limit: int) -> None:
    """No more than the limit is given, nothing is missing but what is counted, and that was in between."""
    kept = KeptOutput(limit)
    head = b"".join(map(kept.feed, parts))
    tail = kept.finish()
    data = b"".join(parts)
    assert len(head) + len(tail) == min(limit, len(data))
    assert (kept.n_bytes, kept.n_left_out) == (len(data), len(data) - len(head) - len(tail))
    assert data.startswith(head)
    assert data.endswith(tail)
