"""Puts what an answer has for the selected lines in their place, or says why that would not be what was meant."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import takewhile

from victor_server.features.assists.place import Lines
from victor_server.features.edits.elisions import elided
from victor_server.features.edits.lines import bare, end_of, split_lines, usual_end
from victor_server.secrets.placeholders import written_in


@dataclass(frozen=True, slots=True)
class NotMeant:
    """Why code was not put in: what is wrong with it, and what to do about it, for the model where that may mend it."""

    what: str
    do: str

    @property
    def why(self) -> str:
        """Both as one text."""
        return f"{self.what} {self.do}".strip()


def with_lines_replaced(
    lines: Sequence[str], scope: Lines, code: str, *, without: Lines | None = None
) -> str | NotMeant:
    """The whole text in which `code` stands for the lines of `scope`, and the lines `without` are gone.

    `code` is as the file would hold it, secrets in place, line ends as line feeds; it is indented as deep as what it
    replaces, and gets the text's line ends.
    """
    before = list(lines[scope.start : scope.end])
    after = split_lines(code)
    if why := why_no_code(lines, before, after) or _repeated(lines, scope, before, after):
        return why
    ended = _fitted(lines, before, after)
    if before and not end_of(before[-1]):
        ended[-1] = bare(ended[-1])
    gone = without or Lines(0, 0)
    head = [line for number, line in enumerate(lines[: scope.start]) if not gone.touches(number, number + 1)]
    tail = [
        line
        for number, line in enumerate(lines[scope.end :], scope.end)
        if not gone.touches(number, number + 1)
    ]
    return "".join([*head, *ended, *tail])


def with_lines_inserted(lines: Sequence[str], scope: Lines, code: str, *, beside: str) -> str | NotMeant:
    """The whole text with `code` at a place: `scope` is no line, or a blank one that goes. It is as deep as `beside`."""
    if why := why_no_code(lines, (), split_lines(code)):
        return why
    head, tail = list(lines[: scope.start]), lines[scope.end :]
    if head and not end_of(head[-1]):
        head[-1] += usual_end(lines)
    return "".join([*head, *_fitted(lines, [f"{bare(beside)}."], split_lines(code)), *tail])


def lines_so_far(lines: Sequence[str], scope: Lines, code: str) -> str:
    """What would stand for the lines of `scope` by now: `code` is whole lines of an answer that goes on.

    It ends before the first line for which the whole of it would not be put in.
    """
    before, after = list(lines[scope.start : scope.end]), split_lines(code)
    if _repeats(lines[: scope.start][-1:], before[:1], after[:1]):
        return ""
    there = {line.strip() for line in before}
    text = "".join(lines)
    good = takewhile(lambda line: not _is_faulty(line, there, text), after)
    return "".join(_fitted(lines, before, list(good)))


def _is_faulty(line: str, there: Collection[str], text: str) -> bool:
    return bool(
        (line.strip() not in there and elided([bare(line)]))
        or any(each not in text for each in written_in(line))
    )


def _fitted(lines: Sequence[str], before: Sequence[str], after: Sequence[str]) -> list[str]:
    """The new lines with the text's line ends, as deep as the old ones."""
    end = usual_end(lines)
    return [bare(line) + end for line in _indented_as(before, after)]


def why_no_code(lines: Sequence[str], before: Sequence[str], after: Sequence[str]) -> NotMeant | None:
    """Why lines are not code that could stand in this text, in the place of those `before`."""
    if not "".join(after).strip():
        return NotMeant("The code block is empty.", "Send the selected lines as they are to be.")
    there = {line.strip() for line in before}
    if dots := elided([bare(line) for line in after if line.strip() not in there]):
        what = f"The block leaves lines out (“{dots.strip()[:60]}”)."
        return NotMeant(what, "Send every one of the selected lines.")
    if any(each not in "".join(lines) for each in written_in("".join(after))):
        return NotMeant(
            "The block has a placeholder in it that stands for no secret of this file.",
            "Write code that reads it, from the environment for example.",
        )
    return None


def _repeated(
    lines: Sequence[str], scope: Lines, before: Sequence[str], after: Sequence[str]
) -> NotMeant | None:
    """Why the block would bring a line twice: it goes on beyond what was selected."""
    above, below = lines[: scope.start][-1:], lines[scope.end :][:1]
    for neighbour, own, new, where in (
        (above, before[:1], after[:1], "above"),
        (below, before[-1:], after[-1:], "below"),
    ):
        if _repeats(neighbour, own, new):
            said = "".join(neighbour).strip()[:60]
            what = (
                f"The block repeats the line {where} the selected ones (“{said}”), which stays in the file."
            )
            return NotMeant(what, "Send the selected lines alone.")
    return None


def _repeats(neighbour: Sequence[str], own: Sequence[str], new: Sequence[str]) -> bool:
    said = bare("".join(neighbour))
    return len(re.sub(r"\W", "", said)) > 3 and said == bare("".join(new)) != bare("".join(own))


def _indented_as(before: Sequence[str], after: Sequence[str]) -> Sequence[str]:
    """The new lines as deep as the old ones: models begin at the margin."""
    wanted, given = _common_indent(before), _common_indent(after)
    if wanted == given or not wanted.startswith(given):
        return after
    return [wanted[len(given) :] + line if line.strip() else line for line in after]


def _common_indent(lines: Sequence[str]) -> str:
    indents = [line[: len(line) - len(line.lstrip(" \t"))] for line in lines if line.strip()]
    if not indents:
        return ""
    shortest = min(indents, key=len)
    return next(
        (
            shortest[:size]
            for size in range(len(shortest), 0, -1)
            if all(i.startswith(shortest[:size]) for i in indents)
        ),
        "",
    )
