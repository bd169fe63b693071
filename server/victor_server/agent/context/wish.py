"""A piece before it is known whether it fits: what one part of the gathering would like to show."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from victor_server.agent.context.piece import LeftOut, PieceKind


@dataclass(frozen=True, slots=True)
class Wish:
    """Lines that could be shown. The higher the `score`, the earlier they get their share of the budget.

    `asked`: named by the person, so no share limits it. `cuttable`: a part of the lines is better than nothing;
    `keep_line` is the line (of the file) around which is cut then, None for the first lines.
    """

    kind: PieceKind
    path: str
    start_line: int
    lines: Sequence[str] = field(repr=False)
    reason: str
    score: float
    asked: bool = False
    cuttable: bool = False
    keep_line: int | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """What one part of the gathering found, and what it leaves out."""

    wishes: Sequence[Wish] = ()
    left_out: Sequence[LeftOut] = ()


def left_out(kind: PieceKind, path: str, reason: str) -> Wishes:
    """Nothing to show, and why."""
    return Wishes((), (LeftOut(kind, path, 0, 0, 0, reason),))


def joined(parts: Sequence[Wishes]) -> Wishes:
    """All parts, in order."""
    return Wishes(
        [wish for part in parts for wish in part.wishes], [each for part in parts for each in part.left_out]
    )
