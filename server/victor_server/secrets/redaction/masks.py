"""Decides which parts of a text a model must not see: a fixed point of rules, known values and random strings."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from victor_server.secrets.lines import line_starts
from victor_server.secrets.redaction.known import KnownValues
from victor_server.secrets.redaction.random_strings import random_strings
from victor_server.secrets.scanner import scan_with_allowed

RANDOM = "high-entropy"
QUOTED = "quoted-placeholder"

_ROUNDS_OF_FINDINGS = 8
_ROUNDS_OF_LINES = 4
"""A mask ends the word that hid a neighbour, so one round may uncover what the next one masks. Real text settles in two
or three; a text made of secrets glued to each other does not, and there whole lines go."""

_LINE_END = re.compile(r"\r\n|\r|\n")


class Mask(NamedTuple):
    """`text[start:end]` is hidden under a placeholder of this label; None: it stays, whatever is in it."""

    start: int
    end: int
    label: str | None


def find_masks(text: str, path: str, known: KnownValues, given: Sequence[Mask], nonce: str) -> list[Mask]:
    """The masks of `text` in reading order, the `given` ones among them; they do not overlap.

    What is found becomes known, so that it is masked wherever else it stands. The scanner finds nothing more in
    what `render` makes of the text. A mask neither begins nor ends with a line end.
    """
    masks = _merged(text, given)
    # What is known counts only after the rules had their first look: it may be what gives away a weak value beside it.
    hits = list(_hits(text, known))
    for n_round in range(_ROUNDS_OF_FINDINGS + _ROUNDS_OF_LINES):
        found = _found(text, path, masks, nonce, whole_lines=n_round >= _ROUNDS_OF_FINDINGS)
        merged = _merged(text, [*masks, *found, *hits])
        if merged == masks:
            break
        new = known.add([*_values(text, found, encoded=True), *_values(text, merged, encoded=False)])
        hits = list(_hits(text, new))
        masks = merged
    return masks


def render(text: str, masks: Sequence[Mask], placeholder: Callable[[str, str], str]) -> str:
    """`text` with `placeholder(value, label)` instead of each masked value; the number of lines stays."""
    return _Shown(text, masks, placeholder).text


class _Shown:
    """The text as it is seen, and the way back from its offsets."""

    def __init__(self, text: str, masks: Sequence[Mask], placeholder: Callable[[str, str], str]) -> None:
        parts: list[str] = []
        self._masks = masks
        self._starts: list[int] = []  # of each mask, in the shown text
        self._ends: list[int] = []
        done = length = 0
        for mask in masks:
            parts += text[done : mask.start], _hidden(text[mask.start : mask.end], mask.label, placeholder)
            self._starts.append(length + len(parts[-2]))
            length = self._starts[-1] + len(parts[-1])
            self._ends.append(length)
            done = mask.end
        self.text = "".join([*parts, text[done:]])

    def original_start(self, offset: int) -> int:
        """Where `self.text[offset]` comes from; in a mask, where the mask begins."""
        place = bisect_right(self._starts, offset) - 1
        if place < 0:
            return offset
        if offset < self._ends[place]:
            return self._masks[place].start
        return offset - self._ends[place] + self._masks[place].end

    def original_end(self, offset: int) -> int:
        """The same for an end, which is exclusive; in a mask, where the mask ends."""
        place = bisect_left(self._starts, offset) - 1
        if place < 0:
            return offset
        if offset <= self._ends[place]:
            return self._masks[place].end
        return offset - self._ends[place] + self._masks[place].end


def _hidden(value: str, label: str | None, placeholder: Callable[[str, str], str]) -> str:
    return value if label is None else placeholder(value, label) + _line_ends(value)


def _line_ends(value: str) -> str:
    """Those in the value; a lone \\r as \\n, since before a \\n it would be half of one line end."""
    return "".join(end if end != "\r" else "\n" for end in _LINE_END.findall(value))


def _hits(text: str, known: KnownValues) -> Iterator[Mask]:
    return (Mask(*hit) for hit in known.find(text))


def _values(text: str, masks: Iterable[Mask], *, encoded: bool) -> Iterator[tuple[str, str, bool]]:
    for mask in masks:
        if mask.label and mask.label != QUOTED:
            yield text[mask.start : mask.end], mask.label, encoded and mask.label != RANDOM


def _found(text: str, path: str, masks: list[Mask], nonce: str, *, whole_lines: bool) -> list[Mask]:
    """What the rules, and an eye for randomness, see in the shown text, at its place in the text as it is."""
    shown = _Shown(text, masks, lambda _value, label: f"[REDACTED:{label}:1:{nonce}]")
    spans = [
        Mask(finding.start, finding.end, finding.rule) for finding in scan_with_allowed(shown.text, path)
    ]
    taken = [span.end for span in spans]
    for start, end in random_strings(shown.text):
        place = bisect_right(taken, start)
        if place == len(taken) or end <= spans[place].start:
            spans.append(Mask(start, end, RANDOM))
    if whole_lines:
        spans = _widened(shown.text, spans)
    return _merged(
        text,
        [Mask(shown.original_start(start), shown.original_end(end), label) for start, end, label in spans],
    )


def _widened(text: str, spans: list[Mask]) -> list[Mask]:
    """Each with all of its lines."""
    starts = line_starts(text)
    lines = ((bisect_right(starts, span.start) - 1, bisect_left(starts, span.end), span) for span in spans)
    return [
        Mask(starts[first], starts[after] if after < len(starts) else len(text), span.label)
        for first, after, span in lines
    ]


def _merged(text: str, masks: Iterable[Mask]) -> list[Mask]:
    """In reading order; what overlaps is one mask, named by its longest part; what is fixed is cut out of the rest."""
    ordered = sorted(masks, key=lambda mask: (mask.start, -mask.end))
    fixed = [mask for mask in ordered if mask.label is None]
    united: list[Mask] = []
    longest = 0
    for mask in ordered:
        if mask.label is None:
            continue
        if united and mask.start < united[-1].end:
            first = united[-1]
            length = mask.end - mask.start
            is_better = length > longest or (length == longest and first.label == RANDOM)
            united[-1] = Mask(first.start, max(first.end, mask.end), mask.label if is_better else first.label)
            longest = max(longest, length)
        else:
            united.append(mask)
            longest = mask.end - mask.start
    return sorted({*fixed, *trimmed(text, _cut(united, fixed))})


def _cut(masks: list[Mask], fixed: list[Mask]) -> Iterator[Mask]:
    ends = [mask.end for mask in fixed]
    for mask in masks:
        start = mask.start
        place = bisect_right(ends, start)
        while place < len(fixed) and fixed[place].start < mask.end:
            yield Mask(start, fixed[place].start, mask.label)
            start = fixed[place].end
            place += 1
        yield Mask(start, mask.end, mask.label)


def trimmed(text: str, masks: Iterable[Mask]) -> Iterator[Mask]:
    """Without line ends around them, and without those of which nothing is left."""
    for start, end, label in masks:
        while start < end and text[start] in "\r\n":
            start += 1
        while start < end and text[end - 1] in "\r\n":
            end -= 1
        if start < end:
            yield Mask(start, end, label)
