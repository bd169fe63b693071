"""The place in a document that an assist is asked for: values that are in memory already, so asking costs nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines `start` up to `end`, 0-based."""

    start: int
    end: int

    def touches(self, start: int, end: int) -> bool:
        """Whether any of the lines `start` up to `end` is among these."""
        return start < self.end and self.start < end


@dataclass(frozen=True, slots=True)
class Definition:
    """What is defined at a place: its lines, and its name, "" where nobody can tell it."""

    lines: Lines
    name: str = ""


@dataclass(frozen=True, slots=True)
class Reported:
    """What somebody reports of the lines `start` up to `end`: a linter, a compiler, `source` if it says who it is."""

    start: int
    end: int
    message: str = field(repr=False)
    source: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the person is: the document's lines with their ends, and the lines that are selected.

    `name` is the path or a bare name, `path` None for what is no file. `selected` None: nothing is, the cursor is on
    `line`. `definition` is what stands there, None where that is not known. `reported` is what the editor sent along:
    some editors send nothing, however much is reported. `instruction` is what the person wants done, where they said it.
    """

    name: str
    language: str
    lines: Sequence[str] = field(repr=False)
    line: int
    selected: Lines | None = None
    path: Path | None = None
    root: Path | None = None
    definition: Definition | None = None
    reported: Sequence[Reported] = ()
    instruction: str = field(default="", repr=False)

    def text(self, lines: Lines) -> str:
        """What stands in these lines."""
        return "".join(self.lines[lines.start : lines.end])

    @property
    def at(self) -> Lines:
        """The selection, else the line of the cursor."""
        return self.selected or Lines(self.line, self.line + 1)
