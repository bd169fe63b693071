"""Finds a block whose unchanged lines have drifted: what changes must stand there as it was, and everything else stays.

It is a merge of three texts: what the block looks for is the base, the file is one side, what it puts there the other.
The lines that change must be the only ones of their kind in the file, so that no twin of a place that is gone is taken.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from victor_server.features.edits.block import BlockLines
from victor_server.features.edits.diff import Change, changes, changes_from_end, shared
from victor_server.features.edits.file_text import FileText, key
from victor_server.features.edits.match import NOWHERE, Found, LineChange, Missed, fit, narrowed, needed

FLOOR = 0.66
"""The part of a block's lines that must be in the file, empty ones aside."""
MARGIN = 0.2
"""By how much of its lines the best place must be better than any other."""
MIN_TELLING = 3
"""Lines that say something which must be in the file, so that brackets alone find nothing."""
MIN_LETTERS = 3
"""Letters and digits of a line that says something."""
MAX_LINES = 400
"""Lines of a block beyond which only its blanks may differ."""
_MAX_PLACES = 300
_MAX_COMPARED = 30_000
"""Lines compared for one block, in all places together."""


def find_drifted(file: FileText, block: BlockLines) -> Found | Missed:
    """The one place that begins and ends as the block does and has most of its lines, and all that it changes."""
    keys = [key(line) for line in block.search]
    if len(keys) > MAX_LINES or not keys or not keys[0] or not keys[-1]:
        return NOWHERE
    places = list(_places(file, keys))
    if len(places) > _MAX_PLACES or sum(end - start for start, end in places) > _MAX_COMPARED:
        return Missed("The text to replace is not in the file, and too many places are like it.")
    tried = [_tried(file, block, keys, start, end) for start, end in places]
    return _best([each for each in tried if each.score >= FLOOR - MARGIN])


@dataclass(frozen=True, slots=True)
class _Tried:
    """One place: how much of the block is there, and what would change, or why nothing can."""

    start: int
    end: int
    score: float
    n_telling: int
    outcome: tuple[LineChange, ...] | str


def _best(tried: list[_Tried]) -> Found | Missed:
    tried.sort(key=lambda each: (-each.score, each.end - each.start))
    if not tried or tried[0].score < FLOOR or tried[0].n_telling < MIN_TELLING:
        return NOWHERE
    best = tried[0]
    rivals = [each for each in tried[1:] if each.outcome != best.outcome and each.score > best.score - MARGIN]
    if any(not isinstance(each.outcome, str) or each.start != best.start for each in rivals):
        lines = tuple(dict.fromkeys([best.start, *(each.start for each in rivals)]))
        told = " and ".join(str(line + 1) for line in lines[:2]) if len(lines) > 1 else f"{lines[0] + 1}"
        why = f"The text to replace is not in the file as it was sent, and more than one place is like it: see line {told}."
        return Missed(why, lines, is_doubtful=True)
    if isinstance(best.outcome, str):
        return Missed(best.outcome, (best.start,))
    return Found(best.start, best.end, best.outcome)


def _places(file: FileText, keys: list[str]) -> Iterator[tuple[int, int]]:
    """Where the block's first and last lines stand about as far from each other as in the block."""
    slack = max(2, len(keys) // 3)
    ends = file.places.get(keys[-1], [])
    for start in file.places.get(keys[0], []):
        first = bisect_left(ends, start + max(1, len(keys) - 1 - slack))
        last = bisect_right(ends, start + len(keys) - 1 + slack)
        for end in ends[first : min(last, first + _MAX_PLACES)]:
            yield start, end + 1


def _tried(file: FileText, block: BlockLines, keys: list[str], start: int, end: int) -> _Tried:
    there = file.keys[start:end]
    ways = [_pairs(find(keys, there), keys, there, start) for find in (changes, changes_from_end)]
    matched = [ours for ours, _ in ways[0] if keys[ours]]
    score = len(matched) / sum(1 for each in keys if each)
    n_telling = sum(1 for ours in matched if _is_telling(keys[ours]))
    outcome = _one_outcome(file, block, ways, start, end) if score >= FLOOR else ""
    return _Tried(start, end, score, n_telling, outcome)


def _pairs(found: Sequence[Change], keys: list[str], there: list[str], start: int) -> list[tuple[int, int]]:
    return [
        (ours + step, start + theirs + step)
        for ours, theirs, length in shared(found, len(keys), len(there))
        for step in range(length)
    ]


def _one_outcome(
    file: FileText, block: BlockLines, ways: Sequence[list[tuple[int, int]]], start: int, end: int
) -> tuple[LineChange, ...] | str:
    """What would change. Where lines repeat there are several ways to see what stayed: all must come to the same."""
    outcomes = [
        _merged(file, block, pairs, find(block.search, block.replace))
        for pairs in (ways if ways[0] != ways[1] else ways[:1])
        for find in (changes, changes_from_end)
    ]
    found = [each for each in outcomes if not isinstance(each, str)]
    if len(found) < len(outcomes):
        return next(each for each in outcomes if isinstance(each, str))
    if len({_region(file, each, start, end) for each in found}) > 1:
        return "The text to replace has the same line several times, and nobody can say which of them are left in the file."
    return found[0]


def _region(file: FileText, found: Sequence[LineChange], start: int, end: int) -> tuple[str, ...]:
    lines: list[str] = []
    done = start
    for each in found:
        lines += [*file.lines[done : each.start], *each.new]
        done = each.end
    return (*lines, *file.lines[done:end])


def _merged(
    file: FileText, block: BlockLines, pairs: Sequence[tuple[int, int]], ops: Sequence[Change]
) -> tuple[LineChange, ...] | str:
    reindent = fit(file, block, [pair for pair in pairs if block.search[pair[0]].strip()])
    if isinstance(reindent, str):
        return reindent
    line_of = [-1] * len(block.search)
    for ours, theirs in pairs:
        line_of[ours] = theirs
    if not all(_is_there(line_of, each) for each in ops):
        return "Most of the text to replace is in the file, but not the very lines that change: they read otherwise now."
    if any(len(file.rows_like(needed(block.search, each))) > 1 for each in ops):
        return "Most of the text to replace is in the file, and the lines that change stand there more than once."
    missing = {key(line) for line, place in zip(block.search, line_of, strict=True) if place < 0}
    if any(_is_telling(each) and each in file.places for each in missing):
        return (
            "Most of the text to replace is in the file, and a line that misses there stands elsewhere in it."
        )
    found = narrowed(block, reindent, line_of, ops)
    if found is None:
        return "Most of the text to replace is there, but nobody can say how far its new lines are to be indented."
    return found


def _is_telling(line: str) -> bool:
    return sum(map(str.isalnum, line)) >= MIN_LETTERS


def _is_there(line_of: Sequence[int], op: Change) -> bool:
    """Whether the lines that change, or between which others are put, follow one another in the file."""
    places = needed(line_of, op)
    return -1 not in places and all(after == before + 1 for before, after in pairwise(places))
