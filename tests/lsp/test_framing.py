"""Frames cut from bytes that may hold anything."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.lsp.framing import MAX_HEADER_BYTES, Broken, FrameReader, Message, to_frame

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
PING = to_frame(b'{"a":1}')


def check(data: bytes, *expected: object) -> None:
    """The contents of the frames in `data`, `Broken` for each that could not be read."""
    frames = list(FrameReader(max_body_bytes=1000).feed(data))
    assert [frame.content if isinstance(frame, Message) else Broken for frame in frames] == list(expected)


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: 7\r\n\r\n",
        b"content-length:7\r\n\r\n",
        b"CONTENT-LENGTH :\t7 \r\nContent-Type: x; charset=utf8\r\n\r\n",
        b"Content-Length: 7\nX: y\n\n",
        b"Content-Length: 7\r\nContent-Length: 7\r\n\r\n",
        b"nonsense\r\n\xff\xfe: \x00\r\nContent-Length: 7\r\n\r\n",
        b"\r\n\r\nContent-Length: 0007\r\n\r\n",
    ],
)
def test_odd_headers_are_read(header: bytes) -> None:
    """Case, spaces, duplicates, unknown and unreadable lines, and bare line feeds do not matter."""
    check(header + b'{"a":1}' + PING, {"a": 1}, {"a": 1})


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: seven\r\n\r\n",
        b"Content-Length: 99999999999999999999999999\r\n\r\n",
        b"Content-Length: 999999999999999999\r\n\r\n",
        b"Content-Type: x\r\n\r\n",
    ],
)
@pytest.mark.parametrize("body", [b"", b'{"b":2}', b'{"b":\r\n\r\n2}\n'])
def test_stream_is_found_again(header: bytes, body: bytes) -> None:
    """A frame whose length is unknown or absurd is told of once; the next frame is read."""
    check(header + body + PING + PING, Broken, {"a": 1}, {"a": 1})


def test_long_message_is_skipped() -> None:
    """A body beyond the cap is passed over byte for byte, even if it looks like frames."""
    check(to_frame(PING * 100) + PING, Broken, {"a": 1})


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe{}", b"NaN", b"[Infinity]", b"[" * 100_000, b"1" * 5000]
)
def test_what_is_not_json_is_told(body: bytes) -> None:
    """A broken body costs that message only."""
    frames = list(FrameReader().feed(to_frame(body) + PING))
    assert [type(frame) for frame in frames] == [Broken, Message]


def test_bytes_that_are_not_utf8_survive() -> None:
    """They become U+FFFD; a surrogate that is escaped alone stays what it is."""
    check(to_frame(b'"\xff"') + to_frame(b'"\\ud800"'), "\ufffd", "\ud800")


def test_endless_header_does_not_fill_memory() -> None:
    """Garbage without a line end is dropped, told of once, and a frame behind it is read."""
    reader = FrameReader()
    kept, frames = 0, []
    for _ in range(100):
        frames += list(reader.feed(b"x" * MAX_HEADER_BYTES))
        kept = max(kept, len(reader._buffer))
    frames += list(reader.feed(PING))
    assert [type(frame) for frame in frames] == [Broken, Message]
    assert kept <= 2 * MAX_HEADER_BYTES


@settings(max_examples=150, deadline=None)
@given(st.lists(JSON, max_size=4), st.integers(1, 40))
def test_any_chunking_gives_the_same_messages(values: list[object], n_bytes: int) -> None:
    """It does not matter how the stream is cut."""
    stream = b"".join(to_frame(json.dumps(value).encode()) for value in values)
    reader = FrameReader()
    frames = [
        frame
        for start in range(0, len(stream), n_bytes)
        for frame in reader.feed(stream[start : start + n_bytes])
    ]
    assert frames == [Message(value) for value in values]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=30) | st.sampled_from([b"Content-Length: 5", b"\r\n", b"\r\n\r\n", PING])))
def test_garbage_never_raises(chunks: list[bytes]) -> None:
    """Whatever comes, the reader goes on."""
    reader = FrameReader(max_body_bytes=1000)
    for chunk in chunks:
        for frame in reader.feed(chunk):
            assert isinstance(frame, Message | Broken)
