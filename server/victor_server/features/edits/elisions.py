"""Tells lines that stand for others ("… rest unchanged …"): nothing may be looked for by them, or written."""

import re
from collections.abc import Iterable

_DOTS = r"(?:\.{3,}|…)"
_COMMENT = r"(?:#+|//+|/\*+|<!--|--|;+|%+|\{/\*|\*|\"{3})"
_WORDS = r"(?:rest|remaining|existing|unchanged|omitted|previous|other|same|code|keep|more|continues?)"
_ALONE = re.compile(rf"\s*{_DOTS}\s*")
_IN_COMMENT = re.compile(
    rf"\s*{_COMMENT}\s*(?:[\[(<]\s*)?"
    rf"(?:{_DOTS}.*|(?:\w+\s+){{0,4}}?{_WORDS}\b.*{_DOTS}.*|(?:the\s+)?rest of .*\b(?:unchanged|same|omitted|here)\b.*)",
    re.IGNORECASE,
)
_MAX_LINE = 200


def elided(lines: Iterable[str]) -> str:
    """The first line that stands for others, "" where there is none."""
    return next((line for line in lines if _ALONE.fullmatch(line) or elided_in_comment([line])), "")


def elided_in_comment(lines: Iterable[str]) -> str:
    """The first of those that cannot be code: three dots alone are a body in Python, and fill in elsewhere."""
    return next((line for line in lines if len(line) <= _MAX_LINE and _IN_COMMENT.fullmatch(line)), "")
