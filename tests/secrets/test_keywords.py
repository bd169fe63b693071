"""The keyword pass, with its library and without."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from victor_server.secrets import scanner
from victor_server.secrets.keywords import build_plain_search, build_search, fold
from victor_server.secrets.rules.table import RULES

KEYWORDS = sorted({keyword for rule in RULES for keyword in rule.keywords})
WITH_LIBRARY, WITHOUT = build_search(KEYWORDS), build_plain_search(KEYWORDS)
WORDS = st.lists(st.text(alphabet="abc", min_size=1, max_size=4), min_size=1, max_size=8, unique=True)


@given(WORDS, st.text(alphabet="abcd\n", max_size=60))
def test_both_searches_agree(words: list[str], text: str) -> None:
    """Overlapping, nested and adjacent keywords are all found, the same with the library and without."""
    naive = sorted(
        (at, i) for i, word in enumerate(words) for at in range(len(text)) if text.startswith(word, at)
    )
    expected = [(i, at) for at, i in naive]
    assert build_search(words)(text) == expected
    assert build_plain_search(words)(text) == expected


@given(st.lists(st.sampled_from([*KEYWORDS, " ", "\n", "é", "\U0001f600"]), max_size=30).map("".join))
def test_both_searches_agree_on_the_real_keywords(text: str) -> None:
    """The table's own keywords behave alike in both."""
    assert WITH_LIBRARY(fold(text)) == WITHOUT(fold(text))


def test_plain_search_where_the_library_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a wheel for the platform the scanner finds the same."""
    text = "key = 'AKIA" + "Z7QH2MVWX4RTNB6K'\npassword = 'tR7!kw" + "Q2#zp9'\n"
    expected = scanner.scan(text, "a.py")
    monkeypatch.setitem(sys.modules, "ahocorasick_rs", None)
    monkeypatch.setattr(scanner, "_search", lambda: build_search(list(scanner._ranks_by_keyword())))
    assert scanner.scan(text, "a.py") == expected
    assert len(expected) == 2


@given(st.text())
def test_folding_keeps_offsets(text: str) -> None:
    """Every character stays where it was, so that a hit in the folded text is one in the text."""
    assert len(fold(text)) == len(text)
    assert fold("İ" + text)[1:] == fold(text)
