"""Makes an edit set of an answer: each change confined to the workspace, made into hunks, and checked."""

import asyncio
import os
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from victor_server.agent.context.files import name_of
from victor_server.agent.redaction.shown import restored_in_file
from victor_server.agent.text_kinds import KeptText
from victor_server.agent.tools.edits import EditOrigin, FileChange, MoveFile
from victor_server.agent.tools.workspace_paths import resolve_in
from victor_server.errors import UsageError
from victor_server.features.assists.answer import Code, read_answer
from victor_server.features.assists.assist import Offer
from victor_server.features.assists.outcome import LeftAlone, Written
from victor_server.features.assists.patch import patch_of
from victor_server.features.assists.place import Lines, Place
from victor_server.features.assists.replaced import NotMeant, with_lines_replaced
from victor_server.features.edits.agent_edits import Check
from victor_server.features.edits.apply import make_file_edit
from victor_server.features.edits.desk import Held
from victor_server.features.edits.edit_answer import refusal_text
from victor_server.features.edits.hunks import hunks_of
from victor_server.features.edits.model import EditSet, FileEdit, Refusal
from victor_server.secrets.redaction.session import RedactionSession

_MAX_FILES = 20


@dataclass(frozen=True, slots=True)
class Editing:
    """What changes are made with. `forbid` raises UsageError for files that must not be changed."""

    assist: str
    place: Place
    offer: Offer
    session_id: str
    root: Path
    read: Callable[[Path], Awaitable[Held | None]]
    check: Check
    forbid: Callable[[Sequence[Path]], Awaitable[None]]
    redaction: RedactionSession


@dataclass(frozen=True, slots=True)
class NotApplied:
    """Why nothing was made of an answer: `why` for the model, as it stands outside, with what `origin` it has."""

    why: str = field(repr=False)
    for_person: str
    origin: str | None = None


async def edits_of(answer: KeptText, editing: Editing) -> EditSet | Written | LeftAlone | NotApplied:
    """The changes that an answer makes; for what is no file, how its text would change, to read."""
    place = editing.place
    try:
        resolve = partial(resolved, editing)
        found = await asyncio.to_thread(read_answer, answer, place.path, resolve)
        if isinstance(found, Code):
            return await _of_code(found, editing)
        return await of_changes(found, editing)
    except UsageError as error:
        said = f"{error.message} {error.fix}".strip()
        return NotApplied(said, error.message)


async def _of_code(code: Code, editing: Editing) -> EditSet | Written | LeftAlone | NotApplied:
    place, path = editing.place, editing.place.path
    text = await asyncio.to_thread(restored, editing, path or Path(place.name), code.text)
    said = editing.offer.instruction
    without = None if said is None else Lines(said.start, said.end)
    replaced = partial(with_lines_replaced, place.lines, editing.offer.lines, text, without=without)
    after = await asyncio.to_thread(replaced)
    if isinstance(after, NotMeant):
        return NotApplied(after.why, after.why)
    before = "".join(place.lines)
    if after == before or (said and _same_code(editing, text)):
        return LeftAlone()
    if path is None:
        patch = patch_of(place.name, before, after)
        kept = editing.redaction.redact(patch, place.name)[0]
        return Written(editing.offer.title.removeprefix("Victor: "), KeptText(f"```diff\n{kept}```\n"))
    hunks = await asyncio.to_thread(hunks_of, before, after, path)
    return await checked([FileEdit(path, "change", before, hunks)], editing)


def _same_code(editing: Editing, text: str) -> bool:
    """Whether nothing but the instruction would go: then it is not done."""
    return text.split() == editing.place.text(editing.offer.lines).split()


async def of_changes(changes: Sequence[FileChange], editing: Editing) -> EditSet | NotApplied:
    """The edit set of changes of files, all of them or none."""
    if len(changes) > _MAX_FILES:
        return NotApplied(f"Change {_MAX_FILES} files at most.", "it would change too many files.")
    await editing.forbid([path for each in changes for path in _paths(each)])
    made = [await _made(each, editing) for each in changes]
    refused = [each for each in made if isinstance(each, Refusal)]
    if refused:
        told = "\n\n".join(refusal_text(each, editing.root) for each in refused)
        origin = name_of(refused[0].path, editing.place.root)
        return NotApplied(told, f"{refused[0].path.name}: {refused[0].why}", origin)
    return await checked([each for each in made if isinstance(each, FileEdit)], editing)


async def _made(change: FileChange, editing: Editing) -> FileEdit | Refusal:
    if change.path == editing.place.path:
        base: str | None = "".join(editing.place.lines)
    else:
        held = await editing.read(change.path)
        base = None if held is None else held.text
    restore = partial(restored, editing, change.path)
    return await asyncio.to_thread(make_file_edit, base, change, restore=restore)


def restored(editing: Editing, path: Path, text: str) -> str:
    """The text with this file's own secrets, which are known by the name under which the model was shown them."""
    return restored_in_file(editing.redaction, KeptText(text), name_of(path, editing.place.root))


async def checked(edits: Sequence[FileEdit], editing: Editing) -> EditSet | NotApplied:
    """The edit set, once every file was looked through."""
    files: list[FileEdit] = []
    for edit in edits:
        looked_at = await editing.check(edit, editing.root)
        if isinstance(looked_at, Refusal):
            return NotApplied(
                refusal_text(looked_at, editing.root), f"{looked_at.path.name}: {looked_at.why}"
            )
        files.append(looked_at)
    title = editing.offer.title.removeprefix("Victor: ")
    origin = EditOrigin(
        f"{title[:1].upper()}{title[1:]}", editing.root, session_id=editing.session_id, assist=editing.assist
    )
    return EditSet(uuid.uuid4().hex, origin, tuple(files), time.time())


def _paths(change: FileChange) -> Sequence[Path]:
    return (change.path, change.to) if isinstance(change, MoveFile) else (change.path,)


def resolved(editing: Editing, written: str) -> Path:
    """The file that a model names; the document's own under the name that the editor has for it. Blocks."""
    own = editing.place.path
    if own is None:
        raise UsageError("The document is no file: send the selected lines alone, in one block of code.")
    real_root = Path(os.path.realpath(editing.root))
    found = resolve_in(real_root, written, must_exist=False)
    if found == Path(os.path.realpath(own)):
        return own
    return editing.root / found.relative_to(real_root)
