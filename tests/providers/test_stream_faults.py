"""Answers that begin well and go wrong: garbage, silence, no end, and no bound."""

import asyncio
import json
from typing import Any

import pytest
from providers_asked import answer_of, ask, text_of_answer
from providers_wires import WIRES, Wire, every_wire, failure_of, served
from raw_server import Answer, RawRequest, always, forever, response, sse, stream_head

from victor_server.agent.events import TextDelta
from victor_server.errors import (
    BadResponse,
    BrokeOff,
    ContextTooLong,
    ProviderAuth,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    ServerSilent,
)


@every_wire
async def test_garbage_in_a_stream(wire: Wire) -> None:
    """What is no JSON, or JSON of another shape, is BadResponse, after what came before it."""
    for garbage in (
        b"data: {nonsense\n\n",
        b"event: content_block_delta\ndata: [1]\n\n",
        b"{nonsense\n",
        b'{"a": [}\n',
    ):
        async with served(wire, always(stream_head(wire.content_type) + wire.first + garbage)) as (
            provider,
            _,
        ):
            stream = provider.stream(ask("x"))
            assert await anext(stream) == TextDelta("Hi")
            with pytest.raises((BadResponse, ProviderUnavailable)):
                _ = [event async for event in stream]


@pytest.mark.parametrize(
    ("wire", "event", "kind"),
    [
        (
            WIRES[0],
            sse({"error": {"message": "busy", "type": "server_error", "code": 503}}),
            ProviderUnavailable,
        ),
        (WIRES[0], sse({"error": {"message": "slow down", "code": "rate_limit_exceeded"}}), RateLimited),
        (WIRES[0], sse({"error": {"message": "bad key", "code": 401}}), ProviderAuth),
        (WIRES[0], sse({"error": "prompt is too long"}), ContextTooLong),
        (WIRES[1], sse({"type": "error", "error": {"type": "overloaded_error"}}, names=True), RateLimited),
        (WIRES[1], sse({"type": "error", "error": {"type": "api_error"}}, names=True), BrokeOff),
        (WIRES[1], sse({"type": "error", "error": 7}, names=True), BrokeOff),
        (WIRES[2], b'{"error": "an error was encountered while running the model"}\n', BrokeOff),
        (WIRES[2], b'{"error": "context limit hit"}\n', ContextTooLong),
    ],
)
async def test_an_error_inside_a_stream(wire: Wire, event: bytes, kind: type[ProviderError]) -> None:
    """An answer that began well and then turns into an error is that error, after what came before."""
    async with served(wire, always(stream_head(wire.content_type) + wire.first + event)) as (provider, _):
        stream = provider.stream(ask("x"))
        assert await anext(stream) == TextDelta("Hi")
        with pytest.raises(ProviderError) as caught:
            _ = [event async for event in stream]
    assert type(caught.value) is kind


@every_wire
async def test_values_of_every_shape(wire: Wire) -> None:
    """JSON that means nothing to us never gets out as anything but an error of the tree."""
    values: tuple[Any, ...] = (
        1,
        "x",
        None,
        [],
        [[]],
        {"choices": 5},
        {"choices": [None]},
        {"message": 7},
        {"type": []},
        {"delta": 1},
    )
    for value in values:
        data = sse(value, names=True) + json.dumps(value).encode() + b"\n"
        error = await failure_of(wire, always(stream_head(wire.content_type) + data))
        assert isinstance(error, BadResponse | ProviderUnavailable)


@every_wire
async def test_a_stream_that_is_cut(wire: Wire) -> None:
    """An answer without its end is not taken for a whole one."""
    cut = stream_head(wire.content_type) + wire.first
    chunked = cut.replace(b"connection: close", b"transfer-encoding: chunked").replace(
        wire.first, f"{len(wire.first):x}\r\n".encode() + wire.first + b"\r\n5\r\nda"
    )
    for data in (cut, chunked):
        async with served(wire, always(data)) as (provider, _):
            stream = provider.stream(ask("x"))
            assert await anext(stream) == TextDelta("Hi")
            with pytest.raises(ProviderUnavailable, match="broke off"):
                _ = [event async for event in stream]


@every_wire
async def test_silence(wire: Wire) -> None:
    """No head, no first event, no next event, or nothing but signs of life: each ends after the time limit."""

    def then_silence(data: bytes) -> Answer:
        async def answer(request: RawRequest, writer: asyncio.StreamWriter) -> None:
            writer.write(data)
            await writer.drain()
            await forever()

        return answer

    head = stream_head(wire.content_type)
    for data in (b"", head, head + wire.first):
        error = await failure_of(wire, then_silence(data), timeout_s=0.2)
        assert type(error) is ServerSilent
        assert "nothing for 0.2 seconds" in error.message


