"""Makes the change of one file that a model asked for into hunks, or refuses it; it never guesses."""

from collections.abc import Callable, Sequence
from pathlib import Path

from victor_server.agent.tools.edits import Block, ChangeFile, DeleteFile, FileChange, MoveFile, WriteFile
from victor_server.agent.whole_characters import encodable
from victor_server.features.edits.alike import nearest
from victor_server.features.edits.diff import Change
from victor_server.features.edits.file_text import FileText
from victor_server.features.edits.hunks import hunks_between, hunks_of, text_with, whole_hunk
from victor_server.features.edits.lines import split_lines
from victor_server.features.edits.locate import apply_changes, locate_all
from victor_server.features.edits.match import LineChange, Missed
from victor_server.features.edits.model import FileEdit, Refusal
from victor_server.features.edits.whole_file import file_text, shortened
from victor_server.secrets.placeholders import written_in

Restore = Callable[[str], str]
"""Puts the secrets of this very file back where their placeholders stand: `restored_in_file`, bound to it."""

MAX_CHARACTERS = 10_000_000
"""Characters of a file beyond which it is not changed."""


def make_file_edit(base: str | None, change: FileChange, *, restore: Restore = str) -> FileEdit | Refusal:
    """What `change` makes of `base`, the file's text as it is, None where there is no file. Never raises.

    Blocking, for some milliseconds; in time that grows with the file and the blocks. Nothing is written.
    """
    if max(len(base or ""), _size(change)) > MAX_CHARACTERS:
        return Refusal(change.path, f"The file or the change has more than {MAX_CHARACTERS:,} characters.")
    match change:
        case ChangeFile():
            return _changed(base, change, restore)
        case WriteFile():
            return _written(base, change, restore)
        case DeleteFile():
            return _deleted(base, change)
        case MoveFile():
            return _moved(base, change)


def _size(change: FileChange) -> int:
    match change:
        case ChangeFile():
            return sum(len(block.search) + len(block.replace) for block in change.blocks)
        case WriteFile():
            return len(change.text)
        case DeleteFile() | MoveFile():
            return 0


def _changed(base: str | None, change: ChangeFile, restore: Restore) -> FileEdit | Refusal:
    if not change.blocks:
        return Refusal(change.path, "There is no block: nothing to change.")
    blocks: list[Block] = []
    for block in change.blocks:
        restored = Block(restore(encodable(block.search)), restore(encodable(block.replace)))
        why = _foreign(restored, base or "")
        if why:
            return Refusal(change.path, why)
        blocks.append(restored)
    if not (base or "").removeprefix("\ufeff").strip() and len(blocks) == 1 and not blocks[0].search:
        return _written(base, WriteFile(change.path, blocks[0].replace, replaces=True), str)
    if base is None:
        return Refusal(change.path, "There is no such file. To make it, write it as a whole.")
    return _with_blocks(base, change.path, blocks)


def _with_blocks(base: str, path: Path, blocks: Sequence[Block]) -> FileEdit | Refusal:
    file = FileText(base)
    found = locate_all(file, blocks, path)
    if isinstance(found, Missed):
        return _refusal(file, path, blocks, found)
    lines = [each for each in found if isinstance(each, str)]
    if lines and len(lines) == len(found):
        return _edit(base, path, file.bom + "".join(lines))
    places = [each for each in found if not isinstance(each, str)]
    return _edit(base, path, file.bom + "".join(apply_changes(file, places)), _changed_by(places))


def _changed_by(places: Sequence[LineChange]) -> Sequence[Change]:
    """What each block changes, as it was meant: a comparison of the texts may pair one block's lines with another's."""
    found: list[Change] = []
    shift = 0
    for each in places:
        start = each.start + shift
        found.append(Change(each.start, each.end, start, start + len(each.new)))
        shift += len(each.new) - (each.end - each.start)
    return found


def _refusal(file: FileText, path: Path, blocks: Sequence[Block], missed: Missed) -> Refusal:
    number = missed.block if missed.block < len(blocks) else 0
    excerpt, line = nearest(file, split_lines(blocks[number].search), missed.lines)
    return Refusal(path, missed.why, excerpt, line)


def _edit(base: str, path: Path, after: str, meant: Sequence[Change] = ()) -> FileEdit | Refusal:
    why = _unwritable(after)
    if why:
        return Refusal(path, why)
    if after == base:
        return Refusal(path, "This changes nothing: the file is like that already.")
    hunks = hunks_between(split_lines(base), split_lines(after), meant, path)
    if text_with(base, hunks, {each.id for each in hunks}) != after:
        hunks = hunks_of(base, after, path)  # where the end of another line changes too
    return FileEdit(path, "change", base, hunks)


def _written(base: str | None, change: WriteFile, restore: Restore) -> FileEdit | Refusal:
    if base is not None and not change.replaces:
        return Refusal(
            change.path, "There is a file already. Change parts of it, or say that it is to be replaced."
        )
    text = restore(encodable(change.text))
    why = _foreign(Block("", text), base or "") or _unwritable(text)
    if why:
        return Refusal(change.path, why)
    text = file_text(base, text, change.path)
    if base is None:
        return FileEdit(change.path, "create", None, (whole_hunk(change.path, "", text),))
    why = shortened(base, text, change.path)
    return Refusal(change.path, why) if why else _edit(base, change.path, text)


def _deleted(base: str | None, change: DeleteFile) -> FileEdit | Refusal:
    if base is None:
        return Refusal(change.path, "There is no such file.")
    return FileEdit(change.path, "delete", base, (whole_hunk(change.path, base, ""),))


def _moved(base: str | None, change: MoveFile) -> FileEdit | Refusal:
    if base is None:
        return Refusal(change.path, "There is no such file.")
    if change.path == change.to:
        return Refusal(change.path, "This changes nothing: that is its path already.")
    return FileEdit(change.path, "move", base, (whole_hunk(change.path, base, base),), change.to)


def _foreign(block: Block, base: str) -> str:
    """Why a block must not be written as it is: a placeholder is left of which the value is not this file's."""
    if any(each not in base for each in written_in(block.search)):
        return (
            "The text to replace has a placeholder in it that does not stand for a secret of this file as it is now."
            " Read the file, and send the lines as they were shown."
        )
    if any(each not in base for each in written_in(block.replace)):
        return (
            "The new text has a placeholder in it that does not stand for a secret of this very file: its value is not"
            " put anywhere else. Write code that reads it, from the environment for example."
        )
    return ""


def _unwritable(text: str) -> str:
    return "The new text has a NUL character in it: that is no text." if "\0" in text else ""
