"""Edit sets under review: proposed, put into the files hunk by hunk, kept or taken out again."""

import asyncio
import os
from collections.abc import Callable, Collection, Mapping, MutableSequence, Sequence
from dataclasses import replace
from pathlib import Path

from victor_server.agent.context.sources import Note
from victor_server.errors import UsageError, VictorError
from victor_server.features.edits.carry_out import KeepsCheckpoints, carry_out
from victor_server.features.edits.desk import Desk, Held, Written
from victor_server.features.edits.model import EditSet, FileEdit, Hunk
from victor_server.features.edits.review_model import (
    ASKED,
    How,
    Placed,
    Resolved,
    Review,
    Which,
    ids_of,
    placed_in,
)
from victor_server.features.edits.reviewed_file import (
    ELSEWHERE,
    Found,
    Reviewed,
    Step,
    begin_review,
    followed_to,
    step_of,
    where,
)
from victor_server.features.edits.to_the_end import ToTheEnd
from victor_server.features.edits.tracking import Decided, Tracked

MAX_SETS = 200
"""Edit sets that are remembered; beyond that the oldest go that wait for nobody. Checkpoints have them still."""

_ROUNDS = 2


def _not_recorded(_: EditSet, __: str, ___: int) -> None:
    """For who keeps no audit log."""


