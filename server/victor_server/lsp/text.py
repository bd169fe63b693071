"""The text of one document: immutable, in lines as LSP counts them (`\\n`, `\\r\\n` and `\\r` end a line, nothing else)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from victor_server.errors import DocumentError
from victor_server.lsp.positions import Encoding, from_units, to_units

_LINE_END = re.compile(r"\r\n|\r|\n")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MARK_EVERY = 1000
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace what stands between two positions, in the client's units, by `text`."""

    start_line: int
    start_units: int
    end_line: int
    end_units: int
    text: str


class Text:
    """Lines with their ends; only the last one has none (it may be empty). Never changed once made."""

    __slots__ = ("_joined", "_marks", "_readable", "lines")

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self._joined: str | None = None
        self._readable: str | None = None
        self._marks: dict[tuple[int, Encoding], list[int]] = {}

    @property
    def whole(self) -> str:
        """The text as the client has it."""
        if self._joined is None:
            self._joined = "".join(self.lines)
        return self._joined

    @property
    def readable(self) -> str:
        """The text as `without_surrogates` has it; columns are the same."""
        if self._readable is None:
            self._readable = without_surrogates(self.whole)
        return self._readable

    def content(self, line: int) -> str:
        """One line without its end; "" beyond the last."""
        return without_end(self.lines[line]) if 0 <= line < len(self.lines) else ""

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of a code point of `whole`; behind the last one the end."""
        for line, content in enumerate(self.lines):
            if offset < len(content):
                return line, offset
            offset -= len(content)
        last = len(self.lines) - 1
        return (last, len(self.lines[last])) if self.lines else (0, 0)

    def units(self, line: int, column: int, encoding: Encoding) -> int:
        """The client's count for the code point `column` of `line`, which in a line that is not there is the same."""
        if not 0 <= line < len(self.lines):
            return column
        content = self.lines[line]
        if encoding == "utf-32" or content.isascii() or column <= _MARK_EVERY:
            return to_units(self.content(line), column, encoding)
        column = min(column, len(self.content(line)))
        mark = column // _MARK_EVERY
        rest = content[mark * _MARK_EVERY : column]
        return self._marks_of(line, encoding)[mark] + to_units(rest, len(rest), encoding)

    def column(self, line: int, units: int, encoding: Encoding) -> int:
        """The code point that the client calls `units` in `line`; beyond the line its end."""
        return from_units(self.content(line), units, encoding)

    def _marks_of(self, line: int, encoding: Encoding) -> list[int]:
        """The units before each thousandth code point: all that is found in a file of one line is asked for in turn."""
        key = (line, encoding)
        if key not in self._marks:
            content = self.lines[line]
            pieces = (content[at : at + _MARK_EVERY] for at in range(0, len(content), _MARK_EVERY))
            counts = (to_units(piece, len(piece), encoding) for piece in pieces)
            self._marks[key] = list(accumulate(counts, initial=0))
        return self._marks[key]


NO_TEXT = Text([])
"""Stands for a text that cannot be read: columns are taken as they are."""


def text_from(whole: str) -> Text:
    """`whole`, cut into lines."""
    return Text(split_lines(_repaired(whole)))


def edited(text: Text, edits: Iterable[Edit], encoding: Encoding) -> Text:
    """`text` after all `edits`, each of which counts in what the one before it left. Costs one copy of the line list.

    Raises DocumentError when an edit starts beyond the text or ends before it starts.
    """
    edits = list(edits)
    lines = _Gap(text.lines) if len(edits) > 1 else _Plain(text.lines)
    for edit in edits:
        _apply(lines, edit, encoding)
    return Text(lines.all())


def split_lines(whole: str) -> list[str]:
    """Lines with their ends, and the rest behind the last end."""
    if "\r" not in whole:
        lines = whole.split("\n")
        return [line + "\n" for line in lines[:-1]] + lines[-1:]
    lines, start = [], 0
    for end in _LINE_END.finditer(whole):
        lines.append(whole[start : end.end()])
        start = end.end()
    return [*lines, whole[start:]]


def without_end(line: str) -> str:
    """`line` without the characters that end it."""
    return line.removesuffix("\n").removesuffix("\r") if line.endswith(("\n", "\r")) else line


class _Plain:
    """A list of lines: for a single edit, such as a keystroke, nothing is cheaper."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines.copy()

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, line: int) -> str:
        return self._lines[line]

    def replace(self, start: int, end: int, lines: list[str]) -> None:
        """Put `lines` in the place of the lines from `start` up to `end`."""
        self._lines[start:end] = lines

    def all(self) -> list[str]:
        """Every line, in order."""
        return self._lines


class _Gap:
    """A list of lines that is cheap to change near the last change: the lines behind it lie reversed.

    So the many edits of one notification, which come in order of their place, cost together about one pass, even when
    each of them brings new lines.
    """

    def __init__(self, lines: list[str]) -> None:
        self._before = lines.copy()
        self._behind: list[str] = []

    def __len__(self) -> int:
        return len(self._before) + len(self._behind)

    def __getitem__(self, line: int) -> str:
        n_before = len(self._before)
        return self._before[line] if line < n_before else self._behind[n_before - line - 1]

    def replace(self, start: int, end: int, lines: list[str]) -> None:
        """Put `lines` in the place of the lines from `start` up to `end`."""
        self._move_to(end)
        self._before[start:] = lines

    def all(self) -> list[str]:
        """Every line, in order."""
        self._move_to(len(self))
        return self._before

    def _move_to(self, line: int) -> None:
        n_before = len(self._before)
        if line < n_before:
            self._behind += self._before[: line - 1 if line else None : -1]
            del self._before[line:]
        elif line > n_before:
            n_lines = line - n_before
            self._before += self._behind[: -n_lines - 1 : -1]
            del self._behind[-n_lines:]


def _apply(lines: _Gap | _Plain, edit: Edit, encoding: Encoding) -> None:
    if (edit.end_line, edit.end_units) < (edit.start_line, edit.start_units):
        raise DocumentError("an edit ends before it starts")
    if edit.start_line > len(lines):
        raise DocumentError(f"an edit starts at line {edit.start_line}, the document has {len(lines)}")
    start_line, start = _place(lines, edit.start_line, edit.start_units, encoding)
    end_line, end = _place(lines, edit.end_line, edit.end_units, encoding)
    replacement = _repaired(lines[start_line][:start] + edit.text + lines[end_line][end:])
    if start_line and replacement.startswith("\n") and lines[start_line - 1].endswith("\r"):
        # The two characters now stand side by side and are one line end.
        start_line -= 1
        replacement = lines[start_line] + replacement
    lines.replace(start_line, end_line + 1, split_lines(replacement)[: _n_lines(lines, end_line)])


def _n_lines(lines: _Gap | _Plain, end_line: int) -> int | None:
    # Behind a replacement that ends a line the split sees one more, empty, line: it is real only at the end.
    return None if end_line == len(lines) - 1 else -1


def _place(lines: _Gap | _Plain, line: int, units: int, encoding: Encoding) -> tuple[int, int]:
    if line >= len(lines):
        return len(lines) - 1, len(lines[len(lines) - 1])
    return line, from_units(without_end(lines[line]), units, encoding)


def without_surrogates(text: str) -> str:
    """`text` with each lone surrogate as U+FFFD, so that it can be encoded."""
    try:
        text.encode()  # many times faster than to search
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text


def _repaired(text: str) -> str:
    """`text` with surrogates that an edit brought side by side as the one character they are."""
    if text.isascii() or not _PAIR.search(text):
        return text
    return _PAIR.sub(lambda pair: pair[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le"), text)
