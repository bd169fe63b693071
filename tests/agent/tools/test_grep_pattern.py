"""Patterns over whole texts find the lines that they find one by one."""

import re
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.agent.tools.grep_pattern import matching_lines, within_a_line

ATOMS = st.sampled_from(
    [
        *("ab .^$", r"\s", r"\S", r"\w", r"\W", r"\d", r"\D", r"\b", r"\B", r"\.", "^", "$", ".", "a", " "),
        *(
            "[^a]",
            "[ab]",
            r"[^\s]",
            r"[\w.]",
            "[]a]",
            r"[^]\W]",
            "[^-a]",
            "[^a-]",
            r"[^\S]",
            "a|b",
            r"(a)\1",
            r"\t",
        ),
        *("(?:a|^)", "(?i:A)", "x{0}", "(|a)"),
    ]
)
QUANTIFIERS = st.sampled_from(["", "", "", "*", "+", "?", "{1,2}", "*?"])
PATTERNS = st.lists(st.tuples(ATOMS, QUANTIFIERS), min_size=1, max_size=4).map(
    lambda parts: "".join(atom + quantifier for atom, quantifier in parts)
)
TEXTS = st.text(st.sampled_from("abA1 \t.\n\x0b\x85\u2028\r_é"), max_size=40)


@settings(max_examples=800, deadline=None)
@given(pattern=PATTERNS, text=TEXTS, ignore_case=st.booleans())
def test_at_once_is_one_by_one(pattern: str, text: str, ignore_case: bool) -> None:
    """Which is what a person means who knows grep."""
    try:
        lines = matching_lines(pattern, ignore_case=ignore_case)
    except re.error:
        return
    assert list(lines(text)) == list(lines.one_by_one(text))


@settings(max_examples=300, deadline=None)
@given(pattern=st.text(st.sampled_from(r"a\()[]{}*+?^$|.snWDx0-1=!<:P,"), max_size=10), text=TEXTS)
def test_whatever_is_written(pattern: str, text: str) -> None:
    """A pattern that compiles still does, and means the same."""
    try:
        lines = matching_lines(pattern, ignore_case=False)
    except (re.error, RecursionError, OverflowError):
        with (
            warnings.catch_warnings(action="ignore"),
            pytest.raises((re.error, RecursionError, OverflowError)),
        ):
            re.compile(pattern)
        return
    assert list(lines(text)) == list(lines.one_by_one(text))


@pytest.mark.parametrize(
    "pattern",
    [r"def\s+\w+\(", r"class \w+", "[^;]*;$", "TODO|FIXME", r"^\s*#", r"import .* from '\./", "(?i)abc"],
)
def test_what_people_write_is_quick(pattern: str) -> None:
    """It is looked for in the whole text."""
    assert within_a_line(pattern) is not None


@pytest.mark.parametrize(
    "pattern",
    [r"a\nb", "(?s).*", "(?=a)", "(?<!a)b", r"\Aa", r"a\Z", r"\x0a", "[\\t-\\r]", "a++", "(?x) a", r"\012"],
)
def test_what_is_not_simple_is_asked_of_each_line(pattern: str) -> None:
    """Slower, and right."""
    assert within_a_line(pattern) is None