class Reviews:
    """Used on one event loop. `desk` may be exchanged: where the files are is known once a face is there.

    `record` audits a decision before it is carried out, in a thread: the edit set, how it was decided, and about how
    many hunks. What it raises keeps that from happening.
    """

    def __init__(
        self,
        desk: Desk,
        checkpoints: KeepsCheckpoints,
        record: Callable[[EditSet, str, int], None] = _not_recorded,
    ) -> None:
        self.desk = desk
        self._checkpoints = checkpoints
        self._record = record
        self._reviews: dict[str, Review] = {}
        self._turn = asyncio.Lock()
        self._writing = ToTheEnd()

    async def propose(self, edits: EditSet, *, apply: bool) -> Resolved:
        """Take an edit set for review; with `apply` it is put into the files first, each hunk to be kept or undone.

        Raises VictorError where what is needed to undo it could not be kept: then nothing was written.
        """
        if edits.id in self._reviews:
            raise UsageError("There is an edit of this name already.", "Give it another.")
        review = Review(edits, [begin_review(_bound(file)) for file in edits.files])
        self._reviews[edits.id] = review
        self._forget_oldest()
        if not apply:
            self._tell(review)
            return Resolved(review.now)
        try:
            return await self._writing.run(self._applied(review))
        except VictorError:
            self._reviews.pop(edits.id, None)
            raise

    async def resolve(self, edit_id: str, which: Which, how: How, reason: str = "") -> Resolved:
        """Decide about hunks. Of a file, or of all, those are meant that are still open; by its id any.

        A hunk that was rejected can be accepted later, and one that was kept undone. What does not go any more is
        said, and left alone. Raises UsageError for what there is not, VictorError where nothing could be kept.
        """
        return await self._writing.run(self._resolved(self._review(edit_id), which, how, reason))

    async def withdraw(self, edit_id: str, reason: str = "It was withdrawn.") -> None:
        """Take back what is proposed and was not decided."""
        async with self._turn:
            review = self._review(edit_id)
            for number, file in enumerate(review.files):
                review.files[number] = file.decided(file.ids("proposed"), "reverted", reason)
            self._tell(review)

    async def wait(self, edit_id: str) -> EditSet:
        """The edit set once no hunk of it is proposed any more. A stale one is not waited for."""
        review = self._review(edit_id)
        while review.waits:
            review.changed.clear()
            await review.changed.wait()
        return review.now

    def get(self, edit_id: str) -> EditSet:
        """An edit set as it is now. Raises UsageError if there is none of that id."""
        return self._review(edit_id).now

    def list(self) -> Sequence[EditSet]:
        """All that are remembered, the youngest first."""
        return [review.now for review in reversed(self._reviews.values())]

    def reasons(self, edit_id: str) -> Mapping[str, str]:
        """What the person said of hunks, by their ids."""
        found = (each for file in self._review(edit_id).files for each in file.tracked)
        return {each.made.id: each.reason for each in found if each.reason}

    def note_broken(self, edit_id: str, notes: Sequence[Note]) -> None:
        """Remember which problems came with an edit."""
        self._review(edit_id).broken = tuple(notes)
        self._tell(self._review(edit_id))

    def broken(self, edit_id: str) -> Sequence[Note]:
        """The problems that came with an edit, as far as that is known."""
        return self._review(edit_id).broken

    def broken_in(self, path: Path) -> Sequence[Note]:
        """The problems in one file that came with edits of which hunks are still in it."""
        return [
            note
            for review in self._reviews.values()
            if any(each.is_in for file in review.files for each in file.tracked)
            for note in review.broken
            if note.path == path
        ]

    def open_paths(self) -> set[Path]:
        """The files of which hunks are proposed, or applied and not looked at."""
        return {
            path
            for review in self._reviews.values()
            for file in review.files
            if file.ids("proposed", "applied")
            for path in (file.edit.path, file.edit.to)
            if path is not None
        }

    def places(self, edit_id: str) -> Mapping[str, tuple[int, int]]:
        """The lines in which each hunk stood when its file was last looked at; none for one that is stale."""
        files = self._review(edit_id).files
        return {
            each.made.id: (each.step.start, each.step.end)
            for file in files
            for each in file.tracked
            if not each.is_stale
        }

    async def placed(self, path: Path, text: str) -> Sequence[Placed]:
        """The open hunks of a file whose text is `text`, where they stand in it."""
        async with self._turn:
            found = Found(Held(text))
            for review in tuple(self._reviews.values()):
                for number, file in enumerate(review.files):
                    if (
                        file.edit.path == path
                        and file.edit.kind == "change"
                        and file.ids("proposed", "applied")
                    ):
                        await self._follow(review, number, found)
        return [
            placed
            for review in self._reviews.values()
            for file in review.files
            for placed in placed_in(review, file, path)
        ]

    async def close(self) -> None:
        """Wait for what is being written."""
        await self._writing.close()

    async def _applied(self, review: Review) -> Resolved:
        async with self._turn:
            ids = ids_of(review, None, ("proposed",))
            return await self._decided(review, ids, "apply", "applied")

    async def _resolved(self, review: Review, which: Which, how: How, reason: str) -> Resolved:
        async with self._turn:
            decided: Decided = "kept" if how in ("accept", "keep") else "reverted"
            return await self._decided(review, ids_of(review, which, ASKED[how]), how, decided, reason)

    async def _decided(
        self, review: Review, ids: Collection[str], how: str, decided: Decided, reason: str = ""
    ) -> Resolved:
        await asyncio.to_thread(self._record, review.now, how, len(ids))
        said = await self._turn_hunks(review, ids, decided, reason)
        self._tell(review)
        return Resolved(review.now, tuple(said))

    async def _turn_hunks(
        self, review: Review, ids: Collection[str], decided: Decided, reason: str = ""
    ) -> Sequence[str]:
        """Put hunks in or take them out, and note what was decided of those that then are as they should be."""
        is_in, said = decided != "reverted", list[str]()
        files: Sequence[int] = [number for number, file in enumerate(review.files) if _of(file, ids)]
        for n_left in range(_ROUNDS - 1, -1, -1):
            steps: dict[int, Step] = {}
            for number in files:
                try:
                    found = await self._look(review, number)
                except UsageError as error:
                    if _to_turn(review.files[number], ids, is_in):
                        said.append(f"{error.message} {error.fix}".strip())
                    continue
                if going := _to_turn(review.files[number], ids, is_in):
                    steps[number] = await asyncio.to_thread(step_of, review.files[number], going, found)
            files = await self._write(review, steps, said, is_in=is_in, is_last=not n_left)
            if not files:
                break
        for number, file in enumerate(review.files):
            done = {each.made.id for each in _of(file, ids) if each.is_in == is_in}
            review.files[number] = file.decided(done, decided, reason)
            said += _stale(review, file, ids, is_in=is_in)
        return said

    async def _look(self, review: Review, number: int) -> Found:
        edit = review.files[number].edit
        at_target = await self.desk.read(edit.to) if edit.to is not None else None
        found = Found(await self.desk.read(edit.path), at_target)
        if found.at is not None and found.at.real not in (None, edit.real):
            raise UsageError(f"{edit.path.name} was not changed.", ELSEWHERE)
        await self._follow(review, number, found)
        return found

    async def _follow(self, review: Review, number: int, found: Found) -> None:
        before = review.files[number]
        after = await asyncio.to_thread(followed_to, before, found)
        review.files[number] = after
        if [each.state for each in before.tracked] != [each.state for each in after.tracked]:
            self._tell(review)

    async def _write(
        self,
        review: Review,
        steps: Mapping[int, Step],
        said: MutableSequence[str],
        *,
        is_in: bool,
        is_last: bool,
    ) -> Sequence[int]:
        """The files whose text moved on meanwhile, so that it may be tried again."""
        moved_on = []
        outcomes = await carry_out(self.desk, self._checkpoints, review.edits, steps, is_undo=not is_in)
        for number, outcome in outcomes.items():
            if outcome.how == "written":
                review.files[number] = steps[number].after
            elif outcome.how == "moved_on" and not is_last:
                moved_on.append(number)
            else:
                said.append(_not_written(review, review.files[number], outcome))
        return moved_on

    def _tell(self, review: Review) -> None:
        review.changed.set()
        self.desk.show_review(review.edits.id)

    def _review(self, edit_id: str) -> Review:
        review = self._reviews.get(edit_id)
        if review is None:
            raise UsageError(
                "There is no such edit any more.", "What was applied can be undone: see `victor checkpoints`."
            )
        return review

    def _forget_oldest(self) -> None:
        over = len(self._reviews) - MAX_SETS
        for each in [each for each, review in self._reviews.items() if not review.waits][: max(0, over)]:
            del self._reviews[each]


