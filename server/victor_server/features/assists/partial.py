"""What lines would become as far as an answer has come, for the person to see while the model writes it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from victor_server.agent.context.files import name_of
from victor_server.agent.redaction.shown import restored_so_far
from victor_server.agent.text_kinds import KeptText
from victor_server.agent.tools.edits import Block, ChangeFile
from victor_server.errors import UsageError
from victor_server.features.assists.answer import is_about
from victor_server.features.assists.edit_set import Editing, resolved, restored
from victor_server.features.assists.place import Lines
from victor_server.features.assists.replaced import lines_so_far
from victor_server.features.edits.answer_names import name_in_line
from victor_server.features.edits.answer_parts import CodePart, Part, ReplacePart, parts_so_far
from victor_server.features.edits.answer_patches import PatchPart
from victor_server.features.edits.apply import make_file_edit
from victor_server.features.edits.hunks import text_with
from victor_server.features.edits.lines import end_of, split_lines
from victor_server.features.edits.model import FileEdit

INTERVAL_S = 0.05
"""The least time between two partials of an answer, but for its last."""

_HEADS = ("--- ", "+++ ", "*** ", "diff --git ", "<<<<<", "-----")
"""How lines begin that may turn code between fences into changes of files."""


@dataclass(frozen=True, slots=True)
class Partial:
    """What `lines` of the document would become: `text`, whole lines; "" where the model begins anew."""

    lines: Lines
    text: str = field(repr=False)


Partly = Callable[[Partial], None]


class Following:
    """Answers as they come. `told` hears what one would make of the document by now, where that is another text."""

    def __init__(self, editing: Editing, told: Partly, interval_s: float = INTERVAL_S) -> None:
        self._editing = editing
        self._told = told
        self._interval_s = interval_s
        self._last: Partial | None = None

    @asynccontextmanager
    async def answer(self) -> AsyncIterator[Callable[[str], None]]:
        """One answer: what is given is fed with it as it is kept, placeholders in it. At its end all of it is told."""
        if self._last is not None and self._last.text:
            self._told(Partial(self._last.lines, ""))  # that answer was not applied
        self._last = None
        pieces: list[str] = []
        news = asyncio.Event()

        def feed(more: str) -> None:
            pieces.append(more)
            if "\n" in more:
                news.set()

        telling = asyncio.create_task(self._keep_telling(pieces, news))
        try:
            yield feed
        finally:
            telling.cancel()
            await asyncio.wait([telling])
        if not telling.cancelled():
            telling.result()  # it ends by itself with a fault only
        await self._tell(pieces)

    async def _keep_telling(self, pieces: Sequence[str], news: asyncio.Event) -> None:
        while True:
            await news.wait()
            news.clear()
            await self._tell(pieces)
            await asyncio.sleep(self._interval_s)

    async def _tell(self, pieces: Sequence[str]) -> None:
        found = await asyncio.to_thread(partial_of, "".join(pieces), self._editing)
        if found is not None and found != self._last:
            self._last = found
            self._told(found)


def partial_of(answer: str, editing: Editing) -> Partial | None:
    """What would be proposed for the document if the answer ended well behind its last whole line. None where that is
    nothing, or nobody can tell yet. Blocks for some milliseconds.
    """
    path = editing.place.path
    if path is None:
        return None
    try:
        parts = parts_so_far(answer[: answer.rfind("\n") + 1])
        resolve = partial(resolved, editing)
        codes = [part for part in parts if isinstance(part, CodePart) and is_about(part, path, resolve)]
        if len(codes) < len(parts):
            return _of_blocks(parts, editing)
        return _of_code(codes[0], editing) if len(codes) == 1 else None
    except UsageError:
        return None


def _of_code(code: CodePart, editing: Editing) -> Partial | None:
    if editing.place.path is None or (not code.is_whole and _may_be_a_head(code.text)):
        return None
    text = _restored(editing, editing.place.path, code.text, is_whole=code.is_whole)
    found = lines_so_far(editing.place.lines, editing.offer.lines, text)
    return Partial(editing.offer.lines, found) if found else None


def _restored(editing: Editing, path: Path, text: str, *, is_whole: bool = False) -> str:
    if is_whole:
        return restored(editing, path, text)
    return restored_so_far(editing.redaction, KeptText(text), name_of(path, editing.place.root))


def _may_be_a_head(code: str) -> bool:
    """Whether there is nothing yet but what may stand above a block or a patch: then it is none of the code."""
    lines = [line for line in code.split("\n") if line.strip()]
    return all(line.startswith(_HEADS) or name_in_line(line) for line in lines)


def _of_blocks(parts: Iterable[Part], editing: Editing) -> Partial | None:
    """By the blocks that are whole, and by the one that is being written, as long as it applies."""
    done, going = _own_blocks(parts, editing)
    return (going and _applied([*done, *going], editing)) or _applied(done, editing)


def _own_blocks(parts: Iterable[Part], editing: Editing) -> tuple[list[Block], list[Block]]:
    """The blocks that are about the document, whole and open."""
    own = path = editing.place.path
    done: list[Block] = []
    going: list[Block] = []
    for part in parts:
        path = resolved(editing, part.path) if part.path else path
        if path is None or path != own:
            continue
        if isinstance(part, ReplacePart) and part.is_whole:
            done.append(Block(part.search, part.replace))
        elif isinstance(part, ReplacePart) and (begun := _restored(editing, path, part.replace)):
            going.append(Block(part.search, begun))
        elif isinstance(part, PatchPart) and part.is_whole and part.kind == "change":
            done.extend(part.blocks)
    return done, going


def _applied(blocks: list[Block], editing: Editing) -> Partial | None:
    base, path = "".join(editing.place.lines), editing.place.path
    if not blocks or path is None:
        return None
    restore = partial(restored, editing, path)
    edit = make_file_edit(base, ChangeFile(path, tuple(blocks)), restore=restore)
    return _covering(base, edit) if isinstance(edit, FileEdit) else None


def _covering(base: str, edit: FileEdit) -> Partial:
    """All that an edit changes as one: from the first line that it touches to the last."""
    lines = split_lines(base)
    start, end = min(hunk.start for hunk in edit.hunks), max(hunk.end for hunk in edit.hunks)
    if start and not end_of(lines[start - 1]):
        start -= 1  # it gets an end, for there is a line behind it now
    after = text_with(base, edit.hunks, {hunk.id for hunk in edit.hunks})
    head, tail = "".join(lines[:start]), "".join(lines[end:])
    return Partial(Lines(start, end), after[len(head) : len(after) - len(tail)])
