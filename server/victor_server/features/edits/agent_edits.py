"""How an agent's tools change files: made into hunks, checked, reviewed, and told to the model as it came out."""

import asyncio
import time
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

from victor_server.agent.context.sources import Note
from victor_server.agent.tools.edits import (
    ChangeFile,
    EditAnswer,
    EditOrigin,
    FileChange,
    MoveFile,
)
from victor_server.errors import UsageError, VictorError
from victor_server.features.edits.apply import Restore, make_file_edit
from victor_server.features.edits.edit_answer import edit_answer, refusal_text
from victor_server.features.edits.model import EditSet, FileEdit, Refusal
from victor_server.features.edits.new_problems import PATIENCE, AskNotes, Patience, new_problems
from victor_server.features.edits.reviewed_file import ELSEWHERE, where
from victor_server.features.edits.reviews import Reviews

MAX_FAILURES = 2
"""How often in a turn a change of one file that does not apply is answered with what stands there instead."""

_MAX_REMEMBERED = 1_000
Check = Callable[[FileEdit, Path], Awaitable[FileEdit | Refusal]]
"""Looks through a change of a file in the workspace before it is offered: the same with its problems, or why not."""


async def unchecked(edit: FileEdit, _: Path) -> FileEdit | Refusal:
    """For who checks nothing."""
    return edit


def nothing_restored(_: EditOrigin, __: Path) -> Restore:
    """For who has taken no secrets out."""
    return str


class AgentEdits:
    """The port `Edits`, over the reviews. `ask_notes` may be exchanged with the desk; None where nobody can be asked.

    `restoring` gives what puts the secrets of one file back into the text that a conversation's model wrote for it.
    """

    def __init__(
        self,
        reviews: Reviews,
        *,
        check: Check = unchecked,
        restoring: Callable[[EditOrigin, Path], Restore] = nothing_restored,
        ask_notes: AskNotes | None = None,
        patience: Patience = PATIENCE,
    ) -> None:
        self.ask_notes = ask_notes
        self._reviews = reviews
        self._check = check
        self._restoring = restoring
        self._patience = patience
        self._failures: OrderedDict[tuple[str, str, Path], int] = OrderedDict()

    async def change(self, changes: Sequence[FileChange], origin: EditOrigin, *, review: bool) -> EditAnswer:
        """Change files, all of them or none; what came of it is the answer.

        With `review` it waits until each hunk is decided. A cancel withdraws what nobody has accepted yet.
        """
        try:
            made = [await self._made(change, origin) for change in _joined(changes)]
            if refusals := [each for each in made if isinstance(each, Refusal)]:
                return self._refused(refusals, origin)
            files = tuple(each for each in made if isinstance(each, FileEdit))
            edits = EditSet(uuid.uuid4().hex, origin, files, time.time())
            return await (self._reviewed(edits) if review else self._applied(edits))
        except VictorError as error:
            return EditAnswer(f"Nothing was changed. {error.message} {error.fix}".strip(), is_error=True)

    async def _made(self, change: FileChange, origin: EditOrigin) -> FileEdit | Refusal:
        """The hunks of one file, checked."""
        desk = self._reviews.desk
        try:
            held = await desk.read(change.path)
            if isinstance(change, MoveFile) and await desk.read(change.to) is not None:
                return Refusal(change.path, f"There is a file {where(change.to, origin.root)} already.")
        except UsageError as error:
            return Refusal(change.path, f"{error.message} {error.fix}".strip())
        if held is not None and held.real not in (None, change.path):
            return Refusal(change.path, ELSEWHERE)
        base = None if held is None else held.text
        restore = self._restoring(origin, change.path)
        edit = await asyncio.to_thread(make_file_edit, base, change, restore=restore)
        if isinstance(edit, Refusal):
            return edit
        return await self._check(replace(edit, real=change.path), origin.root)

    def _refused(self, refusals: Sequence[Refusal], origin: EditOrigin) -> EditAnswer:
        said = ["Nothing was changed."]
        for refusal in refusals:
            if self._fails_again(refusal.path, origin) > MAX_FAILURES:
                name = where(refusal.path, origin.root)
                said.append(f"{name}: {refusal.why} Stop trying to change this file, and ask the person.")
            else:
                said.append(refusal_text(refusal, origin.root))
        return EditAnswer("\n".join(said), is_error=True)

    def _fails_again(self, path: Path, origin: EditOrigin) -> int:
        key = (origin.session_id, origin.turn_id, path)
        self._failures[key] = self._failures.pop(key, 0) + 1
        while len(self._failures) > _MAX_REMEMBERED:
            self._failures.popitem(last=False)
        return self._failures[key]

    async def _reviewed(self, edits: EditSet) -> EditAnswer:
        before = await self._notes(edits)
        await self._reviews.propose(edits, apply=False)
        try:
            decided = await self._reviews.wait(edits.id)
        except asyncio.CancelledError:
            await asyncio.shield(self._reviews.withdraw(edits.id, "The turn was cancelled."))
            raise
        return await self._answer(decided, (), before)

    async def _applied(self, edits: EditSet) -> EditAnswer:
        before = await self._notes(edits)
        resolved = await self._reviews.propose(edits, apply=True)
        answer = await self._answer(resolved.edits, resolved.said, before)
        await self._reviews.withdraw(edits.id, "It could not be applied.")
        return answer

    async def _answer(self, edits: EditSet, said: Sequence[str], before: Sequence[Note]) -> EditAnswer:
        broken: Sequence[Note] = ()
        if self.ask_notes is not None and any(_is_in(file) for file in edits.files):
            broken = await new_problems(self.ask_notes, _paths(edits), before, self._patience)
            self._reviews.note_broken(edits.id, broken)
        return edit_answer(edits, self._reviews.reasons(edits.id), said, broken)

    async def _notes(self, edits: EditSet) -> Sequence[Note]:
        return () if self.ask_notes is None else await self.ask_notes(_paths(edits))


def _paths(edits: EditSet) -> Sequence[Path]:
    return [file.to or file.path for file in edits.files]


def _is_in(file: FileEdit) -> bool:
    return any(hunk.state in ("applied", "kept") for hunk in file.hunks)


def _joined(changes: Sequence[FileChange]) -> Sequence[FileChange]:
    """One change for each file; blocks for the same file are put together. Raises UsageError where that cannot be."""
    joined: dict[Path, FileChange] = {}
    for change in changes:
        earlier = joined.get(change.path)
        if isinstance(earlier, ChangeFile) and isinstance(change, ChangeFile):
            joined[change.path] = ChangeFile(change.path, (*earlier.blocks, *change.blocks))
        elif earlier is not None:
            raise UsageError(f"{change.path.name} is changed twice in two ways.", "Make one change of it.")
        else:
            joined[change.path] = change
    return tuple(joined.values())
