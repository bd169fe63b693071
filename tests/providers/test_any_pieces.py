"""However the network cuts an answer into pieces, it is read as the same answer."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from providers_asked import answer_of, ask
from raw_server import sse

from victor_server.agent.events import ModelEvent, Stopped
from victor_server.agent.providers.open import open_provider
from victor_server.egress.connections import Timeouts
from victor_server.errors import ProviderError
from victor_server.settings.profiles import Profile, ProviderName

TEXTS = ("Grüße, ", "世界 \u2028\u0085", 'a\n\n"b"\r\n', "data: x\n\n🙂")

OPENAI = [
    *({"choices": [{"index": 0, "delta": {"content": text}}]} for text in TEXTS),
    {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
    {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}},
]
ANTHROPIC = [
    {"type": "message_start", "message": {"usage": {"input_tokens": 3, "output_tokens": 0}}},
    *(
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
        for text in TEXTS
    ),
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 4}},
    {"type": "message_stop"},
]
OLLAMA = [
    *({"message": {"content": text}, "done": False} for text in TEXTS),
    {
        "message": {"content": ""},
        "done": True,
        "done_reason": "stop",
        "prompt_eval_count": 3,
        "eval_count": 4,
    },
]


def lines(values: Sequence[Any]) -> bytes:
    """One JSON value a line, characters beyond ASCII as they are."""
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values).encode()


ANSWERS: dict[ProviderName, tuple[str, bytes]] = {
    "vllm": ("text/event-stream", sse(*OPENAI, "[DONE]")),
    "anthropic": ("text/event-stream", sse(*ANTHROPIC, names=True)),
    "ollama": ("application/x-ndjson", lines(OLLAMA)),
}


class _Pieces(httpx2.AsyncByteStream, httpx.AsyncByteStream):
    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


@dataclass(frozen=True)
class InMemory:
    """Implements `Connections`: a chat is answered by these pieces, everything else by an empty object."""

    content_type: str
    pieces: Sequence[bytes]

    def httpx2_client(self, base_url: str, *, purpose: str, timeouts: Timeouts) -> httpx2.AsyncClient:
        """A client of no server."""
        return httpx2.AsyncClient(
            transport=httpx2.MockTransport(lambda _: httpx2.Response(200, **self._chat()))
        )

    def httpx_transport(self, base_url: str, *, purpose: str, timeouts: Timeouts) -> httpx.AsyncBaseTransport:
        """A transport to nowhere."""
        return httpx.MockTransport(self._ollama)

    def _chat(self) -> dict[str, Any]:
        return {"headers": {"content-type": self.content_type}, "stream": _Pieces(self.pieces)}

    def _ollama(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/chat":
            return httpx.Response(200, **self._chat())
        return httpx.Response(200, json={"models": [], "model_info": {}})


async def read(provider: ProviderName, pieces: Sequence[bytes]) -> list[ModelEvent]:
    """The events of an answer that comes in these pieces."""
    connections = InMemory(ANSWERS[provider][0], pieces)
    opened = open_provider(Profile("p", provider, "m", ("http://127.0.0.1:1",)), "", connections, home=Path())
    events = await answer_of(opened, ask("x"))
    await opened.close()
    return events


@pytest.mark.parametrize("provider", ANSWERS)
@settings(deadline=None, max_examples=15)
@given(cuts=st.lists(st.integers(0, 900), max_size=12))
def test_any_cuts(provider: ProviderName, cuts: list[int]) -> None:
    """Inside of a character, of a line's end, of a number: nothing is lost or read twice."""
    data = ANSWERS[provider][1]
    places = sorted({0, *(cut for cut in cuts if cut < len(data)), len(data)})
    pieces = [data[start:end] for start, end in itertools.pairwise(places)]
    assert asyncio.run(read(provider, pieces)) == asyncio.run(read(provider, [data]))


@pytest.mark.parametrize("provider", ANSWERS)
async def test_byte_by_byte(provider: ProviderName) -> None:
    """The slowest network there is; and what is read is what was written."""
    data = ANSWERS[provider][1]
    events = await read(provider, [data[at : at + 1] for at in range(len(data))])
    assert "".join(getattr(event, "text", "") for event in events) == "".join(TEXTS)


@pytest.mark.parametrize("provider", ANSWERS)
@settings(deadline=None, max_examples=15)
@given(where=st.integers(0, 899), what=st.binary(min_size=1, max_size=8))
def test_any_broken_bytes(provider: ProviderName, where: int, what: bytes) -> None:
    """An answer with bytes in it that do not belong there is read, or an error of the tree; it is never a crash."""
    data = ANSWERS[provider][1]
    at = where % len(data)
    try:
        events = asyncio.run(read(provider, [data[:at] + what + data[at + len(what) :]]))
    except ProviderError:
        return
    assert isinstance(events[-1], Stopped)
