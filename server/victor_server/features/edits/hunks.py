"""Hunks of a change: made from two texts, put into a text one by one, and found again in a text that moved on."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from victor_server.features.edits.diff import Change, changes, changes_from_end
from victor_server.features.edits.lines import split_lines, usual_end
from victor_server.features.edits.model import Hunk

_MAX_GAP = 2
"""Lines without a letter between two changes (brackets, empty ones) over which they are one hunk."""


def hunks_of(base: str, after: str, path: Path | None = None) -> tuple[Hunk, ...]:
    """What makes `after` of `base`, as few lines as it takes, in order. `path` makes ids unique among files."""
    old, new = split_lines(base), split_lines(after)
    return hunks_between(old, new, changes(old, new), path)


def hunks_between(
    old: Sequence[str], new: Sequence[str], found: Iterable[Change], path: Path | None = None
) -> tuple[Hunk, ...]:
    """The same where it is known what changed."""
    return tuple(
        _hunk(
            path,
            each.start,
            "".join(old[each.start : each.end]),
            "".join(new[each.new_start : each.new_end]),
            each.end,
        )
        for each in _over_small_gaps(old, found)
    )


def whole_hunk(path: Path, before: str, after: str) -> Hunk:
    """One hunk for a file that is made, deleted or moved."""
    return _hunk(path, 0, before, after, len(split_lines(before)))


def text_with(base: str, hunks: Iterable[Hunk], accepted: Collection[str]) -> str:
    """The base text with the hunks whose ids are accepted; none but those. Hunks of one text do not overlap.

    A line that had no end gets one where another follows it now.
    """
    lines = split_lines(base)
    parts: list[str] = []
    done = 0
    for hunk in sorted(hunks, key=_place):
        if hunk.id in accepted:
            parts += ["".join(lines[done : hunk.start]), hunk.after]
            done = hunk.end
    parts = [part for part in (*parts, "".join(lines[done:])) if part]
    for number, part in enumerate(parts[:-1]):
        if not part.endswith(("\n", "\r")):
            parts[number] = part + usual_end(lines)
    return "".join(parts)


def turned_back(base: str, hunks: Iterable[Hunk], applied: Collection[str]) -> tuple[Hunk, ...]:
    """What takes the applied hunks back out of `text_with(base, hunks, applied)`: hunks of that text, same ids.

    One whose lines ran into others, as a lone carriage return and a line feed do, is left out.
    """
    text = text_with(base, hunks, applied)
    turned: list[Hunk] = []
    shift = 0
    for hunk in sorted(hunks, key=_place):
        if hunk.id in applied:
            n_after = len(split_lines(hunk.after))
            start = hunk.start + shift
            turned.append(
                replace(hunk, start=start, end=start + n_after, before=hunk.after, after=hunk.before)
            )
            shift += n_after - (hunk.end - hunk.start)
    lines = split_lines(text)
    return tuple(hunk for hunk in turned if "".join(lines[hunk.start : hunk.end]) == hunk.before)


def reanchor(hunk: Hunk, base: str, now: str) -> Hunk | None:
    """The hunk as it is for `now`, which came of `base`; None where it is stale.

    It is stale where its lines were touched, and where nobody can say whether they were: beside a line that was
    typed and reads the same as one of its own.
    """
    return reanchor_all([hunk], base, now)[0]


def reanchor_all(hunks: Sequence[Hunk], base: str, now: str) -> list[Hunk | None]:
    """The same for several hunks of one text, in order."""
    if base == now:
        lines = split_lines(now)
        return [hunk if _stands(hunk, lines) else None for hunk in hunks]
    # A look at a text is cheap, a comparison of two is not.
    there = [hunk.before in now for hunk in hunks]
    if not any(there):
        return [None] * len(hunks)
    new, ways = _compared(base, now)
    return [
        _reanchored(hunk, new, ways) if is_there else None
        for hunk, is_there in zip(hunks, there, strict=True)
    ]


@lru_cache(maxsize=2)
def _compared(base: str, now: str) -> tuple[Sequence[str], "Sequence[Sequence[_Zone]]"]:
    """The lines of `now`, and what changed, in both ways to see it. Kept, for many edits may be open in one text."""
    old, new = split_lines(base), split_lines(now)
    ways = [[_Zone.of(each, old, new) for each in find(old, new)] for find in (changes, changes_from_end)]
    return new, ways


class _Zone(NamedTuple):
    """What changed, and the lines around it that may have: beside it, and the same as one in it."""

    change: Change
    start: int
    end: int

    @classmethod
    def of(cls, change: Change, old: Sequence[str], new: Sequence[str]) -> "_Zone":
        inside = {*old[change.start : change.end], *new[change.new_start : change.new_end]}
        start, end = change.start, change.end
        while start > 0 and old[start - 1] in inside:
            start -= 1
        while end < len(old) and old[end] in inside:
            end += 1
        return cls(change, start, end)

    @property
    def grew(self) -> int:
        """By how many lines."""
        return self.change.new_end - self.change.new_start - (self.change.end - self.change.start)


def _reanchored(hunk: Hunk, new: Sequence[str], ways: Sequence[Sequence[_Zone]]) -> Hunk | None:
    starts = {_start_in(hunk, zones) for zones in ways}
    start = starts.pop()
    if starts or start is None:
        return None
    end = start + hunk.end - hunk.start
    found = replace(hunk, start=start, end=end)
    return found if _stands(found, new) else None


def _stands(hunk: Hunk, lines: Sequence[str]) -> bool:
    return "".join(lines[hunk.start : hunk.end]) == hunk.before


def _start_in(hunk: Hunk, zones: Iterable[_Zone]) -> int | None:
    """Where a hunk's first line is after these changes, None where one of them may have touched it."""
    shift = 0
    for zone in zones:
        if _touches(zone, hunk):
            return None
        if zone.change.end > hunk.start:
            break
        shift += zone.grew
    return hunk.start + shift


def _touches(zone: _Zone, hunk: Hunk) -> bool:
    if hunk.start < hunk.end:
        return zone.start < hunk.end and hunk.start < zone.end
    # A hunk that only adds lines has none of its own, but its place between two: they may change, not move apart.
    is_beside = zone.start <= hunk.start <= zone.end
    return is_beside and (zone.grew != 0 or zone.start < hunk.start < zone.end)


def _place(hunk: Hunk) -> tuple[int, int]:
    return hunk.start, hunk.end


def _over_small_gaps(old: Sequence[str], found: Iterable[Change]) -> list[Change]:
    joined: list[Change] = []
    for each in found:
        last = joined[-1] if joined else None
        gap = old[last.end : each.start] if last and each.start - last.end <= _MAX_GAP else None
        if last and gap is not None and not any(map(_has_word, gap)):
            joined[-1] = Change(last.start, each.end, last.new_start, each.new_end)
        else:
            joined.append(each)
    return joined


def _has_word(line: str) -> bool:
    return any(char.isalnum() for char in line)


def _hunk(path: Path | None, start: int, before: str, after: str, end: int) -> Hunk:
    told = f"{path or ''}\0{start}\0{end}\0{after}"
    number = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return Hunk(f"h{number}", start, end, before, after)
