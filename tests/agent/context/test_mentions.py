"""Mentions in a prompt: what is one, what is none, and that what is written is read back."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.agent.context.mentions import MAX_MENTIONS, as_mention, parse_mentions, without_mentions


def said(prompt: str) -> list[str]:
    """Each mention as `kind name lines`."""
    return [
        f"{each.kind} {each.name}{'' if each.lines is None else f' {each.lines[0]}-{each.lines[1]}'}".strip()
        for each in parse_mentions(prompt)
    ]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("@selection", ["selection"]),
        ("fix @diagnostics, then look at @diff.", ["diagnostics", "diff"]),
        ("see @src/app.py.", ["name src/app.py"]),
        ("see @src/app.py:10-20, please", ["name src/app.py 9-20"]),
        ("(@app.py:3)", ["name app.py 2-3"]),
        ('@"a b.txt":2-3 x', ["name a b.txt 1-3"]),
        ('@file:"diff"', ["file diff"]),
        ("@symbol:Router.decide?", ["symbol Router.decide"]),
        ("@file:selection", ["file selection"]),
        ("@selection:3", ["name selection 2-3"]),
        ("why @Foo::bar", ["name Foo::bar"]),
        ("me@example.org", []),
        ("`@dataclass` is code", []),
        ("```python\n@dataclass\nclass A: ...\n```\n@a.py", ["name a.py"]),
        ("```\n@never closed", []),
        ("@ @. @: @file: @symbol: @@", []),
        ("@a.py\n@b.py", ["name a.py", "name b.py"]),
        ("@a.py:0", ["name a.py 0-1"]),
        ("@a.py:9-3", ["name a.py 8-9"]),
    ],
)
def test_what_is_a_mention(prompt: str, expected: list[str]) -> None:
    """By its mark at the start of a word, outside of code."""
    assert said(prompt) == expected


def test_the_question_to_the_index_keeps_names_and_loses_marks() -> None:
    """Words for sources are not words to search for."""
    prompt = "how does @Router use @selection here?"
    assert without_mentions(prompt) == "how does Router use  here?"


@settings(deadline=None)
@given(st.text(max_size=300))
def test_anything_can_be_typed(prompt: str) -> None:
    """No prompt is too odd, and each mention's place is where its mark stands."""
    for mention in parse_mentions(prompt):
        assert prompt[mention.start] == "@"
        assert mention.start < mention.end <= len(prompt)
        assert mention.kind in ("selection", "diagnostics", "diff") or mention.name in prompt


NAMES = st.text(st.characters(blacklist_characters='"`\n\r'), min_size=1, max_size=40).filter(
    lambda name: name.strip("./:")
)


@settings(deadline=None)
@given(st.sampled_from(["file", "symbol"]), NAMES)
def test_what_is_written_is_read_back(kind: str, name: str) -> None:
    """A completion's text names exactly what it was offered for."""
    written = as_mention(kind, name)  # type: ignore[arg-type]  # one of the kinds above
    (mention,) = parse_mentions(f"{written} and more")
    assert mention.name == name
    assert mention.lines is None
    assert mention.kind in (kind, "name")


@pytest.mark.parametrize(
    "text", ["@" * 200_000, "`" * 200_000, "@a" * 100_000, "```\n" * 50_000, '@"' * 100_000]
)
def test_hostile_prompts_take_linear_time(text: str) -> None:
    """CPU seconds, with room for a slow machine: a quadratic reading would take minutes."""
    started = time.process_time()
    assert len(parse_mentions(text)) <= MAX_MENTIONS
    assert time.process_time() - started < 5
