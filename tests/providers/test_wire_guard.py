"""What the hooks of the http clients let through."""

import gc
from collections.abc import AsyncIterator

import httpx2
import pytest

from victor_server.agent.providers.server_address import ServerAddress
from victor_server.agent.providers.wire_guard import MAX_BODY_BYTES, MAX_EVENT_BYTES, guard_hooks
from victor_server.errors import BadResponse, ProviderUnavailable

LOCAL = ServerAddress("vllm", "http://127.0.0.1:8000/v1", "p", "m", 5)
REMOTE = ServerAddress("openai", "https://api.example.com/v1", "p", "m", 5, "k" * 20)


class Chunks(httpx2.AsyncByteStream):
    """A stream of these chunks, which tells whether its iterator came to its end."""

    def __init__(self, *chunks: bytes) -> None:
        self._chunks = chunks
        self.ended = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk
        self.ended = True


async def guarded(chunks: Chunks, content_type: str) -> httpx2.Response:
    """A response of the server, after the hook."""
    response = httpx2.Response(200, headers={"content-type": content_type}, stream=chunks)
    await guard_hooks(httpx2, LOCAL)["response"][0](response)
    return response


async def sent(server: ServerAddress, url: str) -> httpx2.Headers:
    """The headers of a request, after the hook."""
    headers = {"authorization": "Bearer other", "x-stainless-os": "Linux", "accept": "application/json"}
    request = httpx2.Request("POST", url, headers=headers, json={})
    await guard_hooks(httpx2, server)["request"][0](request)
    return request.headers


async def test_an_answer_that_is_read_twice_has_one_iterator() -> None:
    """A second reader goes on where the first stopped, so that none is left to be collected later."""
    chunks = Chunks(b"a", b"b", b"c")
    response = await guarded(chunks, "text/event-stream")
    first = aiter(response.stream)  # type: ignore[arg-type]  # the hook keeps it asynchronous
    assert await anext(first) == b"a"
    assert [chunk async for chunk in response.stream] == [b"b", b"c"]  # type: ignore[union-attr]  # as above
    assert chunks.ended
    del first
    gc.collect()


@pytest.mark.parametrize(
    ("content_type", "end", "most"),
    [
        ("text/event-stream; charset=utf-8", b"\n\n", MAX_EVENT_BYTES),
        ("text/event-stream", b"\r\n\r\n", MAX_EVENT_BYTES),
        ("Text/Event-Stream", b"\r\r", MAX_EVENT_BYTES),
        ("application/x-ndjson", b"\n", MAX_EVENT_BYTES),
        ("application/json", b"", MAX_BODY_BYTES),
    ],
)
async def test_the_bound_of_one_event(content_type: str, end: bytes, most: int) -> None:
    """Many events may be more together than one alone may be; an end may be cut between two chunks."""
    half = b"x" * (most // 2)
    fits = Chunks(half, end[:1], end[1:], half, end[:1], end[1:]) if end else Chunks(half, half)
    assert await (await guarded(fits, content_type)).aread()
    with pytest.raises(BadResponse):
        await (await guarded(Chunks(half, half, b"xxxx"), content_type)).aread()


async def test_what_is_sent() -> None:
    """Our key or none; connections are kept to servers elsewhere only."""
    local, remote = await sent(LOCAL, LOCAL.base_url), await sent(REMOTE, f"{REMOTE.base_url}/models")
    assert "authorization" not in local
    assert local["connection"] == "close"
    assert remote["authorization"] == f"Bearer {REMOTE.key}"
    assert remote.get("connection") != "close"
    assert "x-stainless-os" not in remote


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/v1",
        "https://api.example.com:444/v1",
        "https://api.example.com.evil.test/v1",
        "https://evil.test/api.example.com",
        "http://127.0.0.1:8000/v1",
    ],
)
async def test_another_server_is_sent_nothing(url: str) -> None:
    """Neither another host nor port nor scheme."""
    with pytest.raises(ProviderUnavailable, match="nothing was sent there"):
        await sent(REMOTE, url)
