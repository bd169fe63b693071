"""Reads the comments by which an author allows a secret, each with the reach that it has in the tool it was made for."""

import re
from collections.abc import Iterable

from victor_server.secrets.lines import line_span

# Words that nobody writes by chance: enough that a comment may have begun before them, in any language.
_PLAIN = re.compile(
    r"(?<![\w-])(?:pragma: ?(?:allow|white)list[ -]secret|gitleaks:allow|betterleaks:allow|trufflehog:ignore"
    r"|gitguardian:ignore|secretlint-disable-line)(?![\w-])"
)
_NEXT_LINE_ANYWHERE = re.compile(r"(?<![\w-])secretlint-disable-next-line(?![\w-])")
_MAY_BE_COMMENT = re.compile(r"[#'\"`;%!*{]|//|--|(?i:\b(?:rem|dnl)\b)")

# These are words like others. They count in what is a comment in most languages, and as words of their own.
_BARE = re.compile(r"(?<=[\s#/*;%-])(?:nosecret|ggignore)(?![^\s,;:)#*-])")
_IS_COMMENT = re.compile(
    r"(?<![^\s;,)}\]\"'`])(?:(?:<%|\{{1,2})?(?:#|//|/\*)|<!--|\{\{!|--(?=\s)|[;%](?=\s*(?:nosecret|ggignore)\s*$))"
)

# Nothing but a comment's own marks may stand before it, else one comment could allow two lines.
_NEXT_LINE = re.compile(
    r"(?P<marks>\W{0,100}+(?:(?:rem|dnl)\s{1,100}+)?)pragma: ?allowlist[ -]nextline[ -]secret(?![\w-])",
    re.IGNORECASE,
)


def is_allowed(text: str, starts: list[int], first_line: int, last_line: int) -> bool:
    """Whether a comment on one of these lines, or a next-line comment just before them, allows a secret there.

    A secret of several lines mostly stands in a literal that opens on the line before it, where no comment can be:
    for such a one the comment may stand before that line.
    """
    reach = 1 if first_line == last_line else 2
    before = range(max(0, first_line - reach), first_line)
    return any(
        _allows_itself(line) for line in _lines(text, starts, range(first_line, last_line + 1))
    ) or any(_allows_next(line) for line in _lines(text, starts, before))


def _lines(text: str, starts: list[int], numbers: Iterable[int]) -> Iterable[str]:
    return (text[slice(*line_span(text, starts, number))] for number in numbers)


def _allows_itself(line: str) -> bool:
    return _stands_behind(line, _MAY_BE_COMMENT, _PLAIN) or _stands_behind(line, _IS_COMMENT, _BARE)


def _allows_next(line: str) -> bool:
    alone = _NEXT_LINE.match(line)
    return bool(alone and alone["marks"].strip()) or _stands_behind(
        line, _MAY_BE_COMMENT, _NEXT_LINE_ANYWHERE
    )


def _stands_behind(line: str, opening: re.Pattern[str], words: re.Pattern[str]) -> bool:
    """Whether the words stand somewhere behind what may open a comment."""
    if not words.search(line):
        return False
    opened = opening.search(line)
    return bool(opened and words.search(line, opened.end()))