@every_wire
async def test_events_and_bodies_without_end(wire: Wire) -> None:
    """A server cannot fill our memory: neither with one event, nor with an error's body, nor compressed."""

    def endless(head: bytes) -> Answer:
        async def answer(request: RawRequest, writer: asyncio.StreamWriter) -> None:
            writer.write(head)
            while True:
                writer.write(b"x" * 65_536)
                await writer.drain()

        return answer

    for head in (
        stream_head(wire.content_type) + b"data: ",
        b"HTTP/1.1 400 X\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n",
        stream_head("application/json"),
        b"HTTP/1.1 200 X\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n",
    ):
        error = await failure_of(wire, endless(head))
        assert type(error) is BadResponse


@every_wire
async def test_an_answer_beyond_its_bound(wire: Wire) -> None:
    """A server that goes on and on past what it was asked for is cut off."""
    async with served(wire, always(stream_head(wire.content_type) + wire.first * 5000)) as (provider, _):
        with pytest.raises(BadResponse, match="more than it was asked for"):
            await answer_of(provider, ask("x", max_output_tokens=10))


@every_wire
@pytest.mark.parametrize(
    "event", [{}, {"choices": [], "type": "ping", "message": {}}, {"usage": {"n": 1}, "id": "x"}]
)
async def test_events_that_say_nothing(wire: Wire, event: object) -> None:
    """A server that never comes to the point is cut off too, however little each event is."""
    named = sse(event) if wire.content_type == "text/event-stream" else json.dumps(event).encode() + b"\n"
    if wire.provider == "anthropic":
        named = sse({"type": "content_block_stop", "index": 0}, names=True)

    async def answer(request: RawRequest, writer: asyncio.StreamWriter) -> None:
        writer.write(stream_head(wire.content_type))
        while True:
            writer.write(named * 100)
            await writer.drain()

    error = await failure_of(wire, answer)
    assert type(error) is BadResponse
    assert "more than it was asked for" in error.message


@pytest.mark.parametrize(
    "wire", [wire for wire in WIRES if wire.provider != "ollama"], ids=["openai", "anthropic"]
)
@pytest.mark.parametrize(
    ("body", "content_type", "kind", "words"),
    [
        (
            {"error": "Unexpected endpoint or method. (POST /chat)"},
            "application/json",
            BrokeOff,
            "endpoint",
        ),
        (
            {"error": {"message": "maximum context length is 5", "code": "context_length_exceeded"}},
            "application/json; charset=utf-8",
            ContextTooLong,
            "context length",
        ),
        ({"choices": []}, "application/json", BadResponse, "instead of a stream"),
        ("<html>Log in</html>", "text/html", BadResponse, "text/html instead of a stream"),
    ],
)
async def test_a_document_instead_of_a_stream(
    wire: Wire, body: object, content_type: str, kind: type[ProviderError], words: str
) -> None:
    """LM Studio answers an address that it does not know with success, and so do proxies where one has to log in."""
    error = await failure_of(wire, always(response(200, body, content_type=content_type)))
    assert type(error) is kind
    assert words in error.message


async def test_an_answer_that_is_cut_within_a_character() -> None:
    """Halves that come apart are joined, lone ones replaced: the next request must hold the answer, and be encoded."""
    wire = WIRES[0]
    pieces = ("a \ud83d", "\ude00 b ", "\ude00", "\ud83dc", " \ud83d")
    written = [json.dumps({"choices": [{"delta": {"content": piece}}]}) for piece in pieces]
    data = sse(*written, {"choices": [{"delta": {}, "finish_reason": "stop"}]}, "[DONE]")
    async with served(wire, always(stream_head() + data)) as (provider, _):
        assert await text_of_answer(provider, ask("x")) == "a \U0001f600 b \ufffd\ufffdc \ufffd"


@every_wire
async def test_closing_a_stream_hangs_up(wire: Wire) -> None:
    """The server sees the connection closed as soon as nobody reads any more."""

    async def answer(request: RawRequest, writer: asyncio.StreamWriter) -> None:
        writer.write(stream_head(wire.content_type) + wire.first)
        await writer.drain()
        await forever()

    async with served(wire, answer) as (provider, server):
        stream = provider.stream(ask("x"))
        assert await anext(stream) == TextDelta("Hi")
        server.closed.clear()
        await stream.aclose()
        async with asyncio.timeout(10):
            await server.closed.wait()
