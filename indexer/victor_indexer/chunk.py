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
from victor_indexer.syntax import Part, Tree, parts
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
    pieces = _by_syntax(tree, symbols, source) if tree else _by_paragraphs(source)
    ends = [piece.end for piece in _without_crumbs(_merged(pieces, source), source)]
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


def _by_syntax(tree: Tree, symbols: Sequence[Symbol], source: _Source) -> Iterator[_Piece]:
    """Yield the smallest pieces: whole children of the root, or of whatever is too large to stay whole."""
    definitions = {(symbol.start_line, symbol.end_line): number for number, symbol in enumerate(symbols, 1)}
    cuts = [(0, 0)]
    open_ = [(parts(tree.root), 0)]
    covered = led_to = -1  # the last row that is spoken for; the row that a leading comment leads to
    while open_:
        siblings, inside = open_[-1]
        part = next(siblings, None)
        if part is None:
            open_.pop()
            continue
        is_large = part.last > part.first and source.size(part.first, part.last + 1) > WHOLE_BYTES
        within = definitions.get((part.first, part.last), inside) if is_large else inside
        if part.first > covered:
            _cut_before(cuts, part, within, part.first == led_to)
            led_to = part.last + 1 if part.leads else -1
        if is_large:
            open_.append((parts(part.node), within))
        covered = max(covered, part.first if is_large else part.last)
    return _fitting(cuts, source)


def _cut_before(cuts: list[tuple[int, int]], part: Part, inside: int, is_led: bool) -> None:
    """Begin a piece at a part's first row, or where the comment that leads it began."""
    if not is_led and part.first > cuts[-1][0]:
        cuts.append((part.first, inside))
    elif inside != cuts[-1][1]:
        cuts[-1] = (cuts[-1][0], inside)


def _by_paragraphs(source: _Source) -> Iterator[_Piece]:
    """Yield the paragraphs of a text without a grammar; a heading begins a new section once there is enough."""
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
    return _fitting(cuts, source)


def _fitting(cuts: Sequence[tuple[int, int]], source: _Source) -> Iterator[_Piece]:
    """Yield the pieces between cuts; what is too large in one piece is cut again between lines."""
    ends = [start for start, _ in cuts[1:]]
    for (start, inside), stop in zip(cuts, [*ends, source.n_lines], strict=True):
        while stop > start and source.size(start, stop) > WHOLE_BYTES:
            fits = bisect_right(source.starts, source.starts[start] + TARGET_BYTES, start, stop) - 1
            end = max(fits, start + 1)
            yield _Piece(start, end, inside)
            start = end
        if stop > start:
            yield _Piece(start, stop, inside)


def _merged(pieces: Iterator[_Piece], source: _Source) -> Iterator[_Piece]:
    """Put small neighbours of one container together, up to the target size."""
    whole = next(pieces, None)
    if whole is None:
        return
    for piece in pieces:
        if piece.inside == whole.inside and source.size(whole.start, piece.end) <= TARGET_BYTES:
            whole = _Piece(whole.start, piece.end, whole.inside)
        else:
            yield whole
            whole = piece
    yield whole


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
    for number, (start, end) in enumerate(zip([0, *ends], ends, strict=False)):
        text = source.text(start, end)
        symbol = shown.in_lines(start, end)
        yield Chunk(
            number,
            start,
            end,
            _dotted(symbol) if symbol else "",
            symbol.kind if symbol else kind,
            tuple(
                dict.fromkeys(
                    name for _, name in named[bisect_left(named, (start,)) : bisect_left(named, (end,))]
                )
            ),
            text,
            token_line(text),
        )


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
