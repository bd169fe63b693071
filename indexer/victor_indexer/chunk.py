"""Cut a file into pieces of about 1,500 bytes along its syntax: the unit of retrieval.

Every line stands in exactly one chunk. A definition stays whole where it fits, with the comments and attributes
that lead it; a larger one is cut between its children; small neighbours within one container go together.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import add
from typing import NamedTuple

from victor_indexer.model import Chunk, Symbol
from victor_indexer.syntax import Tree, parts
from victor_indexer.tokens import token_line

TARGET_BYTES = 1_500
"""Neighbours are put together up to this size: both 600 and 3,000 were found to retrieve worse."""

WHOLE_BYTES = 2_200
"""A definition up to this size is not cut."""

CRUMB_BYTES = 300
"""A piece below this size goes with its neighbour, whatever that is."""

MAX_TEXT_BYTES = 16_384
"""One line can be longer than any chunk should be; what lies beyond is not kept."""

_HEADINGS = (b"# ", b"## ", b"### ", b"= ", b"== ", b"=== ", b"[")
_MINOR = frozenset({"constant", "variable", "field"})


def cut(text: str, tree: Tree | None, symbols: Sequence[Symbol]) -> tuple[Chunk, ...]:
    """Return the chunks of a file in order. `text` has `\\n` line ends; `symbols` are those of `tree`, in order."""
    if not text:
        return ()
    source = _Source(tree.source if tree else text.encode("utf-8", "replace"))
    cuts = _by_syntax(tree, symbols, source) if tree else _by_paragraphs(source)
    ends = [piece.end for piece in _without_crumbs(_merged(cuts, source), source)]
    return tuple(_chunks(source, ends, symbols, "code" if tree else "text"))


class _Piece(NamedTuple):
    """Lines `start` to `end` (exclusive); pieces with the same `inside` stand in the same container."""

    start: int
    end: int
    inside: int


class _Source:
    """The bytes of a file with the place where each line begins; `n_lines` are the lines that hold something."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.lines = content.split(b"\n")
        self.n_lines = len(self.lines) - (not self.lines[-1])
        widths = accumulate(map(len, self.lines), initial=0)
        self.starts: list[int] = list(map(add, widths, range(len(self.lines) + 1)))

    def size(self, start: int, end: int) -> int:
        return self.starts[end] - self.starts[start]

    def text(self, start: int, end: int) -> str:
        first = self.starts[start]
        return self.content[first : min(self.starts[end], first + MAX_TEXT_BYTES)].decode("utf-8", "ignore")


def _by_syntax(tree: Tree, symbols: Sequence[Symbol], source: _Source) -> list[tuple[int, int]]:
    """Return where pieces may begin: at children of the root, or of whatever is too large to stay whole.

    Beside each row stands the number of the definition that is being cut there, 0 outside of one.
    """
    starts = source.starts
    definitions = {(symbol.start_line, symbol.end_line): number for number, symbol in enumerate(symbols, 1)}
    cuts = [(0, 0)]
    open_ = [(parts(tree.root), 0)]
    covered = led_to = -1  # the last row that is spoken for; the row that a leading comment leads to
    while open_:
        siblings, inside = open_[-1]
        for first, last, leads, node in siblings:
            is_large = last > first and starts[last + 1] - starts[first] > WHOLE_BYTES
            within = definitions.get((first, last), inside) if is_large else inside
            if first > covered:
                _cut_before(cuts, first, within, first == led_to)
                led_to = last + 1 if leads else -1
            if is_large:
                covered = max(covered, first)
                open_.append((parts(node), within))
                break
            covered = max(covered, last)
        else:
            open_.pop()
    return cuts


def _cut_before(cuts: list[tuple[int, int]], row: int, inside: int, is_led: bool) -> None:
    """Begin a piece at a part's first row, or where the comment that leads it began."""
    if not is_led and row > cuts[-1][0]:
        cuts.append((row, inside))
    elif inside != cuts[-1][1]:
        cuts[-1] = (cuts[-1][0], inside)


