"""A regular expression as `grep` means it: of single lines, and yet looked for in a whole text at once where that is safe."""

import re
import warnings
from collections.abc import Iterator

_AS_IN_A_LINE = {"s": r"[^\S\n]", "W": r"[^\w\n]", "D": r"[^\d\n]"}
_GROUP = re.compile(r"\(\?(?:[aimu]*(?:-[im]+)?[:)]|P<\w+>|P=\w+\))")
_PLAIN_ESCAPES = frozenset("wdSbtrfva")
_PLAIN_IN_CLASS = frozenset("wdS")


def matching_lines(pattern: str, *, ignore_case: bool) -> "Lines":
    """What finds the lines of a text that a pattern matches. Raises re.error."""
    flags = re.IGNORECASE if ignore_case else re.NOFLAG
    within = within_a_line(pattern)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what may mean something else in another Python is nobody's here
        alone = re.compile(pattern, flags)
        return Lines(alone, None if within is None else re.compile(within, flags | re.MULTILINE))


class Lines:
    """Finds lines: one by one with `alone`, or with `within`, which matches no line end, in the whole text."""

    def __init__(self, alone: re.Pattern[str], within: re.Pattern[str] | None) -> None:
        self._alone = alone
        self._within = within

    def __call__(self, text: str) -> Iterator[int]:
        """The 0-based numbers of the lines that match, in order. Line ends are `\\n`."""
        return self.one_by_one(text) if self._within is None else self.at_once(text, self._within)

    def one_by_one(self, text: str) -> Iterator[int]:
        """However slow the pattern is, it sees one line."""
        lines = text.split("\n")
        for number, line in enumerate(lines if lines[-1] else lines[:-1]):
            if self._alone.search(line):
                yield number

    def at_once(self, text: str, within: re.Pattern[str]) -> Iterator[int]:
        """The same, without a look at lines in which nothing is."""
        number = counted = start = 0
        while start < len(text) and (match := within.search(text, start)):
            if match.start() == len(text) and text.endswith("\n"):
                return  # behind the last line end there is no line
            number += text.count("\n", counted, match.start())
            counted = match.start()
            yield number
            end = text.find("\n", match.end())
            if end < 0:
                return
            start = end + 1


def within_a_line(pattern: str) -> str | None:
    """The pattern so that no part of it matches a line end; None where that cannot be said simply.

    Where it matches a line, the result matches in a text that holds this line, with MULTILINE, and nothing else.
    """
    out: list[str] = []
    at = 0
    while at < len(pattern):
        step = _step(pattern, at)
        if step is None:
            return None
        piece, at = step
        out.append(piece)
    return "".join(out)


def _step(pattern: str, at: int) -> tuple[str, int] | None:
    """One piece as it stands within a line, and where the next begins."""
    char = pattern[at]
    if char == "\\":
        return _escape(pattern, at)
    if char == "[":
        return _class(pattern, at)
    if char == "(" and pattern.startswith("(?", at):
        group = _GROUP.match(pattern, at)
        return None if group is None else (group.group(), group.end())
    if char == "\n" or (char in "*+?}" and pattern[at + 1 : at + 2] == "+"):
        return None
    return char, at + 1


def _escape(pattern: str, at: int) -> tuple[str, int] | None:
    letter = pattern[at + 1 : at + 2]
    if letter in _AS_IN_A_LINE:
        return _AS_IN_A_LINE[letter], at + 2
    if letter in "123456789" and letter:
        return None if pattern[at + 2 : at + 3].isdigit() else (pattern[at : at + 2], at + 2)
    if letter in _PLAIN_ESCAPES or (letter and letter.isascii() and not letter.isalnum() and letter != "\n"):
        return pattern[at : at + 2], at + 2
    return None


def _class(pattern: str, at: int) -> tuple[str, int] | None:
    """A class of characters: a negated one is told not to take line ends, another must have none by what it names."""
    negated = pattern.startswith("[^", at)
    first = at + 1 + negated
    end = first + pattern.startswith("]", first)
    while end < len(pattern) and pattern[end] != "]":
        if pattern[end] == "\\":
            letter = pattern[end + 1 : end + 2]
            if (
                letter.isalnum()
                and letter not in _PLAIN_IN_CLASS
                and not (negated and letter in _AS_IN_A_LINE)
            ):
                return None
            end += 1
        elif pattern[end] < " " or pattern[end] == "[":
            return None
        end += 1
    if end >= len(pattern):
        return None
    inside = pattern[first:end]
    if not negated:
        return f"[{inside}]", end + 1
    # What counts as itself at the front of a class would end it, or make a range, behind the line end.
    guard = "\\" if inside.startswith(("]", "-")) else ""
    return f"[^\\n{guard}{inside}]", end + 1
