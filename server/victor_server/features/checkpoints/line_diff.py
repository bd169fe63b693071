"""What differs between two texts, line by line, in time that no text can blow up."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_SMALL = 200_000
"""Lines times lines up to which a gap without lines of its own is looked at line by line."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Lines `start` up to `end` of the one text are lines `other_start` up to `other_end` of the other."""

    start: int
    end: int
    other_start: int
    other_end: int


def as_lines(text: str) -> list[str]:
    """Lines with their ends (`\\n`, `\\r\\n`, `\\r`); the last one may have none."""
    return _LINE.findall(text)


def differences(one: Sequence[str], other: Sequence[str]) -> list[Difference]:
    """Where they differ, in order; no two touch. What lies between is the same in both."""
    found: list[Difference] = []
    at, other_at = 0, 0
    for start, other_start, n_lines in [*_matches(one, other), (len(one), len(other), 0)]:
        if at < start or other_at < other_start:
            found.append(Difference(at, start, other_at, other_start))
        at, other_at = start + n_lines, other_start + n_lines
    return found


def _matches(one: Sequence[str], other: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Runs of the same lines (start, other start, length), in order. Lines that each text has once are tied first."""
    gaps = [(0, len(one), 0, len(other))]
    while gaps:
        lo, hi, other_lo, other_hi = gaps.pop()
        n_first = _n_same(one, lo, hi, other, other_lo, other_hi)
        if n_first:
            yield lo, other_lo, n_first
            lo, other_lo = lo + n_first, other_lo + n_first
        n_last = _n_same_last(one, lo, hi, other, other_lo, other_hi)
        hi, other_hi = hi - n_last, other_hi - n_last
        if n_last:
            gaps.append((hi, hi + n_last, other_hi, other_hi + n_last))
        if lo == hi or other_lo == other_hi:
            continue
        ties = _ties(one, lo, hi, other, other_lo, other_hi)
        if ties:
            gaps += reversed(_between(ties, hi, other_hi, lo, other_lo))
        elif (hi - lo) * (other_hi - other_lo) <= _SMALL:
            for block in SequenceMatcher(
                None, one[lo:hi], other[other_lo:other_hi], False
            ).get_matching_blocks():
                if block.size:
                    yield lo + block.a, other_lo + block.b, block.size


def _n_same(one: Sequence[str], lo: int, hi: int, other: Sequence[str], other_lo: int, other_hi: int) -> int:
    most = min(hi - lo, other_hi - other_lo)
    return next((n for n in range(most) if one[lo + n] != other[other_lo + n]), most)


def _n_same_last(
    one: Sequence[str], lo: int, hi: int, other: Sequence[str], other_lo: int, other_hi: int
) -> int:
    most = min(hi - lo, other_hi - other_lo)
    return next((n for n in range(most) if one[hi - 1 - n] != other[other_hi - 1 - n]), most)


def _ties(
    one: Sequence[str], lo: int, hi: int, other: Sequence[str], other_lo: int, other_hi: int
) -> list[tuple[int, int]]:
    """Lines that stand once in each part: the longest row of them that is in the same order in both."""
    places = _once(one, lo, hi)
    other_places = _once(other, other_lo, other_hi)
    return _longest_rising(
        [(place, other_places[line]) for line, place in places.items() if line in other_places]
    )


def _once(lines: Sequence[str], lo: int, hi: int) -> dict[str, int]:
    places: dict[str, int] = {}
    for at in range(lo, hi):
        places[lines[at]] = -1 if lines[at] in places else at
    return {line: at for line, at in places.items() if at >= 0}


def _longest_rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of pairs that rise in the first number, the most that rise in the second too."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for at, (_, value) in enumerate(pairs):
        n_before = bisect_left(ends, value)
        before.append(last[n_before - 1] if n_before else -1)
        ends[n_before : n_before + 1] = [value]
        last[n_before : n_before + 1] = [at]
    row: list[tuple[int, int]] = []
    at = last[-1] if last else -1
    while at >= 0:
        row.append(pairs[at])
        at = before[at]
    return row[::-1]


def _between(
    ties: Sequence[tuple[int, int]], hi: int, other_hi: int, lo: int, other_lo: int
) -> list[tuple[int, int, int, int]]:
    """The parts from each tie up to the next, and the one before the first."""
    starts = [(lo, other_lo), *ties]
    ends = [*ties, (hi, other_hi)]
    return [
        (start, end, other_start, other_end)
        for (start, other_start), (end, other_end) in zip(starts, ends, strict=True)
    ]
