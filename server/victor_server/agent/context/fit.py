"""Fits what could be shown to a token budget: what matters most gets its share first. The same input, the same output."""

from collections.abc import Callable, Sequence
from itertools import accumulate

from victor_server.agent.context.piece import Context, LeftOut, Piece, PieceKind
from victor_server.agent.context.wish import Wish, Wishes

HEADER_TOKENS = 24
"""What a piece's own heading costs: its path, its lines, its marks."""

SHARES: dict[PieceKind, float] = {
    "instructions": 0.2,
    "repo_map": 0.15,
    "file": 0.35,
    "symbol": 0.3,
    "index_hit": 0.6,
    "diagnostics": 0.1,
    "diff": 0.3,
    "attached": 0.5,
    "selection": 1.0,
}
"""How much of the budget the pieces of one kind may take, those that were asked for apart."""

ORDER: Sequence[PieceKind] = (
    "instructions",
    "repo_map",
    "file",
    "symbol",
    "index_hit",
    "diagnostics",
    "diff",
    "attached",
    "selection",
)
"""What changes least from question to question stands first, where providers cache; what is asked about, last."""

_LEAST_TOKENS = 48
"""Less than that of a file says nothing."""

FULL = "the budget is full"
SHARE_FULL = "others of its kind matter more, and have their share of the budget"


def fit(found: Wishes, budget_tokens: int, count_tokens: Callable[[str], int]) -> Context:
    """The pieces that fit, in the order in which they are shown, and what does not fit, with the reasons."""
    pieces: list[Piece] = []
    out = list(found.left_out)
    left = budget_tokens
    spent: dict[PieceKind, int] = {}
    for wish in sorted(found.wishes, key=_priority):
        if not wish.lines or _is_shown(wish, pieces):
            continue
        share = left if wish.asked else _left_of_share(wish.kind, budget_tokens, spent)
        piece = _fitted(wish, min(left, share), count_tokens)
        if piece is None:
            n_tokens = count_tokens("".join(wish.lines)) + HEADER_TOKENS
            why = FULL if n_tokens > left else SHARE_FULL
            out.append(LeftOut(wish.kind, wish.path, wish.start_line, _end(wish), n_tokens, why))
            continue
        pieces.append(piece)
        left -= piece.n_tokens
        if not wish.asked:
            spent[wish.kind] = spent.get(wish.kind, 0) + piece.n_tokens
    return Context(sorted(pieces, key=_place), out, budget_tokens)


def _priority(wish: Wish) -> tuple[bool, float, str, int, str, int, bool]:
    name = (wish.path, wish.start_line, wish.kind, len(wish.lines), wish.cuttable)
    return (not wish.asked, -wish.score, *name)


def _place(piece: Piece) -> tuple[int, float, str, int]:
    return ORDER.index(piece.kind), -piece.score, piece.path, piece.start_line


def _left_of_share(kind: PieceKind, budget_tokens: int, spent: dict[PieceKind, int]) -> int:
    return int(budget_tokens * SHARES[kind]) - spent.get(kind, 0)


def _is_shown(wish: Wish, pieces: Sequence[Piece]) -> bool:
    """Whether most of the lines stand in a piece already."""
    if not wish.path or wish.kind not in _OF_FILES:
        return False
    lines = [
        (max(each.start_line, wish.start_line), min(each.end_line, _end(wish)))
        for each in pieces
        if each.path == wish.path and each.kind in _OF_FILES
    ]
    most = max((end - start for start, end in lines), default=0)
    return 2 * most > len(wish.lines)


_OF_FILES: frozenset[PieceKind] = frozenset({"file", "symbol", "index_hit"})


def _fitted(wish: Wish, room: int, count_tokens: Callable[[str], int]) -> Piece | None:
    """The wish as a piece of at most `room` tokens; None where it does not fit."""
    text = "".join(wish.lines)
    n_tokens = count_tokens(text) + HEADER_TOKENS
    if n_tokens <= room:
        return _piece(wish, 0, len(wish.lines), n_tokens, wish.reason)
    if not wish.cuttable or room < HEADER_TOKENS + _LEAST_TOKENS:
        return None
    costs = [count_tokens(line) for line in wish.lines]  # of lines alone: together they are a little cheaper
    start, end = _window(costs, room - HEADER_TOKENS, _kept(wish))
    # Lines may cost more together than alone where a mark of the estimate stands across them.
    while end > start and (cost := count_tokens("".join(wish.lines[start:end]))) > room - HEADER_TOKENS:
        end -= 1
    if end <= start:
        return None
    reason = f"{wish.reason}; lines {wish.start_line + start + 1}-{wish.start_line + end} of {_end(wish)}"
    return _piece(wish, start, end, cost + HEADER_TOKENS, reason)


def _kept(wish: Wish) -> int:
    return 0 if wish.keep_line is None else min(max(wish.keep_line - wish.start_line, 0), len(wish.lines) - 1)


def _window(costs: Sequence[int], room: int, around: int) -> tuple[int, int]:
    """The widest run of lines that costs at most `room`, grown evenly from the line `around`."""
    sums = list(accumulate(costs, initial=0))
    low, high = 0, len(costs)
    while low < high:
        reach = (low + high + 1) // 2
        start, end = _run(around, reach, len(costs))
        low, high = (reach, high) if sums[end] - sums[start] <= room else (low, reach - 1)
    return _run(around, low, len(costs)) if low else (around, around)


def _run(around: int, reach: int, n_lines: int) -> tuple[int, int]:
    """`reach` lines with `around` in their middle, as far as there are any on both sides."""
    start = max(0, min(around - reach // 2, n_lines - reach))
    return start, min(start + reach, n_lines)


def _piece(wish: Wish, start: int, end: int, n_tokens: int, reason: str) -> Piece:
    first = wish.start_line + start
    text = "".join(wish.lines[start:end])
    return Piece(wish.kind, wish.path, first, first + end - start, reason, n_tokens, text, wish.score)


def _end(wish: Wish) -> int:
    return wish.start_line + len(wish.lines)
