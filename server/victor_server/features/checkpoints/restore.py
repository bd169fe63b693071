"""Takes changes back: by file, whole, or everything since; what a person typed since stays, or is shown as a conflict."""

import asyncio
import os
import secrets
import stat
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from victor_server.agent.tools.edits import EditOrigin
from victor_server.errors import UsageError
from victor_server.features.checkpoints.conflicts import as_edit_set
from victor_server.features.checkpoints.plan import FilePlan, plan_files
from victor_server.features.edits.desk import Desk, Held, Write, Written
from victor_server.features.edits.model import EditSet
from victor_server.features.edits.to_the_end import ToTheEnd
from victor_server.history.checkpoints import Checkpoints
from victor_server.history.checkpoints_model import Changed, Checkpoint, CheckpointOrigin

MAX_TRIES = 3
"""How often a file is looked at again that a person changed while it was being written."""

TAKEN_BACK = "Taken back: "
DONE_AGAIN = "Done again: "

RestoredHow = Literal["restored", "unchanged", "conflict", "moved_on", "refused"]


def _not_recorded(_: str, __: Sequence[Path]) -> None:
    """For who keeps no audit log."""


class Proposes(Protocol):
    """Keeps what contradicts for a person to look at."""

    async def propose(self, edits: EditSet, *, apply: bool) -> object:
        """Show an edit set; nothing of it is applied where `apply` is false."""
        ...


@dataclass(frozen=True, slots=True)
class Listed:
    """A checkpoint; `undone` where a restore took it back, and was not taken back itself."""

    checkpoint: Checkpoint
    undone: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What a restore would do. `checkpoints` are those that it takes back, the youngest first."""

    checkpoints: tuple[Checkpoint, ...]
    files: tuple[FilePlan, ...]


@dataclass(frozen=True, slots=True)
class RestoredFile:
    """What became of one file; `why` it could not be restored. `was_open`: an editor has it, and it is not saved."""

    path: Path
    how: RestoredHow
    why: str = ""
    was_open: bool = False


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did to `of`. `ids` are its own checkpoints, the youngest last; more than one where a person
    typed while it wrote. `edit_id` is the edit set that holds the conflicts, "" where there is none."""

    of: tuple[Checkpoint, ...]
    files: tuple[RestoredFile, ...]
    ids: tuple[str, ...] = ()
    edit_id: str = ""
    plans: tuple[FilePlan, ...] = ()


