"""Any interleaving of typing, deciding, the editor's undo and files written by others loses nothing that was typed."""

import asyncio
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reviews.desks import EditorDesk

from victor_server.agent.tools.edits import EditOrigin
from victor_server.errors import UsageError
from victor_server.features.edits import hunks as hunks_module
from victor_server.features.edits.diff import Change, changes
from victor_server.features.edits.hunks import hunks_of
from victor_server.features.edits.lines import split_lines
from victor_server.features.edits.model import EditSet, FileEdit
from victor_server.features.edits.review_model import How
from victor_server.features.edits.reviews import Reviews
from victor_server.history.checkpoints import Checkpoints
from victor_server.settings.resolved import CheckpointSettings

# Few different lines, so that many read alike: that is what goes wrong.
_WORDS = st.sampled_from(["a", "b", "c", "}", ""])
_TEXTS = st.lists(_WORDS, min_size=1, max_size=12).map(lambda words: "".join(f"{word}\n" for word in words))
_HOW = st.sampled_from(["accept", "reject", "keep", "undo"])
_STEPS = st.one_of(
    st.tuples(st.just("type"), st.integers(0, 20)),
    st.tuples(st.just("delete"), st.integers(0, 20)),
    st.tuples(st.just("propose"), _TEXTS, st.booleans()),
    st.tuples(st.just("decide"), st.integers(0, 9), st.integers(0, 9), _HOW),
    st.tuples(st.just("follow")),
    st.tuples(st.just("editor undo")),
    st.tuples(st.just("type in the write"), st.integers(0, 20)),
)


class Play:
    """One person, one file, one agent."""

    def __init__(self, folder: Path, text: str) -> None:
        self.file = folder / "a.txt"
        self.file.write_text(text)
        self.desk = EditorDesk()
        self.buffer = self.desk.open(self.file)
        self.reviews = Reviews(self.desk, Checkpoints(folder / "store", CheckpointSettings()))
        self.typed: list[str] = []
        self.n_typed = 0
        self.past: list[str] = []
        self.sets: list[EditSet] = []

    def type(self, place: int) -> None:
        """A new line, which nothing else could have written."""
        self.n_typed += 1
        mark = f"typed {self.n_typed}\n"
        self.typed.append(mark)
        lines = split_lines(self.buffer.text)
        lines.insert(place % (len(lines) + 1), mark)
        self.buffer.become("".join(lines))

    def delete(self, place: int) -> None:
        """The person takes a line away, also one that they typed."""
        lines = split_lines(self.buffer.text)
        if lines:
            gone = lines.pop(place % len(lines))
            self.typed = [mark for mark in self.typed if mark != gone]
            self.buffer.become("".join(lines))

    async def propose(self, after: str, apply: bool) -> None:
        """The agent wants other lines, but none of the person's touched."""
        base = self.buffer.text
        kept = [line for line in split_lines(base) if line in self.typed]
        wanted = after + "".join(kept)
        found = hunks_of(base, wanted, self.file)
        hunks = [each for each in found if "typed" not in each.before + each.after]
        edits = EditSet(
            f"e{len(self.sets)}",
            EditOrigin("Edit", self.file.parent),
            (FileEdit(self.file, "change", base, tuple(hunks)),),
            0.0,
        )
        if hunks:
            self.sets.append(edits)
            await self.reviews.propose(edits, apply=apply)

    async def decide(self, which: int, hunk: int, how: How) -> None:
        """About one hunk, or about all of an edit."""
        if not self.sets:
            return
        edits = self.sets[which % len(self.sets)]
        hunks = edits.files[0].hunks
        chosen = None if hunk >= len(hunks) else [hunks[hunk].id]
        before = self.buffer.text
        n_shown = len(self.desk.shown)
        await self.reviews.resolve(edits.id, chosen, how)
        assert len(self.desk.shown) > n_shown
        self.past.append(before)

    def check(self) -> None:
        """Each mark stands there, once, in a line of its own."""
        lines = split_lines(self.buffer.text)
        for mark in self.typed:
            assert lines.count(mark) == 1