def _by_paragraphs(source: _Source) -> list[tuple[int, int]]:
    """Return where the paragraphs of a text begin; a heading begins a new section once there is enough."""
    cuts = [(0, 0)]
    section = section_start = 0
    after_blank = False
    for row, line in enumerate(source.lines):
        is_blank = not line or line.isspace()
        if line.startswith(_HEADINGS) and source.size(section_start, row) > TARGET_BYTES // 2:
            section, section_start = section + 1, row
            cuts.append((row, section))
        elif after_blank and not is_blank:
            cuts.append((row, section))
        after_blank = is_blank
    return cuts


def _merged(cuts: Sequence[tuple[int, int]], source: _Source) -> Iterator[_Piece]:
    """Put small neighbours of one container together up to the target size; cut what is too large between lines."""
    starts = source.starts
    first, inside = cuts[0]
    for index, (start, container) in enumerate(cuts, 1):
        stop = cuts[index][0] if index < len(cuts) else source.n_lines
        if start > first and (container != inside or starts[stop] - starts[first] > TARGET_BYTES):
            yield _Piece(first, start, inside)
            first = start
        inside = container
        while starts[stop] - starts[first] > WHOLE_BYTES and stop > first + 1:
            fits = bisect_right(starts, starts[first] + TARGET_BYTES, first, stop) - 1
            end = max(fits, first + 1)
            yield _Piece(first, end, inside)
            first = end
    if source.n_lines > first:
        yield _Piece(first, source.n_lines, inside)


def _without_crumbs(pieces: Iterator[_Piece], source: _Source) -> Iterator[_Piece]:
    """Give what is too small to stand alone to the piece after it; closing brackets to the one before."""
    before = next(pieces, None)
    if before is None:
        return
    for piece in pieces:
        joined = _Piece(before.start, piece.end, piece.inside)
        fits = source.size(joined.start, joined.end) <= WHOLE_BYTES + CRUMB_BYTES
        if fits and (source.size(before.start, before.end) < CRUMB_BYTES or _closes(piece, source)):
            before = joined
        else:
            yield before
            before = piece
    yield before


def _closes(piece: _Piece, source: _Source) -> bool:
    return source.size(piece.start, piece.end) < CRUMB_BYTES and len(source.text(*piece[:2]).strip()) <= len(
        "end);"
    )


def _chunks(source: _Source, ends: Sequence[int], symbols: Sequence[Symbol], kind: str) -> Iterator[Chunk]:
    """Put text, tokens and definitions to the lines of each chunk."""
    named = sorted((symbol.name_line, symbol.name) for symbol in symbols)
    shown = _Shown(symbols)
    start = first_name = 0
    for number, end in enumerate(ends):
        end_name = bisect_left(named, (end,), first_name)
        names = dict.fromkeys(name for _, name in named[first_name:end_name])
        symbol = shown.in_lines(start, end)
        text = source.text(start, end)
        label = (_dotted(symbol), symbol.kind) if symbol else ("", kind)
        yield Chunk(number, start, end, *label, tuple(names), text, token_line(text))
        start, first_name = end, end_name


def _dotted(symbol: Symbol) -> str:
    return f"{symbol.container}.{symbol.name}" if symbol.container else symbol.name


class _Shown:
    """Which definition a run of lines shows; asked from the top of a file downwards."""

    def __init__(self, symbols: Sequence[Symbol]) -> None:
        self._symbols = symbols
        self._next = 0
        self._open: list[Symbol] = []

    def in_lines(self, start: int, end: int) -> Symbol | None:
        """Return the definition that begins here and fills most of the lines, else the one that they stand in."""
        around = self._around(start, end)
        largest = None
        n_largest = 0
        while self._next < len(self._symbols) and self._symbols[self._next].start_line < end:
            symbol = self._symbols[self._next]
            self._next += 1
            self._open.append(symbol)
            n_lines = min(symbol.end_line + 1, end) - symbol.start_line
            if n_lines > n_largest:
                largest, n_largest = symbol, n_lines
        if largest and (2 * n_largest >= end - start or (around is None and largest.kind not in _MINOR)):
            return largest
        return around

    def _around(self, start: int, end: int) -> Symbol | None:
        self._open = [symbol for symbol in self._open if symbol.end_line >= start]
        most = 4 * (end - start) // 5  # the blank lines below a definition are not its own
        enclosing = [symbol for symbol in self._open if symbol.end_line >= start + most - 1]
        return enclosing[-1] if enclosing else None