class Restoring:
    """A person's way back. `desk` reads and writes the files as the person has them, and may be exchanged; `reviews`
    shows conflicts. `record` audits what is about to be taken back, in a thread: its title and its files.

    Raises UsageError for what is not there, and HistoryFailed where the store cannot be read or written, and what
    `record` raises: nothing is written then.
    """

    def __init__(
        self,
        checkpoints: Checkpoints,
        desk: Desk,
        reviews: Proposes | None = None,
        record: Callable[[str, Sequence[Path]], None] = _not_recorded,
    ) -> None:
        self._checkpoints = checkpoints
        self.desk = desk
        self._reviews = reviews
        self._record = record
        self._turn = asyncio.Lock()
        self._writing = ToTheEnd()

    async def list(
        self, workspace: Path | None, *, path: Path | None = None, limit: int = 100
    ) -> Sequence[Listed]:
        """The checkpoints of a workspace or of all, the youngest first; of one file, and then undone in it, or of any."""
        found = await asyncio.to_thread(self._checkpoints.list, workspace, path=path, limit=limit)
        undone = undone_files(found)
        return [Listed(each, _is_undone(each, undone, path)) for each in found]

    async def preview(
        self, checkpoint_id: str, paths: Collection[Path] | None = None, *, since: bool = False
    ) -> Preview:
        """What a restore would do; nothing is written."""
        return await self._preview(await self._chosen(checkpoint_id, since=since), paths)

    async def restore(
        self,
        checkpoint_id: str,
        paths: Collection[Path] | None = None,
        *,
        since: bool = False,
        overwrite: bool = False,
    ) -> Restored:
        """Take a checkpoint back, or with `since` everything from it on; `paths` are the files, all if None.

        A file in which that contradicts what a person changed since is left as it is, and the conflict is proposed;
        with `overwrite` the old text takes its place. Either way what was there is kept in the restore's own
        checkpoint, which can be restored in turn.
        """

        async def work() -> Restored:
            async with self._turn:
                chosen = await self._chosen(checkpoint_id, since=since)
                return await self._restore(chosen, paths, overwrite=overwrite)

        # Once begun it is brought to its end: the checkpoint says what came of it.
        return await self._writing.run(work())

    async def close(self) -> None:
        """Wait for what is being written."""
        await self._writing.close()

    async def undo(
        self, workspace: Path | None, *, path: Path | None = None, passes_over: bool = True
    ) -> Restored | None:
        """Take back the youngest change that still is in the files; None where there is none.

        Changes that are in the files no more are passed over. Without `passes_over` only those are of which a review
        took something back: any other may be in a buffer that `desk` does not see, and is returned as unchanged.
        """
        found = await self.list(workspace, path=path, limit=1000)
        reviewed: set[str] = set()
        for checkpoint in (
            each.checkpoint for each in found if not each.undone and not each.checkpoint.is_running
        ):
            edit_id, kind = checkpoint.origin.edit_id, checkpoint.origin.kind
            if kind == "undo":
                reviewed.add(edit_id)
            if kind != "edit":
                continue
            done = await self.restore(checkpoint.id, None if path is None else [path])
            stays = not passes_over and edit_id not in reviewed
            if stays or any(each.how != "unchanged" for each in done.files):
                return done
        return None

    async def redo(self, workspace: Path | None) -> Restored | None:
        """Take back the youngest undo that was followed by no other change; None where there is none."""
        found = await self.list(workspace, limit=1000)
        by_id = {each.checkpoint.id: each.checkpoint for each in found}
        left = (each.checkpoint for each in found if not each.undone)
        for checkpoint in left:
            if checkpoint.origin.kind == "edit":
                return None
            if is_undo(checkpoint, by_id):
                return await self.restore(checkpoint.id)
        return None

    async def _chosen(self, checkpoint_id: str, *, since: bool) -> Sequence[Checkpoint]:
        if since:
            return await asyncio.to_thread(self._checkpoints.since, checkpoint_id)
        return [await asyncio.to_thread(self._checkpoints.get, checkpoint_id)]

    async def _preview(self, chosen: Sequence[Checkpoint], paths: Collection[Path] | None) -> Preview:
        changes = await asyncio.to_thread(self._changes, chosen, paths)
        now: dict[Path, Held | None] = {}
        unreadable: dict[Path, str] = {}
        for path in changes:
            try:
                now[path] = await self._read(path)
            except UsageError as error:
                unreadable[path] = error.message
        files = await asyncio.to_thread(plan_files, changes, now, unreadable)
        return Preview(tuple(chosen), files)

    async def _read(self, path: Path) -> Held | None:
        """A file at the very place that was kept, which was one without links."""
        held = await self.desk.read(path)
        if held is not None and held.real not in (None, path):
            raise UsageError(f"{path} has become a link, or lies behind one.")
        return held

    def _changes(
        self, chosen: Sequence[Checkpoint], paths: Collection[Path] | None
    ) -> Mapping[Path, Sequence[Changed]]:
        """The changes of each file, the youngest first. Files that were never written have none."""
        changes: dict[Path, list[Changed]] = {}
        for checkpoint in chosen:
            not_applied = {each.path for each in checkpoint.files if each.state == "not_applied"}
            for each in self._checkpoints.changes(checkpoint.id):
                if each.path not in not_applied and (paths is None or each.path in paths):
                    changes.setdefault(each.path, []).append(each)
        if not changes:
            raise UsageError(
                "The checkpoint changed no such file.", "`victor checkpoints show` names its files."
            )
        return changes

    async def _restore(
        self, chosen: Sequence[Checkpoint], paths: Collection[Path] | None, *, overwrite: bool
    ) -> Restored:
        results: dict[Path, RestoredFile] = {}
        plans: dict[Path, FilePlan] = {}
        made: list[str] = []
        left = paths
        for _ in range(MAX_TRIES):
            preview = await self._preview(chosen, left)
            plans |= {each.path: each for each in preview.files}
            written = [
                each for each in preview.files if each.is_written or (overwrite and _can_be_written(each))
            ]
            results |= {each.path: _unwritten(each) for each in preview.files if each not in written}
            if not written:
                break
            same = [each for each in preview.files if each.kind == "unchanged"]
            id_, done = await self._write(chosen, written, same)
            made.append(id_)
            results |= done
            left = [path for path, each in done.items() if each.how == "moved_on"]
            if not left:
                break
        conflicts = [plans[path] for path, each in results.items() if each.how == "conflict"]
        edit_id = await self._propose(chosen, conflicts)
        return Restored(tuple(chosen), tuple(results.values()), tuple(made), edit_id, tuple(plans.values()))

    async def _write(
        self, chosen: Sequence[Checkpoint], plans: Sequence[FilePlan], same: Sequence[FilePlan]
    ) -> tuple[str, dict[Path, RestoredFile]]:
        """Write the files, once what is there now is kept; those that are `same` already are kept as done."""
        title = title_of(chosen)
        await asyncio.to_thread(self._record, title, [each.path for each in plans])
        kept = [Changed(each.path, each.now, each.wished) for each in (*plans, *same)]
        origin = CheckpointOrigin("restore", restores=tuple(each.id for each in chosen))
        made = await asyncio.to_thread(self._checkpoints.begin, chosen[0].workspace, title, origin, kept)
        writes = [Write(each.path, each.now, each.wished, each.version, each.path) for each in plans]
        done = await self.desk.write(writes, title)
        ok = [each.path for each in done if each.how == "written"]
        await asyncio.to_thread(
            _give_modes, [each for each in plans if each.kind == "create" and each.path in ok]
        )
        written = [*ok, *(each.path for each in same)]
        unsure = [each.path for each in done if each.is_unsure]
        await asyncio.to_thread(self._checkpoints.finish, made, written, unsure)
        return made, {plan.path: _result(plan, each) for plan, each in zip(plans, done, strict=True)}

    async def _propose(self, chosen: Sequence[Checkpoint], conflicts: Sequence[FilePlan]) -> str:
        if self._reviews is None or not conflicts:
            return ""
        origin = EditOrigin(title_of(chosen), chosen[0].workspace)
        edits = as_edit_set(secrets.token_hex(8), origin, conflicts, time.time())
        await self._reviews.propose(edits, apply=False)
        return edits.id


