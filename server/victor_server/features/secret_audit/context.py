"""The lines around a secret as they may be shown: every secret in them masked, none of them endless."""

from collections.abc import Sequence
from dataclasses import dataclass

from victor_server.secrets.lines import line_span

LINES_AROUND = 3
MAX_WIDTH = 160


@dataclass(frozen=True, slots=True)
class Masked:
    """What is shown in place of `text[start:end]`."""

    start: int
    end: int
    mask: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line to show: `number` counts from 1."""

    number: int
    text: str
    is_here: bool


def masked_lines(text: str, starts: list[int], masks: Sequence[Masked], line: int) -> tuple[Line, ...]:
    """The line, three before and three behind it; of a secret of several lines, `…` stands for all but the first."""
    ordered = sorted(masks, key=lambda each: (each.start, -each.end))
    n_lines = len(starts) - (starts[-1] == len(text) and line < len(starts) - 1)
    numbers = range(max(0, line - LINES_AROUND), min(n_lines, line + LINES_AROUND + 1))
    return tuple(
        Line(number + 1, _shown(text, starts, ordered, number), number == line) for number in numbers
    )


def _shown(text: str, starts: list[int], masks: Sequence[Masked], number: int) -> str:
    start, end = line_span(text, starts, number)
    parts: list[str] = []
    done, first_mask = start, -1
    for each in masks:
        if each.end <= done or each.start >= end:
            continue
        if each.start < start:
            parts.append("…")
        else:
            parts += text[done : max(done, each.start)], each.mask if each.start >= done else ""
        first_mask = len("".join(parts)) if first_mask < 0 else first_mask
        done = min(each.end, end)
    return _cropped("".join([*parts, text[done:end]]), first_mask)


def _cropped(line: str, around: int) -> str:
    """At most MAX_WIDTH characters, with what the line is shown for among them."""
    if len(line) <= MAX_WIDTH:
        return line
    start = max(0, min(around - MAX_WIDTH // 2, len(line) - MAX_WIDTH))
    return (
        ("…" if start else "")
        + line[start : start + MAX_WIDTH]
        + ("…" if start + MAX_WIDTH < len(line) else "")
    )
