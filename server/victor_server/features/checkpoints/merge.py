"""Brings two changes of the same text together: what only one side changed is taken, the rest is a conflict."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from victor_server.features.edits.diff import Change, changes
from victor_server.features.edits.lines import split_lines

_MARK = "\ufeff"
_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Lines `start` up to `end` of mine (0-based), which both sides changed, each in its own way."""

    start: int
    end: int
    mine: str = field(repr=False)
    theirs: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Merged:
    """`text` has mine where there is a conflict, `wished` has theirs; without conflicts they are the same."""

    text: str = field(repr=False)
    wished: str = field(repr=False)
    conflicts: tuple[Conflict, ...] = ()


def merge3(base: str, mine: str, theirs: str) -> Merged:
    """What both sides made of `base`, line by line.

    Line ends and the byte order mark are merged apart from the lines, where each text has one kind of ends: a side
    that changed nothing but those is in no conflict with one that changed lines.
    """
    if mine in (base, theirs):
        return Merged(theirs, theirs)
    if theirs == base:
        return Merged(mine, mine)
    texts = (base, mine, theirs)
    mark = _merged(*(text[: len(_MARK)] if text.startswith(_MARK) else "" for text in texts))
    ends = _line_ends(texts)
    plain = [text.removeprefix(_MARK).replace(end, "\n") for text, end in zip(texts, ends, strict=True)]
    merged = _merge_lines(*(split_lines(text) for text in plain))
    end = _merged(*ends)
    return Merged(
        mark + merged.text.replace("\n", end),
        mark + merged.wished.replace("\n", end),
        tuple(_with_ends(each, ends[1]) for each in merged.conflicts),
    )


def _merged(base: str, mine: str, theirs: str) -> str:
    return theirs if mine == base else mine


def _line_ends(texts: Sequence[str]) -> tuple[str, str, str]:
    """How the lines of each text end; `\\n` for all where one text has several kinds, which then stay as they are."""
    found = [set(_END.findall(text)) for text in texts]
    if any(len(each) > 1 for each in found):
        return "\n", "\n", "\n"
    base, mine, theirs = ("".join(each) for each in found)
    base = base or mine or theirs or "\n"
    return base, mine or base, theirs or base


def _with_ends(conflict: Conflict, end: str) -> Conflict:
    mine, theirs = (text.replace("\n", end) for text in (conflict.mine, conflict.theirs))
    return Conflict(conflict.start, conflict.end, mine, theirs)


@dataclass(slots=True)
class _Group:
    """Lines `start` up to `end` of the base, and what each side made of parts of them."""

    start: int
    end: int
    mine: list[Change]
    theirs: list[Change]


def _merge_lines(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> Merged:
    text: list[str] = []
    wished: list[str] = []
    conflicts: list[Conflict] = []
    at, shift = 0, 0
    for group in _groups(changes(base, mine), mine, changes(base, theirs), theirs):
        same = base[at : group.start]
        own, new = _side(base, mine, group, group.mine), _side(base, theirs, group, group.theirs)
        both = bool(group.mine and group.theirs) and own != new
        if both:
            first = group.start + shift
            conflicts.append(Conflict(first, first + len(own), "".join(own), "".join(new)))
        chosen = own if group.mine else new
        text += [*same, *chosen]
        wished += [*same, *(new if both else chosen)]
        at, shift = group.end, shift + len(own) - (group.end - group.start)
    rest = base[at:]
    return Merged("".join([*text, *rest]), "".join([*wished, *rest]), tuple(conflicts))


def _side(base: Sequence[str], lines: Sequence[str], group: _Group, made: Sequence[Change]) -> list[str]:
    """What one side has in place of the group's lines."""
    found: list[str] = []
    at = group.start
    for each in made:
        found += [*base[at : each.start], *lines[each.new_start : each.new_end]]
        at = each.end
    return [*found, *base[at : group.end]]


def _groups(
    by_mine: Sequence[Change], mine: Sequence[str], by_theirs: Sequence[Change], theirs: Sequence[str]
) -> list[_Group]:
    """Changes in order, those together that cannot be told apart."""
    both = [(each.start, each.end, 0, each) for each in by_mine]
    both += [(each.start, each.end, 1, each) for each in by_theirs]
    groups: list[_Group] = []
    ends_open = False
    for start, end, side, each in sorted(both, key=lambda one: one[:3]):
        if not groups or not _meets(groups[-1], start, end, ends_open=ends_open):
            groups.append(_Group(start, end, [], []))
            ends_open = False
        group = groups[-1]
        group.end = max(group.end, end)
        (group.theirs if side else group.mine).append(each)
        ends_open |= _has_open_end((theirs if side else mine)[each.new_start : each.new_end])
    return groups


def _meets(group: _Group, start: int, end: int, *, ends_open: bool) -> bool:
    """Whether a difference has lines of the group, or goes into the same gap, or behind a line without an end."""
    if start < group.end or group.start == group.end == start == end:
        return True
    return start == group.end and ends_open


def _has_open_end(lines: Sequence[str]) -> bool:
    """Whether the last line would grow together with what comes behind it; a bare return does with a line feed."""
    return bool(lines) and not lines[-1].endswith("\n")