async def _play(text: str, steps: list[tuple[object, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        play = Play(Path(folder), text)
        for step in steps:
            match step:
                case ("type", int(place)):
                    play.type(place)
                case ("delete", int(place)):
                    play.delete(place)
                case ("propose", str(after), bool(apply)):
                    await play.propose(after, apply)
                case ("decide", int(which), int(hunk), ("accept" | "reject" | "keep" | "undo") as how):
                    await play.decide(which, hunk, how)
                case ("follow",):
                    await play.reviews.placed(play.file, play.buffer.text)
                case ("editor undo",):
                    _undo_in_editor(play)
                case ("type in the write", int(place)):
                    play.desk.before_write = partial(_once, play, place)
                case _:
                    raise AssertionError(step)
            play.check()
        play.desk.before_write = lambda: None
        await _all_back(play)


def _once(play: Play, place: int) -> None:
    play.desk.before_write = lambda: None
    play.type(place)


def _undo_in_editor(play: Play) -> None:
    """To a text before a decision, if nothing was typed since."""
    past = play.past.pop() if play.past else None
    if past is not None and all(split_lines(past).count(mark) == 1 for mark in play.typed):
        play.buffer.become(past)
        play.typed = [mark for mark in play.typed if mark in past]
        marks = [line for line in split_lines(past) if line.startswith("typed ")]
        play.typed = [*play.typed, *(mark for mark in marks if mark not in play.typed)]


async def _all_back(play: Play) -> None:
    """A hunk that is taken back at the end, and put in again, gives the same text."""
    for edits in reversed(play.sets):
        for hunk in edits.files[0].hunks:
            before = play.buffer.text
            await play.reviews.resolve(edits.id, [hunk.id], "undo")
            if play.buffer.text != before:
                again = await play.reviews.resolve(edits.id, [hunk.id], "accept")
                assert not again.said
                assert play.buffer.text == before
                await play.reviews.resolve(edits.id, [hunk.id], "undo")
            play.check()


@settings(max_examples=60, deadline=None)
@given(_TEXTS, st.lists(_STEPS, max_size=14))
def test_nothing_typed_is_ever_lost(text: str, steps: list[tuple[object, ...]]) -> None:
    """Each line that the person typed stands there until the person deletes it."""
    asyncio.run(_play(text, steps))


@pytest.mark.torture
@settings(max_examples=3_000, deadline=None)
@given(_TEXTS, st.lists(_STEPS, max_size=40))
def test_nothing_typed_is_ever_lost_at_length(text: str, steps: list[tuple[object, ...]]) -> None:
    """The same, for as long as it takes."""
    asyncio.run(_play(text, steps))


def test_a_hunk_named_twice_is_one(tmp_path: Path) -> None:
    """Asking again for what was done does nothing."""

    async def run() -> None:
        play = Play(tmp_path, "a\nb\n")
        await play.propose("a\nc\n", apply=True)
        await play.decide(0, 0, "keep")
        await play.decide(0, 0, "keep")
        assert play.buffer.text == "a\nc\n"
        with pytest.raises(UsageError):
            await play.reviews.propose(play.sets[0], apply=True)

    asyncio.run(run())


async def test_a_text_is_compared_once_however_much_is_open_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not for each edit, nor again and again for hunks whose lines are gone: that is done at each pause in typing."""
    n_compared = 0

    def count(old: Sequence[str], new: Sequence[str]) -> Sequence[Change]:
        nonlocal n_compared
        n_compared += 1
        return changes(old, new)

    lines = [f"line {number}\n" for number in range(100)]
    text = "".join(lines)
    play = Play(tmp_path, text)
    for number in range(0, 100, 5):
        after = text.replace(f"line {number}\n", f"new {number}\n")
        hunks = hunks_of(text, after, play.file)
        file = FileEdit(play.file, "change", text, hunks)
        edits = EditSet(f"e{number}", EditOrigin("Edit", tmp_path), (file,), 0.0)
        await play.reviews.propose(edits, apply=False)
    monkeypatch.setattr(hunks_module, "changes", count)
    for number in range(0, 50, 5):
        lines[number] = f"{lines[number][:-1]} typed\n"
        n_compared = 0
        assert len(await play.reviews.placed(play.file, "".join(lines))) == 19 - number // 5
        assert n_compared == 1


async def test_what_is_proposed_while_others_are_followed_is_no_harm(tmp_path: Path) -> None:
    """A second agent does not wait until the first one's hunks are shown."""
    play = Play(tmp_path, "a\nb\n")

    def edit_set(name: str) -> EditSet:
        hunks = hunks_of("a\nb\n", f"a\n{name}\n", play.file)
        file = FileEdit(play.file, "change", "a\nb\n", hunks)
        return EditSet(name, EditOrigin("Edit", tmp_path), (file,), 0.0)

    for name in ("one", "two"):
        await play.reviews.propose(edit_set(name), apply=False)
    looking = asyncio.create_task(play.reviews.placed(play.file, "typed\na\nb\n"))
    await asyncio.sleep(0)
    await play.reviews.propose(edit_set("three"), apply=False)
    assert [each.edit_id for each in await looking][:2] == ["one", "two"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
async def test_what_is_typed_behind_the_last_line_is_not_joined_to_it(tmp_path: Path, end: str) -> None:
    """Nor taken away with it, if the hunk that ends the file is taken out and put in again."""
    base, after = f"a{end}last", f"a{end}last{end}new{end}"
    play = Play(tmp_path, base)
    file = FileEdit(play.file, "change", base, hunks_of(base, after, play.file))
    await play.reviews.propose(EditSet("e", EditOrigin("Edit", tmp_path), (file,), 0.0), apply=True)
    assert play.buffer.text == after
    play.buffer.become(f"{after}mine{end}")
    await play.reviews.resolve("e", None, "undo")
    assert play.buffer.text == f"a{end}last{end}mine{end}"
    for how in (*get_args(How), *get_args(How)):
        await play.reviews.resolve("e", [file.hunks[0].id], how)
        assert play.buffer.text.endswith(f"mine{end}")


async def test_what_is_put_in_behind_the_last_line_is_not_joined_to_it(tmp_path: Path) -> None:
    """Where the person has taken its line end away meanwhile."""
    play = Play(tmp_path, "a\nb\n")
    file = FileEdit(play.file, "change", "a\nb\n", hunks_of("a\nb\n", "a\nb\nc\n", play.file))
    await play.reviews.propose(EditSet("e", EditOrigin("Edit", tmp_path), (file,), 0.0), apply=False)
    play.buffer.become("a\nb")
    await play.reviews.resolve("e", None, "accept")
    assert play.buffer.text in ("a\nb", "a\nb\nc\n")
