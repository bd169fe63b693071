"""Finds where each block of a change belongs, by the surest way that finds it; or says why it is not applied."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import PurePath

from victor_server.agent.tools.edits import Block
from victor_server.features.edits.alike import looks_alike
from victor_server.features.edits.block import BlockLines, are_numbered, block_lines, readings
from victor_server.features.edits.elisions import elided, elided_in_comment
from victor_server.features.edits.file_text import FileText, key
from victor_server.features.edits.fuzzy import find_drifted
from victor_server.features.edits.match import (
    NOWHERE,
    Found,
    LineChange,
    Missed,
    find_but_for_blanks,
    find_exactly,
)

MAX_IN_ORDER = 50
"""Blocks that are done one after the other where they do not fit together: each has the file read anew."""

_PYTHON = (".py", ".pyi", ".pyw")


def locate_all(
    file: FileText, blocks: Sequence[Block], path: PurePath
) -> list[LineChange] | list[str] | Missed:
    """What the blocks change, in the order of the file; or the file's new lines, where one changes what another put.

    All of them are looked for in the file as it is. Blocks that do not fit together are done one after the other if
    each is there letter by letter by then.
    """
    found: list[LineChange] = []
    missed: Missed | None = None
    for number, block in enumerate(blocks):
        place = locate(file, block_lines(block.search, block.replace), path)
        if isinstance(place, Missed):
            missed = numbered(place, number, len(blocks))
            break
        found += [each for each in place.changes if each not in found]
    if missed is None:
        found.sort(key=lambda each: (each.start, each.end))
        overlap = _overlap(found)
        if overlap is None:
            return found
        missed = Missed(
            f"Two blocks change the same lines, at line {overlap + 1}. Send them as one block.", (overlap,)
        )
    return missed if missed.is_doubtful else _one_after_another(file, blocks) or missed


def locate(file: FileText, block: BlockLines, path: PurePath) -> Found | Missed:
    """The one place of a block."""
    refused = _cannot_be_looked_for(file, block)
    if refused:
        return refused
    found = _found_surely(file, block)
    if isinstance(found, Missed) and not found.is_doubtful:
        found = _found_otherwise(file, block, path, found)
    return _checked(file, block, found, path) if isinstance(found, Found) else found


def numbered(missed: Missed, number: int, n_blocks: int) -> Missed:
    """The same, saying which block it was where there are several."""
    if n_blocks == 1:
        return missed
    return replace(missed, why=f"Block {number + 1} of {n_blocks}: {missed.why}", block=number)


def apply_changes(file: FileText, found: Sequence[LineChange]) -> list[str]:
    """The file's lines with these changes, with their ends; new lines end as those that they take the place of."""
    lines: list[str] = []
    done = 0
    for each in found:
        lines += [*file.whole[done : each.start], *_new_lines(file, each)]
        done = each.end
    lines += file.whole[done:]
    return lines if not file.ends or file.ends[-1] else _all_ended(file, lines)


def _found_surely(file: FileText, block: BlockLines) -> Found | Missed:
    found = find_exactly(file, block)
    if found is not NOWHERE:
        return found
    return find_but_for_blanks(file, block)


def _found_otherwise(file: FileText, block: BlockLines, path: PurePath, missed: Missed) -> Found | Missed:
    others = list(readings(block, path))
    for other in others:
        found = _found_surely(file, other)
        if isinstance(found, Found) or found.is_doubtful:
            return found
    for each in (block, *others):
        rows = _rows_of_result(file, each)
        if rows:
            return Missed(
                f"The text to replace is not in the file, but the new text is: it may have been done already, see line {rows[0] + 1}.",
                tuple(rows[:1]),
            )
    dots = elided(block.search)
    if dots:
        return Missed(
            f"The text to replace leaves lines out (“{dots.strip()[:60]}”). Send every line as it is in the file."
        )
    for each in (block, *others):
        found = find_drifted(file, each)
        if found is not NOWHERE:
            return found
    return missed if missed is not NOWHERE else looks_alike(file, block) or NOWHERE


def _rows_of_result(file: FileText, block: BlockLines) -> list[int]:
    """Where the new text stands, if it says enough to be recognised."""
    telling = sum(1 for line in block.replace if sum(map(str.isalnum, line)) > 2)
    if not telling or block.is_part:
        return []
    return file.rows_like(list(block.replace))


def _cannot_be_looked_for(file: FileText, block: BlockLines) -> Missed | None:
    if any(map(str.strip, block.search)):
        return None
    if any(map(str.strip, file.lines)):
        return Missed(
            "The text to replace is empty, and the file is not. Send the lines beside which the new ones belong, with them."
        )
    return None


def _checked(file: FileText, block: BlockLines, found: Found, path: PurePath) -> Found | Missed:
    """Refuses what a model cannot have meant to be written."""
    new = [line for each in found.changes for line in each.new]
    added = [line for line in new if key(line) not in file.places]
    dots = elided_in_comment(added)
    if not dots and path.suffix not in _PYTHON:
        dots = elided([line for line in added if key(line) in ("...", "…")])
    if dots:
        return Missed(
            f"The new text leaves lines out (“{dots.strip()[:60]}”), and would take them away. Send all of them."
        )
    if are_numbered(tuple(new)) and not are_numbered(block.search):
        return Missed("The new text has line numbers in it. Send it without.")
    return found


def _overlap(found: Sequence[LineChange]) -> int | None:
    for before, after in pairwise(found):
        if after.start < before.end or (before.start, before.end) == (after.start, after.end):
            return after.start
    return None


def _one_after_another(file: FileText, blocks: Sequence[Block]) -> list[str] | None:
    if not 1 < len(blocks) <= MAX_IN_ORDER:
        return None
    lines: list[str] = []
    for block in blocks:
        found = find_exactly(file, block_lines(block.search, block.replace))
        if isinstance(found, Missed) or not any(map(str.strip, block_lines(block.search, "").search)):
            return None
        lines = apply_changes(file, found.changes)
        file = FileText("".join(lines))
    return lines


def _new_lines(file: FileText, change: LineChange) -> list[str]:
    """Each new line with the end of the line in whose place it stands; one that comes last in the file, as that did."""
    beside = file.end_at(max(0, change.end - 1))
    lines = []
    for number, line in enumerate(change.new):
        place = change.start + number
        lines.append(line + (file.ends[place] if place < change.end and file.ends[place] else beside))
    is_last = change.end == len(file.lines) > 0
    if lines and is_last and not file.ends[-1]:
        lines[-1] = lines[-1].rstrip("\r\n")
    return lines


def _all_ended(file: FileText, lines: list[str]) -> list[str]:
    """A line that was the last one and had no end gets one where others follow it now."""
    return [
        line
        if line.endswith(("\n", "\r")) or number == len(lines) - 1
        else line + file.end_at(len(file.lines))
        for number, line in enumerate(lines)
    ]
