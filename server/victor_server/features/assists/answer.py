"""Reads what an answer changes: the selected lines anew, or changes of files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from victor_server.agent.tools.edits import FileChange
from victor_server.errors import UsageError
from victor_server.features.edits.answer_parts import CodePart, parts_of_answer
from victor_server.features.edits.from_answer import read_changes

CUT_OFF = "The answer was cut off. Send all of it, shorter if it must be."
_NOTHING = "The answer holds no code. Send the selected lines as they are to be, between fences."
_MIXED = "The answer has changes in two forms. Send all of them as search and replace blocks."
_SEVERAL = (
    "The answer has {n} blocks of code. Send one, with all of the selected lines in it; or search and replace blocks,"
    " each with the path of its file."
)


@dataclass(frozen=True, slots=True)
class Code:
    """What is to stand for the selected lines, line ends as line feeds."""

    text: str = field(repr=False)


def read_answer(
    answer: str, path: Path | None, resolve: Callable[[str], Path]
) -> Code | Sequence[FileChange]:
    """What an answer changes; `path` is the file in which lines are selected, None for what is no file.

    Raises UsageError, in words for the model: nobody guesses which of several things was meant.
    """
    parts = parts_of_answer(answer)
    if any(not part.is_whole for part in parts):
        raise UsageError(CUT_OFF)
    codes = [part for part in parts if isinstance(part, CodePart) and is_about(part, path, resolve)]
    if len(codes) < len(parts):
        if any(each.path for each in codes):  # it would be lost, or done twice
            raise UsageError(_MIXED)
        return read_changes(answer, resolve, path)
    if len(codes) != 1:
        raise UsageError(_SEVERAL.format(n=len(codes)) if codes else _NOTHING)
    return Code(codes[0].text)


def is_about(part: CodePart, path: Path | None, resolve: Callable[[str], Path]) -> bool:
    """Whether code is of the selected lines: it names no file, or theirs, of which no more was asked for."""
    return not part.path or (path is not None and resolve(part.path) == path)
