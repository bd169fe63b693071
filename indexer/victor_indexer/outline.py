"""A file's symbols as a tree: what stands inside what."""

from collections.abc import Iterable
from dataclasses import dataclass

from victor_indexer.model import Symbol


@dataclass(frozen=True, slots=True)
class Outline:
    """A symbol with the symbols that stand inside its range, in order."""

    symbol: Symbol
    children: tuple["Outline", ...]


def outline(symbols: Iterable[Symbol]) -> tuple[Outline, ...]:
    """Nest symbols by their ranges. They come in the order of their definitions, outer before inner."""
    top: list[Outline] = []
    open_: list[tuple[Symbol, list[Outline]]] = []
    for symbol in symbols:
        while open_ and not _holds(open_[-1][0], symbol):
            _close(open_, top)
        open_.append((symbol, []))
    while open_:
        _close(open_, top)
    return tuple(top)


def _holds(outer: Symbol, inner: Symbol) -> bool:
    """Whether a symbol that begins later lies in the range of one before it; the same range twice is two names."""
    if (inner.start_line, inner.start_column) == (outer.start_line, outer.start_column):
        return (inner.end_line, inner.end_column) < (outer.end_line, outer.end_column)
    return (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)


def _close(open_: list[tuple[Symbol, list[Outline]]], top: list[Outline]) -> None:
    symbol, children = open_.pop()
    (open_[-1][1] if open_ else top).append(Outline(symbol, tuple(children)))
