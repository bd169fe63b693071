"""How the indentation of a block differs from the file's: told by the lines both have, then given to new lines."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

Reindent = Callable[[str], str | None]
"""A new line as it is indented in the file, None where that would be a guess."""


def reindenting(pairs: Sequence[tuple[str, str]], unit: str, file_unit: str) -> Reindent | None:
    """How lines of a block become lines of the file, None where no one rule fits all `pairs`.

    `pairs` are lines as the block has them and as the file has them. `unit` is one step of the block, `file_unit`
    one of the file, "" where nobody knows.
    """
    indents = [(indent(ours), indent(theirs)) for ours, theirs in pairs if ours.strip()]
    if all(ours == theirs for ours, theirs in indents):
        return _unchanged
    if unit and file_unit and unit != file_unit:
        return _other_unit(indents, unit, file_unit)
    return _deeper(indents) or _shallower(indents)


def indent(line: str) -> str:
    """The blanks at the start of a line."""
    return line[: len(line) - len(line.lstrip())]


def unit_of(lines: Iterable[str]) -> str:
    """One step of indentation: what lines most often have more than the line before; "" where none has more."""
    steps: Counter[str] = Counter()
    before: str | None = None
    for line in lines:
        if line.strip():
            own = indent(line)
            if before is not None and len(own) > len(before) and own.startswith(before):
                steps[own[len(before) :]] += 1
            before = own
    return steps.most_common(1)[0][0] if steps else ""


def _unchanged(line: str) -> str | None:
    return line


def _deeper(indents: list[tuple[str, str]]) -> Reindent | None:
    """Each line of the file begins with the same blanks more."""
    ours, theirs = indents[0]
    more = theirs[: len(theirs) - len(ours)]
    if not more or any(theirs != more + ours for ours, theirs in indents):
        return None
    return lambda line: more + line if line.strip() else ""


def _shallower(indents: list[tuple[str, str]]) -> Reindent | None:
    """Each line of the block begins with the same blanks more."""
    ours, theirs = indents[0]
    less = ours[: len(ours) - len(theirs)]
    if not less or any(ours != less + theirs for ours, theirs in indents):
        return None

    def cut(line: str) -> str | None:
        if not line.strip():
            return ""
        return line[len(less) :] if line.startswith(less) else None

    return cut


def _other_unit(indents: list[tuple[str, str]], unit: str, file_unit: str) -> Reindent | None:
    """Steps of another kind: tabs for spaces, two spaces for four."""
    shifts = {
        None
        if (here := _steps(ours, unit)) is None or (there := _steps(theirs, file_unit)) is None
        else there - here
        for ours, theirs in indents
    }
    shift = shifts.pop()
    if shifts or shift is None:
        return None

    def converted(line: str) -> str | None:
        if not line.strip():
            return ""
        own = indent(line)
        steps = _steps(own, unit)
        if steps is None or steps + shift < 0:
            return None
        return file_unit * (steps + shift) + line[len(own) :]

    return converted


def _steps(blanks: str, unit: str) -> int | None:
    """How many steps these blanks are, None where they are not whole ones."""
    steps = len(blanks) // len(unit)
    return steps if unit * steps == blanks else None
