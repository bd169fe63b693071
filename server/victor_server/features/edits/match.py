"""Finds the one place in a file that a block is for: exactly, then but for blanks; or says why there is none."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from victor_server.features.edits.block import BlockLines
from victor_server.features.edits.diff import Change, changes
from victor_server.features.edits.file_text import MAX_HITS, FileText, key
from victor_server.features.edits.indentation import Reindent, indent, reindenting, unit_of

T = TypeVar("T")

QUOTES = frozenset("\"'`")


class LineChange(NamedTuple):
    """Lines `start` up to `end` of the file become `new`, without ends."""

    start: int
    end: int
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The one place: lines `start` up to `end`, of which only those in `changes` become others."""

    start: int
    end: int
    changes: tuple[LineChange, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Missed:
    """No place, or no single one: `lines` are where it might be. `is_doubtful`: it stands there more than once.

    `block` is the number of the block that was missed.
    """

    why: str
    lines: tuple[int, ...] = ()
    is_doubtful: bool = False
    block: int = 0


NOWHERE = Missed("The text to replace is not in the file.")


def find_exactly(file: FileText, block: BlockLines) -> Found | Missed:
    """Where the block stands letter by letter; a part of a line only if it is one of whole words."""
    if block.is_part:
        return _find_part(file, block)
    rows = file.rows(list(block.search))
    if len(rows) > 1:
        return _several(file, rows)
    return _placed(file, block, rows[0], _as_it_is) if rows else NOWHERE


def find_but_for_blanks(file: FileText, block: BlockLines) -> Found | Missed:
    """Where it stands as whole lines but for blanks: the lines that stay keep theirs, new ones are indented alike."""
    rows = file.rows_like(list(block.search))
    if len(rows) > 1:
        return _several(file, rows)
    if not rows or not any(map(key, block.search)):
        return NOWHERE
    elsewhere = _elsewhere_as_sent(file, block, rows[0])
    if elsewhere:
        why = (
            f"The text to replace stands at line {rows[0] + 1}, indented in another way, and the lines that change stand"
            f" at line {elsewhere[0] + 1} just as they were sent. Send the lines as they are in the file."
        )
        return Missed(why, (rows[0], *elsewhere), is_doubtful=True)
    return _fitted(file, block, rows[0])


def needed(lines: Sequence[T], op: Change) -> list[T]:
    """Of a block's lines those that change, or the two between which, before which or behind which others are put."""
    if op.start < op.end:
        return list(lines[op.start : op.end])
    first = min(max(0, op.start - 1), max(0, len(lines) - 2))
    return list(lines[first : first + 2])


def fit(file: FileText, block: BlockLines, pairs: Sequence[tuple[int, int]]) -> Reindent | str:
    """How the block's new lines are indented where its lines are the file's `pairs`, or why nobody can say.

    `pairs` are numbers of lines, in the block and in the file. Lines that go away or change must not differ in
    blanks within quotes: those may mean something.
    """
    gone = {number for each in changes(block.search, block.replace) for number in range(each.start, each.end)}
    for ours, theirs in pairs:
        sought, there = block.search[ours].strip(), file.lines[theirs].strip()
        if ours in gone and sought != there and not QUOTES.isdisjoint(there):
            return f"Line {theirs + 1} has other blanks between its quotes than the text to replace."
    lines = [(block.search[ours], file.lines[theirs]) for ours, theirs in pairs]
    indented = _reindenting(file, block, lines)
    return indented or "The lines are there, but they are indented in another way, not all by as much."


def narrowed(
    block: BlockLines,
    reindent: Reindent,
    line_of: Sequence[int],
    ops: Sequence[Change] | None = None,
) -> tuple[LineChange, ...] | None:
    """What really changes when the block's lines are the file's `line_of`; None where it is unknown how far a new line
    is indented. `ops` is what the block changes of its lines, where that is known.
    """
    found: list[LineChange] = []
    for each in changes(block.search, block.replace) if ops is None else ops:
        new = [reindent(line) for line in block.replace[each.new_start : each.new_end]]
        if None in new:
            return None
        at = line_of[each.start] if each.start < len(line_of) else line_of[each.start - 1] + 1
        lines = tuple(line for line in new if line is not None)
        found.append(LineChange(at, at + each.end - each.start, lines))
    return tuple(found)


def _elsewhere_as_sent(file: FileText, block: BlockLines, start: int) -> tuple[int, ...]:
    """Where all lines that change stand letter by letter, though the place that was found is indented otherwise: the
    block may be for that one, and what is around it may have changed."""
    pairs = zip(block.search, file.lines[start:], strict=False)
    if all(indent(ours) == indent(theirs) for ours, theirs in pairs if ours.strip()):
        return ()
    rows = [file.rows(needed(block.search, each)) for each in changes(block.search, block.replace)]
    return tuple(row for each in rows for row in each) if rows and all(rows) else ()


def _find_part(file: FileText, block: BlockLines) -> Found | Missed:
    """A single line without its end: whole, or the part of a line."""
    sought, text = block.search[0], file.joined.text
    hits: list[int] = []
    at = text.find(sought) if sought.strip() else -1
    while at >= 0 and len(hits) < MAX_HITS:
        if _is_apart(text, at, at + len(sought)):
            hits.append(at)
        at = text.find(sought, at + 1)
    if len(hits) > 1:
        return _several(file, [file.joined.line_at(hit) for hit in hits])
    if not hits:
        return NOWHERE
    place = file.joined.line_at(hits[0])
    if file.lines[place].strip() == sought.strip():
        return _fitted(file, block, place)
    return _within_line(file, block, place, hits[0] - file.joined.starts[place])


def _within_line(file: FileText, block: BlockLines, place: int, column: int) -> Found | Missed:
    line, sought = file.lines[place], block.search[0]
    before, behind = line[:column], line[column + len(sought) :]
    put = "\n".join(block.replace)
    offset = put.find(sought)
    while 0 <= offset <= len(before) and put != sought:
        if before.endswith(put[:offset]) and behind.startswith(put[offset + len(sought) :]):
            return _done_already(place)
        offset = put.find(sought, offset + 1)
    new = f"{before}{put}{behind}"
    if not block.replace and not new.strip():
        return Found(place, place + 1, (LineChange(place, place + 1, ()),))
    return Found(place, place + 1, (LineChange(place, place + 1, tuple(new.split("\n"))),))


def _is_apart(text: str, start: int, end: int) -> bool:
    """Whether neither end of this part lies within a word, a number, a character, or a run of blanks."""
    return _is_edge(
        text[start - 1], text[start], text[start - 2 : start - 1], text[start + 1 : start + 2]
    ) and (_is_edge(text[end - 1], text[end], text[end - 2 : end - 1], text[end + 1 : end + 2]))


def _is_edge(left: str, right: str, before: str, behind: str) -> bool:
    if "\n" in (left, right):
        return True
    if _glues(right) or left == "\u200d":
        return False
    if left.isspace() and right.isspace():
        return False
    if (left == "." and before.isdigit() and right.isdigit()) or (
        right == "." and left.isdigit() and behind.isdigit()
    ):
        return False
    return not (_is_word(left) and _is_word(right))


def _glues(char: str) -> bool:
    """Whether a character belongs to the one before it: accents, selectors, joiners."""
    return not char.isascii() and unicodedata.category(char) in ("Mn", "Mc", "Me", "Cf", "Sk")


def _is_word(char: str) -> bool:
    return char.isalnum() or char in "_$" or _glues(char)


def _as_it_is(line: str) -> str | None:
    return line


def _fitted(file: FileText, block: BlockLines, start: int) -> Found | Missed:
    reindent = fit(file, block, [(number, start + number) for number in range(len(block.search))])
    return Missed(reindent, (start,)) if isinstance(reindent, str) else _placed(file, block, start, reindent)


def _placed(file: FileText, block: BlockLines, start: int, reindent: Reindent) -> Found | Missed:
    if _stands_already(file, block, start):
        return _done_already(start)
    narrow = narrowed(block, reindent, range(start, start + len(block.search)))
    if narrow is None:
        return Missed(
            "The lines are there, indented less than in the text to replace: so far left the new text cannot go.",
            (start,),
        )
    return Found(start, start + len(block.search), narrow)


def _stands_already(file: FileText, block: BlockLines, start: int) -> bool:
    """Whether what a block adds around its lines is there, too."""
    search, replace = list(map(key, block.search)), list(map(key, block.replace))
    for offset in range(len(replace) - len(search) + 1):
        if replace[offset : offset + len(search)] == search and len(replace) > len(search):
            first = start - offset
            if first >= 0 and file.keys[first : first + len(replace)] == replace:
                return True
    return False


def _done_already(start: int) -> Missed:
    return Missed(f"It has been done already: see line {start + 1}.", (start,), is_doubtful=True)


def _several(file: FileText, rows: Sequence[int]) -> Missed:
    places = [f"{row + 1}" for row in dict.fromkeys(rows)]
    more = "or more " if len(rows) >= MAX_HITS else ""
    where = f"lines {', '.join(places[:-1])} and {places[-1]}" if len(places) > 1 else f"line {places[0]}"
    why = f"The text to replace stands in the file {len(rows)} {more}times, at {where}. Send more of the lines around the one that is meant."
    return Missed(why, tuple(dict.fromkeys(rows)), is_doubtful=True)


def _reindenting(file: FileText, block: BlockLines, lines: list[tuple[str, str]]) -> Reindent | None:
    unit = unit_of(block.search) or unit_of(block.replace)
    return _but_for_first(block, lines) or reindenting(lines, unit, file.indent_unit)


def _but_for_first(block: BlockLines, lines: list[tuple[str, str]]) -> Reindent | None:
    """Where only the first line lost its indentation, when it was copied: what is put in its place lost it as well."""
    (ours, theirs), rest = lines[0], [each for each in lines[1:] if each[0].strip()]
    if indent(ours) or not indent(theirs) or not rest or any(indent(one) != indent(two) for one, two in rest):
        return None
    put = block.replace[:1]
    if put and (indent(put[0]) or put[0] in block.replace[1:]):
        return None
    return lambda line: indent(theirs) + line if put and line == put[0] else line
