"""Turns a range of a document into the place that an assist is asked for."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lsprotocol import types

from victor_indexer.model import Symbol
from victor_server.features.assists.definition import definition_around
from victor_server.features.assists.place import Definition, Lines, Place, Reported
from victor_server.lsp.documents import Document
from victor_server.lsp.positions import is_cursor
from victor_server.lsp.text import without_surrogates

MAX_REPORTED = 50
MAX_MESSAGE = 500


def place_of(document: Document, selected: types.Range | None, root: Path | None) -> Place:
    """The place, with the definition around it as far as that can be told at once."""
    lines = document.text.lines
    if lines and not lines[-1]:
        lines = lines[:-1]  # behind the last line end there is no line
    first, end = _lines(selected, len(lines))
    name = document.path.name if document.path is not None else document.name
    place = Place(name, document.language_id, lines, first, end, document.path, root)
    around = definition_around(lines, first, document.language_id) if end is None else None
    return replace(place, definition=around)


def without_odd_characters(place: Place) -> Place:
    """The place with a text that can be sent and written; columns and lines are the same."""
    text = "".join(place.lines)
    plain = without_surrogates(text)
    return (
        place if plain == text else replace(place, lines=[without_surrogates(line) for line in place.lines])
    )


def _lines(selected: types.Range | None, n_lines: int) -> tuple[int, Lines | None]:
    """The line of the cursor, and the lines that are selected, if any is."""
    if selected is None:
        return 0, None
    start, end = selected.start, selected.end
    first = min(max(start.line, 0), max(0, n_lines - 1))
    if is_cursor(selected):
        return first, None
    last = end.line + (1 if end.character or end.line == start.line else 0)
    return first, Lines(first, min(max(last, first + 1), n_lines)) if n_lines else None


def reported_in(diagnostics: Sequence[types.Diagnostic]) -> list[Reported]:
    """What a client sent along, as far as it is meant for a person."""
    return [
        Reported(
            each.range.start.line,
            max(each.range.end.line, each.range.start.line) + 1,
            _text(each.message, MAX_MESSAGE),
            _text(each.source, 80),
            _text(each.code, 80),
        )
        for each in diagnostics[:MAX_REPORTED]
    ]


def _text(value: object, most: int) -> str:
    """What a client sent as a text; some send markup in its place."""
    value = getattr(value, "value", value)
    return without_surrogates(str(value))[:most] if isinstance(value, str | int) else ""


def definition_at(symbols: Sequence[Symbol], place: Place) -> Definition | None:
    """The innermost symbol around the place's line that is more than a name, with the head that belongs to it."""
    around = [
        each
        for each in symbols
        if each.start_line <= place.line <= each.end_line and each.end_line > each.start_line
    ]
    if not around:
        return None
    inner = min(around, key=lambda each: each.end_line - each.start_line)
    lines = Lines(inner.start_line, inner.end_line + 1)
    told = place.definition
    # The parser does not count decorators and comments above to a definition; what was told from the lines does.
    if told is not None and told.name == inner.name and told.lines.start < lines.start:
        lines = Lines(told.lines.start, lines.end)
    return Definition(lines, inner.name)