def title_of(chosen: Sequence[Checkpoint]) -> str:
    """What taking these back is called, in one line: to take back what took something back is to do that again."""
    if len(chosen) > 1:
        return f"{TAKEN_BACK}{len(chosen)} changes since: {chosen[-1].title}"
    title = chosen[0].title
    if chosen[0].origin.kind != "restore":
        return TAKEN_BACK + title
    plain = title.removeprefix(TAKEN_BACK).removeprefix(DONE_AGAIN)
    return (DONE_AGAIN if title.startswith(TAKEN_BACK) else TAKEN_BACK) + plain


def undone_files(found: Iterable[Checkpoint]) -> set[tuple[str, Path]]:
    """Which files of which checkpoints a restore took back, and no restore of that; `found` the youngest first."""
    undone: set[tuple[str, Path]] = set()
    for checkpoint in found:
        for each in checkpoint.files:
            if each.state == "applied" and (checkpoint.id, each.path) not in undone:
                undone.update((id_, each.path) for id_ in checkpoint.origin.restores)
    return undone


def is_undo(checkpoint: Checkpoint, by_id: Mapping[str, Checkpoint]) -> bool:
    """Whether it took back a change, or only the taking back of one."""
    takes_back = False
    found: Checkpoint | None = checkpoint
    while found is not None and found.origin.kind == "restore":
        takes_back = not takes_back
        restored = found.origin.restores
        found = by_id.get(restored[0]) if len(restored) == 1 else None
    return takes_back


def _is_undone(checkpoint: Checkpoint, undone: set[tuple[str, Path]], path: Path | None) -> bool:
    files = [
        each.path for each in checkpoint.files if each.state != "not_applied" and path in (None, each.path)
    ]
    return all((checkpoint.id, each) in undone for each in files)


def _can_be_written(plan: FilePlan) -> bool:
    return plan.kind == "conflict" and plan.now != plan.wished


def _unwritten(plan: FilePlan) -> RestoredFile:
    how: RestoredHow = (
        "unchanged" if plan.kind == "unchanged" else "conflict" if plan.kind == "conflict" else "refused"
    )
    return RestoredFile(plan.path, how, plan.why, plan.is_open)


def _result(plan: FilePlan, written: Written) -> RestoredFile:
    match written.how:
        case "written":
            return RestoredFile(plan.path, "restored", "", plan.is_open)
        case "moved_on":
            return RestoredFile(plan.path, "moved_on", "It was changed meanwhile.", plan.is_open)
        case "refused":
            return RestoredFile(plan.path, "refused", written.why, plan.is_open)


def _give_modes(plans: Iterable[FilePlan]) -> None:
    """Permission bits of files that were made again. Where that cannot be done the file is there all the same."""
    for plan in plans:
        if plan.mode is not None and os.name == "posix":
            with suppress(OSError):
                _give_mode(plan.path, plan.mode)


def _give_mode(path: Path, mode: int) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if stat.S_ISREG(os.fstat(handle).st_mode):
            os.fchmod(handle, mode)
    finally:
        os.close(handle)
