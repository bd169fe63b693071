"""Something wrong in a configuration: where it stands, what it is, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass

from victor_server.settings.yaml_text import Way

ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class Wrong:
    """A value of the configuration that does not do, by its way."""

    way: Way
    message: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """The same, with its place: `line` is 1-based and None where there is none. Never holds a value."""

    source: str
    line: int | None
    message: str
    fix: str = ""

    @property
    def told(self) -> str:
        """As compilers say it, the fix behind it."""
        place = self.source if self.line is None else f"{self.source}:{self.line}"
        return f"{place}: {self.message}." + (f" {self.fix}" if self.fix else "")


def placed(wrong: Wrong, source: str, lines: Mapping[Way, int], variables: Mapping[Way, str]) -> Problem:
    """With the line of the nearest name, or with the variable of the environment that it came from."""
    if wrong.way in variables:
        return Problem(ENVIRONMENT, None, f"{variables[wrong.way]} {wrong.message}", wrong.fix)
    near = (lines[wrong.way[:end]] for end in range(len(wrong.way), 0, -1) if wrong.way[:end] in lines)
    name = ".".join(map(_printable, wrong.way))
    return Problem(source, next(near, None), f"{name} {wrong.message}".strip(), wrong.fix)


def _printable(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name[:64])
