"""Context from the editor: what is selected, what is open, and what language servers say of it."""

import asyncio
import os
import re
from collections.abc import Sequence
from pathlib import Path

from victor_server.agent.context.files import Files, as_lines, name_of
from victor_server.agent.context.piece import LeftOut
from victor_server.agent.context.question import Question
from victor_server.agent.context.sources import Buffer, Note, Selection, Sources
from victor_server.agent.context.wish import Wish, Wishes

SELECTION_SCORE = 100.0
FRONT_SCORE = 60.0
OPEN_SCORE = 20.0
NOTES_SCORE = 50.0
MAX_OPEN = 5
MAX_NOTES_PER_FILE = 30
MAX_NOTE_CHARACTERS = 500

_WORD = re.compile(r"[^\W\d]\w{3,}")
_RANKS = ("error", "warning", "information", "hint")


def focus_of(files: Files, sources: Sources) -> list[str]:
    """The files in front of the person: that of the selection, then the one in front."""
    if sources.editor is None:
        return []
    selection, buffers = sources.editor.selection(), sources.editor.buffers()
    paths = [*([selection.path] if selection else []), *(each.path for each in _in_front(buffers))]
    return list(dict.fromkeys(name_of(path, files.root) for path in paths))


def _in_front(buffers: Sequence[Buffer]) -> Sequence[Buffer]:
    return [each for each in buffers if each.in_front][:1]


async def text_wishes(question: Question, files: Files, sources: Sources) -> Wishes:
    """The selection, the document in front, and the open ones in which words of the question stand."""
    if sources.editor is None:
        return Wishes()
    selection, buffers = sources.editor.selection(), sources.editor.buffers()
    named = any(mention.kind == "selection" for mention in question.mentions)
    return await asyncio.to_thread(_texts, question.prompt, files, selection, buffers, named=named)


def _texts(
    prompt: str, files: Files, selection: Selection | None, buffers: Sequence[Buffer], *, named: bool
) -> Wishes:
    wishes: list[Wish] = []
    out: list[LeftOut] = []
    if named and (selection is None or not selection.text):
        out.append(LeftOut("selection", "", 0, 0, 0, "nothing is selected"))
    if selection is not None and selection.text:
        path = name_of(selection.path, files.root)
        if why := files.why_private(path, selection.path):
            out.append(LeftOut("selection", path, selection.start_line, selection.end_line, 0, why))
        else:
            wishes.append(_selected(selection, path))
    for buffer, score, reason in _worth_showing(prompt, files, selection, buffers):
        path = name_of(buffer.path, files.root)
        if why := files.why_private(path, buffer.path):
            out.append(LeftOut("file", path, 0, 0, 0, why))
            continue
        line = selection.start_line if selection is not None and selection.path == buffer.path else None
        wishes.append(
            Wish("file", path, 0, as_lines(buffer.text), reason, score, cuttable=True, keep_line=line)
        )
    return Wishes(wishes, out)


def _selected(selection: Selection, path: str) -> Wish:
    lines = as_lines(selection.text)
    return Wish(
        *("selection", path, selection.start_line, lines, "selected", SELECTION_SCORE),
        asked=True,
        cuttable=True,
    )


def _worth_showing(
    prompt: str, files: Files, selection: Selection | None, buffers: Sequence[Buffer]
) -> list[tuple[Buffer, float, str]]:
    """The document in front, and others of the folder in which words of the question stand, best first."""
    unsaved = {True: ", not saved", False: ""}
    front = _in_front(buffers)
    shown = [
        (each, FRONT_SCORE, f"open in front{unsaved[each.edited]}")
        for each in front
        if selection is None or selection.path == each.path or _inside(each.path, files.root)
    ]
    words = {word.lower() for word in _WORD.findall(prompt)}
    others: list[tuple[int, Buffer]] = []
    for buffer in (each for each in buffers if each not in front):
        n_words = _n_words(words, buffer) if _inside(buffer.path, files.root) else 0
        if n_words:
            others.append((n_words, buffer))
    others.sort(key=lambda each: (-each[0], str(each[1].path)))
    for n_words, buffer in others[:MAX_OPEN]:
        score = OPEN_SCORE + min(n_words, 10) / 10
        shown.append((buffer, score, f"open, has words of the question{unsaved[buffer.edited]}"))
    return shown


def _inside(path: Path, root: Path | None) -> bool:
    return root is not None and path.is_relative_to(root)


def _n_words(words: set[str], buffer: Buffer) -> int:
    text = buffer.text.lower()
    return sum(word in text for word in words)


async def note_wishes(question: Question, files: Files, sources: Sources) -> Wishes:
    """What language servers say: of the files in front, or of all where the person mentions it."""
    if sources.editor is None:
        return Wishes()
    asked = any(mention.kind == "diagnostics" for mention in question.mentions)
    focus = focus_of(files, sources)
    if not asked and not focus:
        return Wishes()
    selection = sources.editor.selection()
    paths = [] if asked else [_full(files, name) for name in focus]
    notes = await sources.editor.diagnostics(paths)
    return await asyncio.to_thread(_notes, notes, files, focus, selection, asked=asked)


def _full(files: Files, name: str) -> Path:
    return Path(name) if files.root is None else files.root / name


def _notes(
    notes: Sequence[Note], files: Files, focus: Sequence[str], selection: Selection | None, *, asked: bool
) -> Wishes:
    by_file: dict[str, list[Note]] = {}
    for note in notes:
        by_file.setdefault(name_of(note.path, files.root), []).append(note)
    wishes: list[Wish] = []
    out: list[LeftOut] = []
    if asked and not by_file:
        out.append(LeftOut("diagnostics", "", 0, 0, 0, "no language server reports anything"))
    for path, found in sorted(by_file.items()):
        if path not in focus and not (asked and _inside(found[0].path, files.root)):
            continue
        if why := files.why_private(path, found[0].path):
            out.append(LeftOut("diagnostics", path, 0, 0, 0, why))
        else:
            wishes.append(_note_wish(path, found, selection, asked=asked, front=path in focus))
    return Wishes(wishes, out)


def _note_wish(
    path: str, notes: Sequence[Note], selection: Selection | None, *, asked: bool, front: bool
) -> Wish:
    ordered = sorted(notes, key=lambda each: (_RANKS.index(each.severity), each.line, each.message))
    shown = ordered[:MAX_NOTES_PER_FILE]
    lines = tuple(f"{_said(note)}\n" for note in shown)
    at = sum(_touches(note, selection) for note in shown)
    reason = f"{len(notes)} reported here" + (f", {at} at the selection" if at else "")
    score = NOTES_SCORE + 10 * (shown[0].severity == "error") + 5 * front
    return Wish("diagnostics", path, 0, lines, reason, score, asked=asked, cuttable=True)


def _said(note: Note) -> str:
    who = " ".join(filter(None, (note.source, note.code)))
    text = " ".join(note.message.split())[:MAX_NOTE_CHARACTERS]
    return f"line {note.line + 1}: {note.severity}{f' [{who}]' if who else ''}: {text}"


def _touches(note: Note, selection: Selection | None) -> bool:
    if selection is None or os.fspath(selection.path) != os.fspath(note.path):
        return False
    return note.line < selection.end_line and selection.start_line <= note.end_line
