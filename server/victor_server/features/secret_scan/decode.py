"""Bytes as text, whatever their encoding."""

import codecs

SNIFFED_BYTES = 8_000
_MOST_NULS = 0.1
"""Of a text's bytes: one NUL is enough for git and others to take a file for binary, and would hide all of it."""

_CONTROLS = bytes(sorted({*range(1, 32), 127} - set(b"\b\t\n\v\f\r\x1b")))
_NO_TEXT = frozenset((_CONTROLS + b"\0").decode("ascii"))


def decode(data: bytes) -> str | None:
    """The text; None for a binary file. What is no UTF-8 is read as Latin-1."""
    encoding = _encoding(data[:SNIFFED_BYTES])
    if encoding is None or encoding != "utf-8":
        return None if encoding is None else data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def is_binary(head: bytes) -> bool:
    """Whether a file that begins like this is no text."""
    return _encoding(head[:SNIFFED_BYTES]) is None


def _encoding(head: bytes) -> str | None:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if b"\0" not in head:  # so it is no UTF-16 either, whatever mark it bears: that has NULs in each line end
        return "utf-8"
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)) and _is_utf_32(head):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding, high_bytes in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if high_bytes.count(0) * 2 >= len(high_bytes) and _is_text_in(encoding, head):
            return encoding
    is_text = head.count(0) <= _MOST_NULS * len(head) and not _has_controls(head)
    return "utf-8" if is_text else None


def _is_utf_32(head: bytes) -> bool:
    try:
        head[: len(head) // 4 * 4].decode("utf-32")
    except UnicodeDecodeError:
        return False
    return True


def _is_text_in(encoding: str, head: bytes) -> bool:
    text = head[: len(head) // 2 * 2].decode(encoding, "replace")
    return _NO_TEXT.isdisjoint(text)


def _has_controls(head: bytes) -> bool:
    return len(head.translate(None, _CONTROLS)) < len(head)
