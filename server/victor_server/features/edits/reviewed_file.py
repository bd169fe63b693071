"""One file under review: where its hunks stand in what the desk holds now, and what is to be written to turn some."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from victor_server.agent.tools.printable import printable
from victor_server.features.edits.desk import Held, Write
from victor_server.features.edits.model import FileEdit
from victor_server.features.edits.tracking import (
    Decided,
    Tracked,
    by_somebody,
    decide,
    followed,
    track,
    turned,
)

ELSEWHERE = "It has become a link meanwhile, or lies behind one: nothing is changed there."


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A file edit and its hunks as they stand. A file that is made, deleted or moved has one.

    `mode` are the permission bits of one that was deleted.
    """

    edit: FileEdit
    tracked: tuple[Tracked, ...]
    mode: int | None = None

    @property
    def now(self) -> FileEdit:
        """The edit with the states of its hunks."""
        return replace(self.edit, hunks=tuple(replace(each.made, state=each.state) for each in self.tracked))

    def ids(self, *states: Decided) -> set[str]:
        """The hunks of which that was decided."""
        return {each.made.id for each in self.tracked if each.decided in states}

    def decided(self, ids: Collection[str], how: Decided, reason: str = "") -> "Reviewed":
        """The same after a decision."""
        return replace(self, tracked=decide(self.tracked, ids, how, reason))


@dataclass(frozen=True, slots=True)
class Found:
    """What the desk holds of a file: at its path, and where it is moved to."""

    at: Held | None
    at_target: Held | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be written, one after the other, and the file once that is done."""

    writes: tuple[Write, ...]
    after: Reviewed


def begin_review(edit: FileEdit) -> Reviewed:
    """A file of which nothing has happened yet."""
    return Reviewed(edit, track(edit.base or "", edit.hunks))


def followed_to(file: Reviewed, found: Found) -> Reviewed:
    """The file as it stands in what was found. Costs a comparison of two texts: call it off the event loop."""
    if file.edit.kind != "change":
        return replace(file, tracked=tuple(_followed_whole(file.edit, each, found) for each in file.tracked))
    if found.at is None:
        return replace(file, tracked=tuple(replace(each, is_stale=True) for each in file.tracked))
    return replace(file, tracked=followed(file.tracked, found.at.text))


def step_of(file: Reviewed, ids: Collection[str], found: Found) -> Step:
    """What turns these hunks, none of which is stale, in a file that was followed to what was found."""
    if file.edit.kind != "change":
        return _whole_step(file, file.tracked[0], found)
    before, version = (found.at.text, found.at.version) if found.at else ("", None)
    after, tracked = turned(file.tracked, ids, before)
    write = Write(file.edit.path, before, after, version, file.edit.real)
    return Step((write,), replace(file, tracked=tracked))


def _whole_step(file: Reviewed, one: Tracked, found: Found) -> Step:
    edit, becomes = file.edit, one.made.after
    here = None if found.at is None else found.at.text
    version = None if found.at is None else found.at.version
    mode = None if found.at is None else found.at.mode
    target = edit.to or edit.path
    writes: tuple[Write, ...]
    match edit.kind, one.is_in:
        case "create", False:
            writes = (Write(edit.path, here, becomes, version),)
        case "create", _:
            writes = (Write(edit.path, here, None, version),)
        case "delete", False:
            writes = (Write(edit.path, here, None, version),)
            file = replace(file, mode=mode)
        case "delete", _:
            writes = (Write(edit.path, None, edit.base, mode=file.mode),)
        case _, False:
            writes = Write(target, None, becomes, mode=mode), Write(edit.path, here, None, version)
        case _:
            there = found.at_target
            back = (Write(target, there.text, None, there.version),) if there else ()
            mode = None if there is None else there.mode
            writes = Write(edit.path, None, edit.base, mode=mode), *back
    return Step(writes, replace(file, tracked=(replace(one, is_in=not one.is_in),)))


def _followed_whole(edit: FileEdit, one: Tracked, found: Found) -> Tracked:
    is_in = _is_in(edit, one.made.after, found)
    if is_in is None:
        return replace(one, is_stale=True)
    return replace(one, is_stale=False) if is_in == one.is_in else by_somebody(one)


def _is_in(edit: FileEdit, becomes: str, found: Found) -> bool | None:
    """Whether the file was made, deleted or moved; None where it is neither as it was nor as it was to become."""
    here = None if found.at is None else found.at.text
    there = None if found.at_target is None else found.at_target.text
    match edit.kind:
        case "create":
            was, is_now = (
                here is None or (here == "" and found.at is not None and found.at.is_open),
                here == becomes,
            )
        case "delete":
            was, is_now = here == edit.base, here is None
        case _:
            was, is_now = here == edit.base and there is None, here is None and there == becomes
    return True if is_now else False if was else None


def where(path: Path, root: Path) -> str:
    """A file as a person reads it: relative to the workspace where it lies in it, in one line."""
    return printable(path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path))
