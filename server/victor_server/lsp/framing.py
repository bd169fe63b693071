"""Frames of the LSP base protocol, cut out of a stream of bytes that may hold anything."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_BODY_BYTES = 64 * 1024 * 1024
MAX_SKIPPED_BYTES = 4 * 1024 * 1024 * 1024
MAX_HEADER_BYTES = 16 * 1024

_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*([0-9]{1,18})[ \t]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Message:
    """One frame whose body is JSON."""

    content: object


@dataclass(frozen=True, slots=True)
class Broken:
    """One frame that could not be read, and why; the stream goes on after it.

    `n_bytes` is the length of one that is too long, 0 of any other.
    """

    reason: str
    n_bytes: int = 0


class FrameReader:
    """Takes bytes as they come and gives the frames that are complete; never raises, whatever the bytes are.

    After a header that names no usable length nobody knows where the body ends: the reader then looks for the next
    `Content-Length` wherever it stands in a line.
    """

    def __init__(self, max_body_bytes: int = MAX_BODY_BYTES) -> None:
        self._max_body_bytes = max_body_bytes
        self._buffer = bytearray()
        self._scanned = 0
        self._skip_bytes = 0
        self._length: int | None = None
        self._in_body = False
        self._any_header = False
        self._lost = False

    def feed(self, data: bytes) -> Iterator[Message | Broken]:
        """The frames that `data` completes, in order."""
        self._buffer += data
        while True:
            if self._skip_bytes:
                if not self._skip():
                    return
            elif self._in_body:
                body = self._take_body()
                if body is None:
                    return
                yield parse_body(body)
            else:
                line = self._take_line()
                if line is None:
                    yield from self._overlong_header()
                    return
                yield from self._header(line)

    def _skip(self) -> bool:
        n_bytes = min(self._skip_bytes, len(self._buffer))
        del self._buffer[:n_bytes]
        self._skip_bytes -= n_bytes
        return not self._skip_bytes

    def _take_body(self) -> bytes | None:
        length = self._length or 0
        if len(self._buffer) < length:
            return None
        body = bytes(memoryview(self._buffer)[:length])
        del self._buffer[:length]
        self._start_frame()
        return body

    def _start_frame(self) -> None:
        self._length, self._in_body, self._any_header, self._lost = None, False, False, False

    def _take_line(self) -> bytes | None:
        end = self._buffer.find(b"\n", self._scanned)
        if end < 0:
            self._scanned = len(self._buffer)
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        self._scanned = 0
        return line.removesuffix(b"\r")

    def _overlong_header(self) -> Iterator[Broken]:
        if len(self._buffer) <= MAX_HEADER_BYTES:
            return
        # The end is kept: the next Content-Length may stand right behind the garbage.
        del self._buffer[:-64]
        self._scanned = len(self._buffer)
        if not self._lost:
            self._lost = True
            yield Broken("a header line is too long")

    def _header(self, line: bytes) -> Iterator[Broken]:
        if line.strip(b" \t\r"):
            self._any_header = True
            match = _LENGTH.fullmatch(line) or (_at_end(line) if self._lost else None)
            if match and self._length is None:
                self._length = int(match[1])
        elif self._length is not None:
            yield from self._end_of_headers(self._length)
        elif self._any_header and not self._lost:
            self._lost = True
            yield Broken("a message without a usable Content-Length")

    def _end_of_headers(self, length: int) -> Iterator[Broken]:
        if length <= self._max_body_bytes:
            self._in_body = True
            return
        self._start_frame()
        if length <= MAX_SKIPPED_BYTES:
            self._skip_bytes = length
        else:
            # Nobody sends that much: the length is wrong, and skipping it would make the server deaf.
            self._lost = True
        yield Broken(
            f"a message of {length} bytes is too long, at most {self._max_body_bytes} are read", length
        )


def parse_body(body: bytes) -> Message | Broken:
    """The JSON value that `body` holds. Bytes that are not UTF-8 become U+FFFD; NaN and Infinity are not JSON."""
    try:
        return Message(json.loads(body.decode("utf-8", "replace"), parse_constant=_refuse_constant))
    except (ValueError, RecursionError):
        return Broken("a message that is not JSON")


def to_frame(body: bytes) -> bytes:
    """`body` with the header that says how long it is."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def _at_end(line: bytes) -> re.Match[bytes] | None:
    start = line.lower().rfind(b"content-length")
    return _LENGTH.fullmatch(line, start) if start >= 0 else None


def _refuse_constant(name: str) -> object:
    raise ValueError(name)
