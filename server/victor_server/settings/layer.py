"""What one source of settings gives: the values that can be used, and what is wrong with the rest."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

ENVIRONMENT = "environment"

RESTRICTIONS = (
    "network",
    "budget",
    "offline_mode",
    "offline",
    "allowed_hosts",
    "only_hosts",
    "allowed_providers",
    "private_paths",
)
"""What people write to restrict something: where such a name stands in the wrong place, the restriction is lost."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in one source; `line` is 1-based and None where there are no lines. The rest of it holds.

    `restricts`: what could not be read may have been a restriction of what leaves this machine, so that nothing may
    until it can be.
    """

    source: str
    line: int | None
    message: str
    restricts: bool = False

    @property
    def told(self) -> str:
        """Where it is and what, as compilers say it."""
        place = self.source if self.line is None else f"{self.source}:{self.line}"
        return f"{place}: {self.message}"


@dataclass(frozen=True, slots=True)
class Layer:
    """What one source holds that can be used, by dotted name, and what is wrong with the rest."""

    source: str
    values: dict[str, Any]
    problems: tuple[Problem, ...]


def why_closed(problems: Iterable[Problem]) -> str:
    """The first problem that may have hidden a restriction, with its place; "" if none may have."""
    return next((_told(problem) for problem in problems if problem.restricts), "")


def _told(problem: Problem) -> str:
    place = problem.source if problem.line is None else f"{problem.source}, line {problem.line}"
    return f"{place}: {problem.message}"
