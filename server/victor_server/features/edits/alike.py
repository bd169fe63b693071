"""Says what is nearly the text that was looked for: the same in look-alike letters, or the lines most like it."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from victor_server.features.edits.block import BlockLines
from victor_server.features.edits.file_text import FileText, Joined, key
from victor_server.features.edits.match import Missed

MAX_EXCERPT = 40
"""Lines of the file that a refusal shows."""
_MAX_LINE = 300
_MAX_SCANNED = 50_000
_WORD = re.compile(r"\w+")
_LOOK_ALIKE = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032`\u00b4", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | {"\u2026": "..."}
    | dict.fromkeys("\u200b\u200c\u200d\u2060\u00ad\ufeff", "")
)
"""Quotes, dashes and dots that are drawn alike, and characters that are not drawn."""


def looks_alike(file: FileText, block: BlockLines) -> Missed | None:
    """What to say where only the letters differ: quotes, accents in two parts, capitals. None where more does."""
    for differs, fold in (("characters that only look the same", _folded), ("capital letters", _caseless)):
        rows = Joined([fold(line) for line in file.lines[:_MAX_SCANNED]]).rows(
            [fold(line) for line in block.search]
        )
        if rows:
            told = _first_difference(file, block, rows[0]) if fold is _folded else ""
            why = f"The text to replace differs from line {rows[0] + 1} in {differs}{told}. Send it as it is in the file."
            return Missed(why, (rows[0],))
    return None


def nearest(file: FileText, sought: Sequence[str], around: Sequence[int] = ()) -> tuple[str, int]:
    """The lines most like those sought, and the number of the first: those at `around` where that is known."""
    n_lines = min(MAX_EXCERPT, max(3, len(sought) + 2))
    if around:
        start = max(0, around[0] - 1)
    else:
        best = _most_alike(file, sought)
        if best is None:
            return "", 0
        start = max(0, best - 1)
    lines = [
        line if len(line) <= _MAX_LINE else line[:_MAX_LINE] + " …"
        for line in file.lines[start : start + n_lines]
    ]
    return "\n".join(lines), start


def _most_alike(file: FileText, sought: Sequence[str]) -> int | None:
    """Where a window as long as what is sought shares most of its words, rare ones before others."""
    wanted = set(_WORD.findall("\n".join(sought)))
    words = [wanted.intersection(_WORD.findall(line)) for line in file.lines[:_MAX_SCANNED]]
    n_lines = Counter(word for each in words for word in each)
    scores = [sum(1 / n_lines[word] for word in each) for each in words]
    width = max(1, len(sought))
    window = sum(scores[:width])
    best, best_at = window, 0
    for end in range(width, len(scores)):
        window += scores[end] - scores[end - width]
        if window > best + 1e-9:
            best, best_at = window, end - width + 1
    return best_at if best > 0 else None


def _folded(line: str) -> str:
    return key(unicodedata.normalize("NFKC", line.translate(_LOOK_ALIKE)))


def _caseless(line: str) -> str:
    return _folded(line).casefold()


def _first_difference(file: FileText, block: BlockLines, row: int) -> str:
    for number, line in enumerate(block.search):
        ours, theirs = key(line), file.keys[row + number]
        for left, right in zip(ours, theirs, strict=False):
            if left != right:
                return f" (U+{ord(left):04X} was sent, U+{ord(right):04X} is there)"
    return ""
