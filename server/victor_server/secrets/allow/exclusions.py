"""What a baseline's own filters leave out: patterns for paths, lines and values, as far as they can be trusted."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from re import _constants, _parser  # the one reader of regexes that Python has
from typing import Any

MAX_PATTERN = 1_000
MAX_TEXT = 2_000
"""Characters of a path, a line or a value that a pattern is tried on; longer ones it does not leave out."""

MAX_COST = 10_000
"""Ways in which a pattern may fit from one place on, each of them tried where none does."""

_FILTERS = "detect_secrets.filters.regex.should_exclude_"
_EVERYTHING = re.compile(r"\^?(?:\.\*)+(?!\?)")
"""At the beginning of a pattern that is searched for it changes nothing but the time it takes."""


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Patterns that are searched for; something that one of them is found in is left out."""

    file: tuple[re.Pattern[str], ...] = ()
    line: tuple[re.Pattern[str], ...] = ()
    secret: tuple[re.Pattern[str], ...] = ()


def found_in(patterns: Sequence[re.Pattern[str]], text: str) -> bool:
    """Whether one of the patterns is found in a text that is not too long."""
    return len(text) <= MAX_TEXT and any(pattern.search(text) for pattern in patterns)


def read_exclusions(document: Mapping[str, Any]) -> tuple[Exclusions, int]:
    """The patterns among a baseline's filters, and how many were not taken: they may run for ever, or are none."""
    n_refused = 0
    read: dict[str, tuple[re.Pattern[str], ...]] = {}
    filters = document.get("filters_used")
    for each in filters if isinstance(filters, list) else []:
        path = each.get("path") if isinstance(each, dict) else None
        if isinstance(path, str) and path.startswith(_FILTERS) and path.removeprefix(_FILTERS) in _KINDS:
            written = each.get("pattern")
            patterns = [_safe(pattern) for pattern in (written if isinstance(written, list) else [written])]
            read[path.removeprefix(_FILTERS)] = tuple(pattern for pattern in patterns if pattern)
            n_refused += patterns.count(None)
    return Exclusions(**read), n_refused


_KINDS = ("file", "line", "secret")


def _safe(written: object) -> re.Pattern[str] | None:
    """The pattern, if its search takes a bounded time on a text of MAX_TEXT characters."""
    if not isinstance(written, str) or len(written) > MAX_PATTERN:
        return None
    plain = _EVERYTHING.sub("", written, count=1) if _EVERYTHING.match(written) else written
    plain = plain if plain.endswith("\\.*") else plain.removesuffix(".*")
    try:
        return re.compile(plain) if _cost(_parser.parse(plain)) <= MAX_COST else None
    except (re.error, RecursionError, OverflowError, Warning):
        return None


def _cost(items: Any) -> int:
    """The number of ways in which the items may fit, one after the other, in a text of MAX_TEXT characters."""
    cost = 1
    for operation, argument in items:
        cost = min(cost * _COSTS.get(operation, _refused)(argument), 2 * MAX_COST)
    return cost


def _cost_of_repeat(argument: tuple[Any, Any, Any]) -> int:
    least, most, inner = argument
    n_times = min(int(most), MAX_TEXT) - min(int(least), MAX_TEXT) + 1
    cost = _cost(inner)
    if cost == 1:
        return n_times
    return 1 + cost if most == 1 else _refused(argument)


def _refused(_argument: Any) -> int:
    return 2 * MAX_COST


def _one(_argument: Any) -> int:
    return 1


_COSTS: dict[Any, Callable[[Any], int]] = {
    **dict.fromkeys(
        (_constants.LITERAL, _constants.NOT_LITERAL, _constants.IN, _constants.ANY, _constants.AT), _one
    ),
    **dict.fromkeys((_constants.MAX_REPEAT, _constants.MIN_REPEAT), _cost_of_repeat),
    _constants.BRANCH: lambda argument: sum(map(_cost, argument[1])),
    _constants.SUBPATTERN: lambda argument: _cost(argument[3]),
}
