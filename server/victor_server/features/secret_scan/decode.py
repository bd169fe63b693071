"""Bytes as text, whatever their encoding."""

SNIFFED_BYTES = 8_000
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def decode(data: bytes) -> str | None:
    """The text; None for a binary file. What is no UTF-8 is read as Latin-1."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if is_binary(data):
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def is_binary(head: bytes) -> bool:
    """Whether a file that begins like this is no text."""
    if any(head.startswith(mark) for mark, _ in _BYTE_ORDER_MARKS):
        return False
    return b"\0" in head[:SNIFFED_BYTES]
