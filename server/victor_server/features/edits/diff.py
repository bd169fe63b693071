"""Which lines two texts do not share: found by lines that both have once, and a bounded search in between."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

MAX_STEPS = 400_000
"""Steps of the search in all: about a tenth of a second. Where they are used up, what lies between is all changed."""


class Change(NamedTuple):
    """Items `start` up to `end` of the first sequence became `new_start` up to `new_end` of the second."""

    start: int
    end: int
    new_start: int
    new_end: int


def changes(old: Sequence[str], new: Sequence[str], max_steps: int = MAX_STEPS) -> list[Change]:
    """What changed, in order; no two touch. Takes time in proportion to both, but for at most `max_steps` more.

    Few, and where people see them; not always the fewest.
    """
    numbers: dict[str, int] = {}
    ours = [numbers.setdefault(item, len(numbers)) for item in old]
    theirs = [numbers.setdefault(item, len(numbers)) for item in new]
    budget = _Budget(max_steps)
    found: list[Change] = []
    waiting = [Change(0, len(ours), 0, len(theirs))]
    while waiting:
        part = _trimmed(ours, theirs, waiting.pop())
        if part.start == part.end or part.new_start == part.new_end:
            if part.start < part.end or part.new_start < part.new_end:
                found.append(part)
        elif anchors := _anchors(ours, theirs, part):
            waiting += _between(part, anchors)
        else:
            found += _searched(ours, theirs, part, budget)
    return _joined(sorted(found))


def changes_from_end(old: Sequence[str], new: Sequence[str], max_steps: int = MAX_STEPS) -> list[Change]:
    """The same, found from the end: where lines repeat, what is matched is the last of them, not the first."""
    n_old, n_new = len(old), len(new)
    turned = changes(old[::-1], new[::-1], max_steps)
    return [
        Change(n_old - each.end, n_old - each.start, n_new - each.new_end, n_new - each.new_start)
        for each in reversed(turned)
    ]


def shared(found: Sequence[Change], n_old: int, n_new: int) -> Iterator[tuple[int, int, int]]:
    """The runs that both sequences share: (start, start in the second, length)."""
    start = new_start = 0
    for each in [*found, Change(n_old, n_old, n_new, n_new)]:
        if each.start > start:
            yield start, new_start, each.start - start
        start, new_start = each.end, each.new_end


class _Budget:
    def __init__(self, steps: int) -> None:
        self.left = steps


def _trimmed(ours: list[int], theirs: list[int], part: Change) -> Change:
    start, end, new_start, new_end = part
    while start < end and new_start < new_end and ours[start] == theirs[new_start]:
        start += 1
        new_start += 1
    while start < end and new_start < new_end and ours[end - 1] == theirs[new_end - 1]:
        end -= 1
        new_end -= 1
    return Change(start, end, new_start, new_end)


def _anchors(ours: list[int], theirs: list[int], part: Change) -> list[tuple[int, int]]:
    """The longest row of items that both parts have exactly once, in the same order."""
    here = _once(ours, part.start, part.end)
    there = _once(theirs, part.new_start, part.new_end)
    pairs = [(place, there[item]) for item, place in here.items() if item in there]
    return _longest_rising(pairs)


def _once(items: list[int], start: int, end: int) -> dict[int, int]:
    places: dict[int, int] = {}
    again = set()
    for place in range(start, end):
        item = items[place]
        if item in places:
            again.add(item)
        else:
            places[item] = place
    return {item: place for item, place in places.items() if item not in again}


def _longest_rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    tails: list[int] = []
    at: list[int] = []
    before: list[int] = []
    for number, (_, value) in enumerate(pairs):
        length = bisect_left(tails, value)
        if length == len(tails):
            tails.append(value)
            at.append(number)
        else:
            tails[length] = value
            at[length] = number
        before.append(at[length - 1] if length else -1)
    row: list[tuple[int, int]] = []
    number = at[-1] if at else -1
    while number >= 0:
        row.append(pairs[number])
        number = before[number]
    return row[::-1]


def _between(part: Change, anchors: list[tuple[int, int]]) -> Iterator[Change]:
    start, new_start = part.start, part.new_start
    for place, new_place in anchors:
        if place > start or new_place > new_start:
            yield Change(start, place, new_start, new_place)
        start, new_start = place + 1, new_place + 1
    yield Change(start, part.end, new_start, part.new_end)


def _searched(ours: list[int], theirs: list[int], part: Change, budget: _Budget) -> list[Change]:
    """The fewest changes by Myers' greedy search (1986); all of it as one where the budget does not hold that."""
    first, second = ours[part.start : part.end], theirs[part.new_start : part.new_end]
    if set(first).isdisjoint(second):
        return [part]
    path = _path(first, second, budget)
    if path is None:
        return [part]
    return [
        Change(part.start + start, part.start + end, part.new_start + new_start, part.new_start + new_end)
        for start, end, new_start, new_end in path
    ]


def _path(first: list[int], second: list[int], budget: _Budget) -> list[Change] | None:
    n_first, n_second = len(first), len(second)
    reach = {1: 0}
    history: list[dict[int, int]] = []
    for depth in range(n_first + n_second + 1):
        budget.left -= 2 * depth + 1
        if budget.left < 0:
            return None
        history.append(reach.copy())
        for diagonal in range(-depth, depth + 1, 2):
            goes_down = diagonal == -depth or (
                diagonal != depth and reach.get(diagonal - 1, -1) < reach.get(diagonal + 1, -1)
            )
            x = reach[diagonal + 1] if goes_down else reach[diagonal - 1] + 1
            y = x - diagonal
            begun = x
            while x < n_first and y < n_second and first[x] == second[y]:
                x += 1
                y += 1
            budget.left -= x - begun
            reach[diagonal] = x
            if x >= n_first and y >= n_second:
                return _walked_back(history, n_first, n_second)
    return None


def _walked_back(history: list[dict[int, int]], x: int, y: int) -> list[Change]:
    steps: list[Change] = []
    for depth in range(len(history) - 1, 0, -1):
        reach, diagonal = history[depth], x - y
        goes_down = diagonal == -depth or (
            diagonal != depth and reach.get(diagonal - 1, -1) < reach.get(diagonal + 1, -1)
        )
        from_x = reach[diagonal + 1] if goes_down else reach[diagonal - 1]
        from_y = from_x - (diagonal + 1 if goes_down else diagonal - 1)
        steps.append(
            Change(from_x, from_x, from_y, from_y + 1)
            if goes_down
            else Change(from_x, from_x + 1, from_y, from_y)
        )
        x, y = from_x, from_y
    return steps[::-1]


def _joined(found: list[Change]) -> list[Change]:
    """Changes that touch become one."""
    joined: list[Change] = []
    for each in found:
        last = joined[-1] if joined else None
        if last and last.end == each.start and last.new_end == each.new_start:
            joined[-1] = Change(last.start, each.end, last.new_start, each.new_end)
        else:
            joined.append(each)
    return joined
