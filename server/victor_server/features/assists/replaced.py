"""Puts what an answer has for the selected lines in their place, or says why that would not be what was meant."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from victor_server.features.assists.place import Lines
from victor_server.features.edits.elisions import elided
from victor_server.features.edits.lines import bare, end_of, split_lines, usual_end
from victor_server.secrets.placeholders import written_in


@dataclass(frozen=True, slots=True)
class NotMeant:
    """Why an answer was not put in: for the model, which may mend it."""

    why: str


def with_lines_replaced(
    lines: Sequence[str], scope: Lines, code: str, *, without: Lines | None = None
) -> str | NotMeant:
    """The whole text in which `code` stands for the lines of `scope`, and the lines `without` are gone.

    `code` is as the file would hold it, secrets in place, line ends as line feeds; it is indented as deep as what it
    replaces, and gets the text's line ends.
    """
    before = list(lines[scope.start : scope.end])
    after = split_lines(code)
    why = _why_not(lines, scope, before, after)
    if why:
        return NotMeant(why)
    end = usual_end(lines)
    ended = [bare(line) + end for line in _indented_as(before, after)]
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


def _why_not(lines: Sequence[str], scope: Lines, before: Sequence[str], after: Sequence[str]) -> str:
    if not "".join(after).strip():
        return "The code block is empty. Send the selected lines as they are to be."
    there = {line.strip() for line in before}
    if dots := elided([bare(line) for line in after if line.strip() not in there]):
        return f"The block leaves lines out (“{dots.strip()[:60]}”). Send every one of the selected lines."
    if any(each not in "".join(lines) for each in written_in("".join(after))):
        return (
            "The block has a placeholder in it that stands for no secret of this file. Write code that reads it, from the"
            " environment for example."
        )
    return _repeated(lines, scope, before, after)


def _repeated(lines: Sequence[str], scope: Lines, before: Sequence[str], after: Sequence[str]) -> str:
    """Why the block would bring a line twice: it goes on beyond what was selected."""
    above, below = lines[: scope.start][-1:], lines[scope.end :][:1]
    for neighbour, own, new, where in (
        (above, before[:1], after[:1], "above"),
        (below, before[-1:], after[-1:], "below"),
    ):
        said = bare("".join(neighbour))
        if len(re.sub(r"\W", "", said)) > 3 and said == bare("".join(new)) != bare("".join(own)):
            return (
                f"The block repeats the line {where} the selected ones (“{said.strip()[:60]}”), which stays in the file."
                " Send the selected lines alone."
            )
    return ""


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
