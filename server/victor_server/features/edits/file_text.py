"""A file's text made ready to look for lines in it: as they are, and as they are but for their blanks."""

from bisect import bisect_right
from functools import cached_property

from victor_server.features.edits.indentation import unit_of
from victor_server.features.edits.lines import BOM, bare, end_of, split_lines, usual_end

MAX_HITS = 8
"""Places that are told of what stands there several times."""


class FileText:
    """The lines of a text without their ends, and without a byte order mark. Made once for all blocks of a change."""

    def __init__(self, text: str) -> None:
        self.bom = BOM if text.startswith(BOM) else ""
        whole = split_lines(text.removeprefix(BOM))
        if "\r" in text:
            self.lines = [bare(line) for line in whole]
            self.ends = [end_of(line) for line in whole]
        else:
            self.lines = text.removeprefix(BOM).split("\n")[: len(whole)]
            self.ends = ["\n"] * len(whole)
            if whole and not text.endswith("\n"):
                self.ends[-1] = ""
        self.whole = whole

    def rows(self, wanted: list[str]) -> list[int]:
        """Where these lines stand one after the other, `MAX_HITS` places at most."""
        return self.joined.rows(wanted)

    def rows_like(self, wanted: list[str]) -> list[int]:
        """The same but for blanks at both ends of lines, and how long the blanks inside them are."""
        return self._keys_joined.rows([key(line) for line in wanted])

    @cached_property
    def keys(self) -> list[str]:
        """Each line as it is compared where blanks do not count."""
        return [key(line) for line in self.lines]

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """The lines that have each key."""
        places: dict[str, list[int]] = {}
        for place, each in enumerate(self.keys):
            places.setdefault(each, []).append(place)
        return places

    def end_at(self, place: int) -> str:
        """The end that a new line at this place gets: that of the line there or before, else the usual one."""
        for near in (place, place - 1):
            if 0 <= near < len(self.ends) and self.ends[near]:
                return self.ends[near]
        return self._usual_end

    @cached_property
    def indent_unit(self) -> str:
        """One step of the file's indentation, "" where nobody knows."""
        return unit_of(self.lines)

    @cached_property
    def _usual_end(self) -> str:
        return usual_end(self.ends)

    @cached_property
    def joined(self) -> "Joined":
        """All lines as one text."""
        return Joined(self.lines)

    @cached_property
    def _keys_joined(self) -> "Joined":
        return Joined(self.keys)


class Joined:
    """Lines as one text, each behind a line feed, so that finding several of them is one search for a string."""

    def __init__(self, lines: list[str]) -> None:
        self.text = "\n" + "\n".join(lines) + "\n"
        self.starts: list[int] = []
        at = 1
        for line in lines:
            self.starts.append(at)
            at += len(line) + 1

    def rows(self, wanted: list[str]) -> list[int]:
        """The numbers of the lines at which these stand one after the other."""
        if not self.starts or not wanted:
            return []
        sought = "\n" + "\n".join(wanted) + "\n"
        found: list[int] = []
        at = self.text.find(sought)
        while at >= 0 and len(found) < MAX_HITS:
            found.append(self.line_at(at + 1))
            at = self.text.find(sought, at + 1)
        return found

    def line_at(self, offset: int) -> int:
        """The number of the line in which this offset lies."""
        return bisect_right(self.starts, offset) - 1


def key(line: str) -> str:
    """A line without blanks at its ends, and one space for each run of them inside."""
    return " ".join(line.split())
