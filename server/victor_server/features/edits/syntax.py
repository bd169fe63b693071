"""Tells which errors of syntax a change brings: those that the file has after it, and had not before."""

import ast
import json
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from victor_indexer.model import Broken
from victor_server.features.edits.diff import Change
from victor_server.features.edits.lines import BOM, with_line_feeds

MAX_CHARACTERS = 64_000
"""Of a text that is parsed in this process: its interpreter's lock is held meanwhile."""

_OF_LATER_PYTHONS = ("invalid syntax", "expected '('", "expected ':'", "f-string", "invalid escape")
"""What a Python says of what only later ones know; the grammar knows those."""


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """A line of the changed text, 0-based, and what is wrong there."""

    line: int
    text: str


def new_problems(
    path: PurePath, before: str | None, after: str, changed: Sequence[Change]
) -> list[SyntaxProblem]:
    """The errors that are new, the first of each line; none where there is no grammar, or a text is too long.

    `changed` are the lines that were changed between both texts. Blocks: call it in a thread.
    """
    if max(len(before or ""), len(after)) > MAX_CHARACTERS:
        return []
    old, new = _plain(before or ""), _plain(after)
    strict = _STRICT.get(path.suffix.lower())
    if strict is not None:
        found = strict(new)
        if found is None or (before is not None and strict(old) is not None):
            return _by_grammar(path, old, new, changed)
        return [found]
    return _by_grammar(path, old, new, changed)


def broken_anew(
    before: Sequence[Broken], after: Sequence[Broken], changed: Sequence[Change]
) -> list[SyntaxProblem]:
    """Broken places of the changed text that no broken place before explains."""
    places = [_line_after(each.start, changed) for each in before]
    unknown = [each for each in after if each.start not in places]
    n_rewritten = places.count(None)
    if len(unknown) <= n_rewritten:
        return []
    if len(after) <= len(before) and not any(_is_in(each, changed) for each in unknown):
        return []
    return [SyntaxProblem(each.start, _said(each)) for each in unknown]


def _by_grammar(path: PurePath, old: str, new: str, changed: Sequence[Change]) -> list[SyntaxProblem]:
    from victor_indexer.syntax.broken import broken_places  # loads the parser

    after = broken_places(path.as_posix(), new)
    return broken_anew(broken_places(path.as_posix(), old) or (), after, changed) if after else []


def _line_after(line: int, changed: Sequence[Change]) -> int | None:
    """Where a line of the old text is in the new one, None where it was changed."""
    shift = 0
    for each in changed:
        if line < each.start:
            break
        if line < each.end:
            return None
        shift += (each.new_end - each.new_start) - (each.end - each.start)
    return line + shift


def _is_in(place: Broken, changed: Sequence[Change]) -> bool:
    return any(each.new_start <= place.end and place.start <= each.new_end for each in changed)


def _said(place: Broken) -> str:
    return f"“{place.misses}” is missing" if place.misses else "this does not parse"


def _plain(text: str) -> str:
    return with_line_feeds(text.removeprefix(BOM))


def _python(text: str) -> SyntaxProblem | None:
    """What the interpreter says that the grammar lets pass: indentation, `try` without `except`."""
    try:
        ast.parse(text)
    except SyntaxError as error:
        if any(error.msg.startswith(message) for message in _OF_LATER_PYTHONS):
            return None
        return SyntaxProblem(max(0, (error.lineno or 1) - 1), error.msg)
    except (ValueError, MemoryError, RecursionError):
        return None
    return None


def _json(text: str) -> SyntaxProblem | None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        has_comments = "//" in text or "/*" in text
        return None if has_comments else SyntaxProblem(error.lineno - 1, error.msg)
    except (ValueError, RecursionError):
        return None
    return None


def _toml(text: str) -> SyntaxProblem | None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return SyntaxProblem(0, str(error))
    except (ValueError, RecursionError):
        return None
    return None


_STRICT: dict[str, Callable[[str], SyntaxProblem | None]] = {
    ".py": _python,
    ".pyi": _python,
    ".json": _json,
    ".toml": _toml,
}
