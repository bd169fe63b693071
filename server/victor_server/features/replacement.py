"""A change of a text in domain words: what stands at which offsets is replaced by what."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Replacement:
    """Put `text` in the place of what stands from `start` up to `end`, offsets in code points of the text as it is."""

    start: int
    end: int
    text: str


def replaced(text: str, replacements: Iterable[Replacement]) -> str:
    """`text` after all of them, none of which overlaps another."""
    parts: list[str] = []
    done = 0
    for each in sorted(replacements, key=lambda each: (each.start, each.end)):
        parts += text[done : each.start], each.text
        done = each.end
    return "".join([*parts, text[done:]])
