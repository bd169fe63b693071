"""Columns of one line, between code points and the units that a client counts in."""

from typing import Literal

from lsprotocol import types

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_CODECS: dict[Encoding, str] = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
_UNIT_BYTES: dict[Encoding, int] = {"utf-8": 1, "utf-16": 2, "utf-32": 4}


def to_units(line: str, column: int, encoding: Encoding) -> int:
    """How many units of `encoding` stand before the code point `column`."""
    if encoding == "utf-32" or line.isascii():
        return min(column, len(line))
    return len(line[:column].encode(_CODECS[encoding], "surrogatepass")) // _UNIT_BYTES[encoding]


def from_units(line: str, units: int, encoding: Encoding) -> int:
    """The code point at `units`; inside of a character its start, beyond the line its end."""
    if encoding == "utf-32" or line.isascii():
        return min(units, len(line))
    data = line.encode(_CODECS[encoding], "surrogatepass")
    end = min(units * _UNIT_BYTES[encoding], len(data))
    if end < len(data):
        end = _character_start(data, end, encoding)
    return len(data[:end].decode(_CODECS[encoding], "surrogatepass"))


def _character_start(data: bytes, end: int, encoding: Encoding) -> int:
    if encoding == "utf-8":
        while data[end] & 0xC0 == 0x80:
            end -= 1
        return end
    in_pair = _is_low_surrogate(data, end) and end >= 2 and _is_high_surrogate(data, end - 2)
    return end - 2 if in_pair else end


def _is_high_surrogate(data: bytes, at: int) -> bool:
    return 0xD8 <= data[at + 1] <= 0xDB


def _is_low_surrogate(data: bytes, at: int) -> bool:
    return 0xDC <= data[at + 1] <= 0xDF


def is_cursor(place: types.Range) -> bool:
    """Whether nothing is selected: for a cursor Vim with ALE sends the one character under it."""
    start, end = place.start, place.end
    if (start.line, start.character) >= (end.line, end.character):
        return True
    return start.line == end.line and end.character - start.character == 1
