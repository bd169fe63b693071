"""One piece of what a model is shown of the workspace."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

PieceKind = Literal[
    "selection",
    "file",
    "symbol",
    "diagnostics",
    "diff",
    "index_hit",
    "repo_map",
    "instructions",
    "attached",
]


@dataclass(frozen=True, slots=True)
class Piece:
    """Text with its place and the reason why it is shown. Holds the text as it stands: not redacted yet.

    `path` is relative to the workspace with `/`, "" for what is of no file; lines are 0-based, the end exclusive.
    `reason` is a few words for a person ("selected", "mentioned", "matches the question"). `n_tokens` is an estimate.
    """

    kind: PieceKind
    path: str
    start_line: int
    end_line: int
    reason: str
    n_tokens: int
    text: str = field(repr=False)
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A piece that is not shown: private, or the budget was full."""

    kind: PieceKind
    path: str
    start_line: int
    end_line: int
    n_tokens: int
    reason: str


@dataclass(frozen=True, slots=True)
class Context:
    """What a model is shown, in the order in which it is shown, and what not."""

    pieces: Sequence[Piece] = ()
    left_out: Sequence[LeftOut] = ()
    budget_tokens: int = 0
