"""Text of others cannot order a terminal about, nor hide in it."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.cli.chat.neutral import neutral


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, ünïcödé, 漢字, 👩‍🚀\tand tabs\n", "plain text, ünïcödé, 漢字, 👩‍🚀\tand tabs\n"),
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x1b]8;;http://x\x07link\x1b]8;;\x07", "␛]8;;http://x␇link␛]8;;␇"),
        ("\x1b]52;c;cm0gLXJm\x07", "␛]52;c;cm0gLXJm␇"),
        ("one\r\ntwo\rthree\n", "one\ntwothree\n"),
        ("a\bb\x7f", "a␈b␡"),
        ("\x9b2J", "\\u{9b}2J"),
        ("if x:\u202e yxorp", "if x:\\u{202e} yxorp"),
        ("\U000e0049gnore", "\\u{e0049}gnore"),
        ("a\u2028b", "a\\u{2028}b"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    """Escape sequences, their eight-bit forms, reordering and invisible text are shown as what they are."""
    assert neutral(text) == shown


@settings(deadline=None, max_examples=150)
@given(st.text(), st.text())
def test_cut_anywhere(one: str, two: str) -> None:
    """A stream may be cut inside a sequence: each piece is neutral by itself, and twice changes nothing."""
    assert neutral(one) + neutral(two) == neutral(one + two)
    assert neutral(neutral(one)) == neutral(one)


@settings(deadline=None, max_examples=150)
@given(st.text(alphabet=st.characters(categories=["Cc", "Cf", "Zl", "Zp", "Cs", "Lu"])))
def test_no_control_is_left(text: str) -> None:
    """Whatever comes in, no control character but line feed and tab goes out."""
    assert {c for c in neutral(text) if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}} <= {"\n", "\t"}