def _bound(file: FileEdit) -> FileEdit:
    """The same, tied to the file that its path leads to now."""
    return file if file.real is not None else replace(file, real=Path(os.path.realpath(file.path)))


def _of(file: Reviewed, ids: Collection[str]) -> "list[Tracked]":
    return [each for each in file.tracked if each.made.id in ids]


def _to_turn(file: Reviewed, ids: Collection[str], is_in: bool) -> "list[str]":
    return [each.made.id for each in _of(file, ids) if each.is_in != is_in and not each.is_stale]


def _stale(review: Review, file: Reviewed, ids: Collection[str], *, is_in: bool) -> "list[str]":
    """A sentence for each hunk that does not go any more."""
    name = where(file.edit.path, review.edits.origin.root)
    done = "put in" if is_in else "taken out"
    return [
        f"{name}, {lines_of(each.made)}: the text there has changed since, so this was not {done}."
        for each in _of(file, ids)
        if each.is_in != is_in and each.is_stale
    ]


def _not_written(review: Review, file: Reviewed, outcome: Written) -> str:
    name = where(file.edit.path, review.edits.origin.root)
    if outcome.how == "moved_on":
        return f"{name} was changed again and again meanwhile, so nothing was written. Try again."
    return f"{name} was not changed. {outcome.why}".strip()


def lines_of(hunk: Hunk) -> str:
    """Where a hunk stood when it was made, as a person counts lines."""
    if hunk.end - hunk.start > 1:
        return f"lines {hunk.start + 1}-{hunk.end}"
    return f"line {hunk.start + 1}"
