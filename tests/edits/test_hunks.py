"""Hunks: made from two texts, put in one by one, taken out again, and found in a text that a person types in."""

from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.agent.tools.edits import Block, ChangeFile
from victor_server.features.edits.apply import make_file_edit
from victor_server.features.edits.diff import changes, changes_from_end
from victor_server.features.edits.hunks import hunks_of, reanchor, reanchor_all, text_with, turned_back
from victor_server.features.edits.lines import split_lines
from victor_server.features.edits.model import FileEdit, Hunk

_LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n", "}\n", "x\r\n"]), max_size=30)
_TEXTS = st.builds(lambda lines, last: "".join(lines) + last, _LINES, st.sampled_from(["", "end", "a"]))


@settings(deadline=None, max_examples=300)
@given(_LINES, _LINES, st.sampled_from([0, 5, 10_000]))
def test_changes_make_one_of_the_other(old: list[str], new: list[str], budget: int) -> None:
    """Both ways to compare, with any budget: what is not changed is shared, and changes do not touch."""
    for find in (changes, changes_from_end):
        found = find(old, new, budget)
        made: list[str] = []
        done = 0
        for each in found:
            assert old[done : each.start] == new[len(made) : each.new_start]
            made += [*old[done : each.start], *new[each.new_start : each.new_end]]
            done = each.end
        assert made + old[done:] == new
        assert all(one.end < two.start or one.new_end < two.new_start for one, two in pairwise(found))


@settings(deadline=None, max_examples=300)
@given(_TEXTS, _TEXTS, st.data())
def test_each_hunk_by_itself(base: str, after: str, data: st.DataObject) -> None:
    """All hunks make the text, none makes none of it, and those that were put in can be taken out again."""
    hunks = hunks_of(base, after, Path("/w/a.py"))
    ids = [hunk.id for hunk in hunks]
    assert len(set(ids)) == len(ids)
    assert text_with(base, hunks, ids) == after
    assert text_with(base, hunks, ()) == base
    lines = split_lines(base)
    assert all("".join(lines[hunk.start : hunk.end]) == hunk.before for hunk in hunks)
    some = set(data.draw(st.lists(st.sampled_from(ids), unique=True))) if ids else set()
    text = text_with(base, hunks, some)
    back = turned_back(base, hunks, some)
    assert text_with(text, back, [hunk.id for hunk in back]) == base


@settings(deadline=None, max_examples=400)
@given(st.integers(0, 2**32))
def test_typing_meanwhile(seed: int) -> None:
    """A hunk is found where its lines have gone, or not at all; what was typed is never a part of it."""
    _type_and_follow(Random(seed))


@pytest.mark.torture
def test_typing_meanwhile_by_the_thousand() -> None:
    """The same many times over."""
    found = sum(_type_and_follow(Random(seed)) for seed in range(60_000))
    assert found > 30_000


def _type_and_follow(random: Random) -> int:
    """How many hunks were found again."""
    base = [
        random.choice(["", "}", f"line {random.randrange(30)}", "return"])
        for _ in range(random.randint(1, 30))
    ]
    hunks = _some_hunks(random, base)
    now: list[tuple[int | None, str]] = list(enumerate(base))
    for _ in range(random.randint(0, 6)):
        _type(random, now)
    text = "".join(f"{line}\n" for _, line in now)
    followed = reanchor_all(hunks, "".join(f"{line}\n" for line in base), text)
    for hunk, there in zip(hunks, followed, strict=True):
        _check_followed(hunk, there, now, text)
    return sum(1 for each in followed if each)


def _check_followed(hunk: Hunk, there: Hunk | None, now: list[tuple[int | None, str]], text: str) -> None:
    if there is None:
        return
    assert (there.id, there.before, there.after) == (hunk.id, hunk.before, hunk.after)
    numbers = [number for number, _ in now[there.start : there.end]]
    is_still_there = {number for number, _ in now}
    for wanted, number in zip(range(hunk.start, hunk.end), numbers, strict=True):
        assert (
            number == wanted or wanted not in is_still_there
        )  # of lines that read the same another one was left
    after = text_with(text, [there], [there.id]).split("\n")
    typed = [line for number, line in now if number is None and "typed" in line]
    left = iter(after)
    assert all(line in left for line in typed)


def _some_hunks(random: Random, base: list[str]) -> list[Hunk]:
    hunks = []
    place = 0
    while place < len(base):
        start = random.randint(place, len(base))
        end = min(len(base), start + random.randint(0, 3))
        before = "".join(f"{line}\n" for line in base[start:end])
        hunks.append(Hunk(f"h{start}", start, end, before, f"new {start}\n"))
        place = end + random.randint(1, 6)
    return hunks


