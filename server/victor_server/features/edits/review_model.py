"""What a review is: an edit set, which of its hunks are meant, and what may be decided of them."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from victor_server.agent.context.sources import Note
from victor_server.errors import UsageError
from victor_server.features.edits.model import EditSet, Hunk
from victor_server.features.edits.reviewed_file import Reviewed
from victor_server.features.edits.tracking import Decided

How = Literal["accept", "reject", "keep", "undo"]
"""`accept` puts a hunk in, `reject` leaves it out or takes it out. `keep` is for those that are in, as is `undo`."""

Which = Collection[str] | Path | None
"""The ids of hunks, all of one file, or all."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """The edit set as it is now. `said` are sentences for the person: what could not be done, and why."""

    edits: EditSet
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """A hunk in the text of now: it stands in the lines `start` up to `end`. `hunk` is as it was made, with its state.

    `is_in` where it is in the text already.
    """

    edit_id: str
    title: str
    path: Path
    hunk: Hunk
    start: int
    end: int
    is_in: bool


@dataclass(slots=True)
class Review:
    """An edit set and how far it has come. `changed` is set whenever it has.

    Changed by `Reviews` alone.
    """

    edits: EditSet
    files: list[Reviewed]
    broken: tuple[Note, ...] = ()
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def now(self) -> EditSet:
        """The edit set with the states of its hunks."""
        return replace(self.edits, files=tuple(file.now for file in self.files))

    @property
    def waits(self) -> bool:
        """Whether a person still has to look at something before it happens."""
        return any(each.state == "proposed" for file in self.files for each in file.tracked)


ASKED: Mapping[How, tuple[Decided, ...]] = {
    "accept": ("proposed", "applied"),
    "reject": ("proposed", "applied"),
    "keep": ("applied",),
    "undo": ("applied", "kept"),
}
"""Of a file or of all, the hunks that are meant: those of which that was decided so far."""


def ids_of(review: Review, which: Which, states: Sequence[Decided]) -> set[str]:
    """The hunks that are meant. Raises UsageError for what there is not."""
    files = [file for file in review.files if which is None or which in (file.edit.path, file.edit.to)]
    if which is None or isinstance(which, Path):
        if not files:
            raise UsageError(f"{which} is not in this edit.", "Name one of its files.")
        return {each for file in files for each in file.ids(*states)}
    known = {each.made.id for file in review.files for each in file.tracked}
    if unknown := set(which) - known:
        raise UsageError(f"There is no hunk {min(unknown)[:40]!r} in this edit.", "Ask for the edit again.")
    return set(which)


def placed_in(review: Review, file: Reviewed, path: Path) -> Sequence[Placed]:
    """The open hunks of one file."""
    if file.edit.path != path:
        return []
    return [
        Placed(
            review.edits.id,
            review.edits.origin.title,
            path,
            replace(each.made, state=each.state),
            each.step.start,
            each.step.end,
            each.is_in,
        )
        for each in file.tracked
        if each.decided in ("proposed", "applied") and not each.is_stale
    ]
