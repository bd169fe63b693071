"""Kept answers: given again to the very same request only, and not for ever."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger.asks import Clock

from victor_server.agent.messages import (
    Message,
    ModelRequest,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
    ToolSpec,
)
from victor_server.ledger.answers import AnswerCache, key_of


def cache(max_bytes: int = 10_000) -> tuple[AnswerCache[str], Clock]:
    """Answers for a minute, and the clock of the cache."""
    clock = Clock()
    return AnswerCache(60, max_bytes, clock), clock


def test_an_answer_is_given_again() -> None:
    """Until its time is over."""
    answers, clock = cache()
    answers.put("key", "answer", 6)
    clock.now += 59
    assert answers.get("key") == "answer"
    clock.now += 1
    assert answers.get("key") is None
    assert (answers.n_hits, answers.n_misses, len(answers), answers.n_bytes) == (1, 1, 0, 0)


def test_what_was_not_asked_for_the_longest_goes_first() -> None:
    """Using an answer keeps it."""
    answers, _ = cache(max_bytes=3_000)
    for name in "abc":
        answers.put(name, name, 600)
    answers.get("a")
    answers.put("d", "d", 600)
    assert [answers.get(name) for name in "abcd"] == ["a", None, "c", "d"]


def test_an_answer_that_is_too_large_is_not_kept() -> None:
    """And throws nothing else out, but an older answer of the same request."""
    answers, _ = cache(max_bytes=1_000)
    answers.put("a", "a", 10)
    answers.put("b", "b", 10)
    answers.put("b", "larger", 1_000)
    assert (answers.get("a"), answers.get("b"), len(answers)) == ("a", None, 1)


def test_a_later_answer_replaces_an_earlier_one() -> None:
    """And what it takes is counted once."""
    answers, _ = cache()
    answers.put("key", "first", 100)
    answers.put("key", "second", 200)
    assert (answers.get("key"), answers.n_bytes, len(answers)) == ("second", 500, 1)


def test_all_is_forgotten() -> None:
    """When settings change, say."""
    answers, _ = cache()
    answers.put("key", "answer", 100)
    answers.clear()
    assert (answers.get("key"), answers.n_bytes) == (None, 0)


OPERATIONS = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.integers(-5, 900), st.integers(0, 40)), max_size=40
)


@settings(deadline=None, max_examples=100)
@given(OPERATIONS)
def test_the_cache_stays_within_its_bytes(operations: list[tuple[str, int, int]]) -> None:
    """Whatever comes and goes; and an answer is the last one put under its key, or none."""
    answers, clock = cache(max_bytes=2_000)
    last: dict[str, int] = {}
    for number, (key, size, seconds) in enumerate(operations):
        clock.now += seconds
        answers.put(key, str(number), size)
        last[key] = number
        assert 0 <= answers.n_bytes <= 2_000
        assert all(answers.get(name) in (None, str(n)) for name, n in last.items())


TEXT = st.text(max_size=8)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
OBJECT = st.dictionaries(TEXT, JSON, max_size=3)
PARTS = st.one_of(
    st.builds(TextPart, TEXT, st.booleans()),
    st.builds(ThinkingPart, TEXT, TEXT),
    st.builds(ToolCallPart, TEXT, TEXT, OBJECT),
    st.builds(ToolResultPart, TEXT, TEXT, st.booleans()),
)
MESSAGES = st.builds(
    Message, st.sampled_from(["user", "assistant", "tool"]), st.lists(PARTS, max_size=3).map(tuple)
)
FIELDS: Mapping[str, st.SearchStrategy[Any]] = {
    "model": TEXT,
    "messages": st.lists(MESSAGES, max_size=3).map(tuple),
    "max_output_tokens": st.integers(0, 5),
    "system": st.lists(st.builds(TextPart, TEXT, st.booleans()), max_size=2).map(tuple),
    "tools": st.lists(st.builds(ToolSpec, TEXT, TEXT, OBJECT), max_size=2).map(tuple),
    "json_schema": st.none() | OBJECT,
    "temperature": st.none() | st.floats(0, 2),
    "stop": st.lists(TEXT, max_size=2).map(tuple),
}
REQUESTS = st.builds(ModelRequest, **FIELDS)


def test_every_field_of_a_request_is_looked_at() -> None:
    """A new field needs a strategy here, or the property below says nothing of it."""
    assert set(FIELDS) == {each.name for each in fields(ModelRequest)}


@settings(deadline=None, max_examples=200)
@given(REQUESTS, st.data())
def test_any_change_of_a_field_changes_the_key(request: ModelRequest, data: st.DataObject) -> None:
    """However small, and however deep; and nothing else does."""
    name = data.draw(st.sampled_from(sorted(FIELDS)))
    changed = replace(request, **{name: data.draw(FIELDS[name])})
    same = written(changed) == written(request)
    assert (key_of("p", changed) == key_of("p", request)) == same


def written(value: object) -> str:
    """A value as it is written, mappings in order: an oracle that tells 1, 1.0 and True apart."""
    match value:
        case Mapping():
            return f"{{{sorted((written(key), written(member)) for key, member in value.items())}}}"
        case list() | tuple():
            return f"[{', '.join(map(written, value))}]"
        case str() | int() | float() | None:
            return repr(value)
        case _:
            members = [written(getattr(value, each.name)) for each in fields(value)]  # type: ignore[arg-type]  # all else are dataclasses
            return f"{type(value).__name__}({', '.join(members)})"


@dataclass(frozen=True)
class One:
    """Has the same field as `Other`."""

    text: str


@dataclass(frozen=True)
class Other:
    """Has the same field as `One`."""

    text: str


class Colour(StrEnum):
    """Looks like a text."""

    RED = "red"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (("ab", "c"), ("a", "bc")),
        (("a",), ("a", "")),
        ((["a"], ["b"]), (["a", "b"],)),
        (([],), ()),
        ((1,), (True,)),
        ((1,), (1.0,)),
        ((0.0,), (-0.0,)),
        ((None,), ("None",)),
        ((b"a",), ("a",)),
        ((One("a"),), (Other("a"),)),
        ((One("a"),), ({"text": "a"},)),
        ((PurePosixPath("a"),), ("a",)),
        ((Colour.RED,), ("red",)),
        (({"a": "b"},), ({"b": "a"},)),
        (({"a", "b"},), (["a", "b"],)),
        (({"a": {"b": "c"}},), ({"a": {"b": {"c": None}}},)),
    ],
)
def test_what_looks_alike_has_another_key(left: tuple[object, ...], right: tuple[object, ...]) -> None:
    """Borders, kinds and types count."""
    assert key_of(*left) != key_of(*right)


def test_order_counts_where_there_is_one() -> None:
    """Not in mappings and sets; and a list is as good as a tuple."""
    assert key_of({"a": 1, "b": 2}, {1, 2}) == key_of(MappingProxyType({"b": 2, "a": 1}), frozenset({2, 1}))
    assert key_of(["a", "b"]) == key_of(("a", "b")) != key_of(["b", "a"])


def test_half_characters_have_a_key() -> None:
    """Names of files may hold them."""
    assert key_of("\udcff") != key_of("\udcfe")


def test_what_cannot_be_told_apart_gets_no_key() -> None:
    """Rather no kept answer than a wrong one."""
    with pytest.raises(TypeError, match="object"):
        key_of("p", {"a": object()})