def _type(random: Random, now: list[tuple[int | None, str]]) -> None:
    place = random.randint(0, len(now))
    kind = random.random()
    if kind < 0.35 or place == len(now):
        now.insert(place, (None, f"typed {random.randrange(10**6)}"))
    elif kind < 0.6:
        now[place] = (None, f"{now[place][1]} typed {random.randrange(10**6)}")
    else:
        del now[place : place + random.randint(1, 3)]


@pytest.mark.parametrize(
    ("base", "hunk", "now", "start"),
    [
        ("a\nb\nc\n", (1, 2), "a\nb\nc\n", 1),
        ("a\nb\nc\n", (1, 2), "x\na\nb\nc\n", 2),
        ("a\nb\nc\n", (1, 2), "b\nc\n", 0),
        ("a\nb\nc\n", (1, 2), "a\nb\nx\nc\n", 1),
        ("a\nb\nc\n", (1, 2), "a\nx\nb\nc\n", 2),
        ("a\nb\nc\n", (1, 2), "a2\nb\nc2\n", 1),
        ("a\nb\nc\n", (1, 2), "a\nb2\nc\n", None),
        ("a\nb\nc\n", (1, 2), "a\nc\n", None),
        ("a\nb\nc\n", (1, 2), "", None),
        ("a\nb\nc\n", (0, 2), "a\nx\nb\nc\n", None),
        ("a\nb\nc\n", (1, 2), "a\nb\nb\nc\n", None),
        ("a\nb\nb\nc\n", (1, 2), "a\nb\nc\n", None),
        ("a\nb\nc\n", (1, 2), "a\r\nb\r\nc\r\n", None),
        ("a\nb\n", (1, 1), "x\na\nb\n", 2),
        ("a\nb\n", (1, 1), "a\nb2\n", 1),
        ("a\nb\n", (1, 1), "a2\nb\n", 1),
        ("a\nb\n", (1, 1), "a\nx\nb\n", None),
        ("a\nb\n", (1, 1), "b\n", None),
        ("a\nb\n", (0, 0), "a\nb\nc\n", 0),
        ("a\nb\n", (0, 0), "x\na\nb\n", None),
        ("a\nb\n", (2, 2), "a2\nb\n", 2),
        ("a\nb\n", (2, 2), "a\nb\nc\n", None),
        ("a\nb", (1, 2), "x\na\nb", 2),
        ("a\nb", (1, 2), "a\nb\nc", None),
    ],
)
def test_where_a_hunk_has_gone(base: str, hunk: tuple[int, int], now: str, start: int | None) -> None:
    """Typing beside a hunk moves it; typing in it, or a line that reads like one of its own, makes it stale."""
    before = "".join(split_lines(base)[hunk[0] : hunk[1]])
    found = reanchor(Hunk("h", *hunk, before, "new\n"), base, now)
    assert (found and found.start) == start
    assert found is None or found.end - found.start == hunk[1] - hunk[0]


def test_brackets_between_do_not_part_hunks() -> None:
    """Changes with nothing but brackets and empty lines between them are looked at as one."""
    assert len(hunks_of("a1\n}\n\nb1\n", "a2\n}\n\nb2\n")) == 1
    assert len(hunks_of("a1\nc\nb1\n", "a2\nc\nb2\n")) == 2


def test_hunks_are_the_blocks_that_were_sent() -> None:
    """Where two blocks swap what two places say, each is a hunk of its own; no comparison pairs one with the other."""
    base = "def add(a, b):\n    return a - b\n\n\ndef sub(a, b):\n    return a + b\n"
    blocks = (
        Block("    return a - b", "    return a + b"),
        Block("def sub(a, b):\n    return a + b", "def sub(a, b):\n    return a - b"),
    )
    edit = make_file_edit(base, ChangeFile(Path("/calc.py"), blocks))
    assert isinstance(edit, FileEdit)
    first, second = edit.hunks
    assert (first.start, first.before, first.after) == (1, "    return a - b\n", "    return a + b\n")
    assert (second.start, second.before, second.after) == (5, "    return a + b\n", "    return a - b\n")
    assert text_with(base, edit.hunks, {first.id}).count("def ") == 2


def test_hunks_at_an_end_without_a_line_end() -> None:
    """A line behind the last one, which had no end, changes that one too: all hunks together give the whole text."""
    edit = make_file_edit("a\nb", ChangeFile(Path("/x.txt"), (Block("b", "b\nc"),)))
    assert isinstance(edit, FileEdit)
    assert text_with("a\nb", edit.hunks, {each.id for each in edit.hunks}) == "a\nb\nc"
