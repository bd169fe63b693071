"""A provider of each wire, and a server of bytes behind it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from direct_connections import DirectConnections
from providers_asked import answer_of, ask
from providers_errors import KEY
from raw_server import Answer, RawRequest, RawServer, raw_server, response, sse

from victor_server.agent.providers.open import open_provider
from victor_server.agent.providers.provider import Provider
from victor_server.errors import (
    ProviderError,
)
from victor_server.settings.profiles import Profile, ProviderName


@dataclass(frozen=True, slots=True)
class Wire:
    """How one provider's answer begins, and what one of its events looks like."""

    provider: ProviderName
    content_type: str
    first: bytes


WIRES = (
    Wire("openai", "text/event-stream", sse({"choices": [{"index": 0, "delta": {"content": "Hi"}}]})),
    Wire(
        "anthropic",
        "text/event-stream",
        sse(
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}},
            names=True,
        ),
    ),
    Wire(
        "ollama",
        "application/x-ndjson",
        b'{"message": {"role": "assistant", "content": "Hi"}, "done": false}\n',
    ),
)
every_wire = pytest.mark.parametrize("wire", WIRES, ids=[wire.provider for wire in WIRES])


def with_ollama_lists(answer: Answer) -> Answer:
    """Answer what Ollama is asked before and beside a chat as its documentation says."""
    lists: dict[str, Any] = {
        "/api/show": {"capabilities": ["completion"], "model_info": {}},
        "/api/tags": {"models": [{"model": "m", "size": 1}]},
        "/api/ps": {"models": []},
    }

    async def answered(request: RawRequest, writer: asyncio.StreamWriter) -> None:
        if request.path in lists:
            writer.write(response(200, lists[request.path]))
            await writer.drain()
        else:
            await answer(request, writer)

    return answered


@asynccontextmanager
async def served(
    wire: Wire, answer: Answer, *, timeout_s: float = 20
) -> AsyncIterator[tuple[Provider, RawServer]]:
    """A provider whose server answers so."""
    async with raw_server(with_ollama_lists(answer)) as server:
        profile = Profile("cloud", wire.provider, "m", (server.url,), KEY, timeout_s=timeout_s)
        provider = open_provider(profile, "", DirectConnections(), home=Path())
        try:
            yield provider, server
        finally:
            await provider.close()


async def failure_of(wire: Wire, answer: Answer, *, timeout_s: float = 20) -> ProviderError:
    """The error of a call."""
    async with served(wire, answer, timeout_s=timeout_s) as (provider, _):
        with pytest.raises(ProviderError) as caught:
            await answer_of(provider, ask("what is the airspeed of a swallow"))
    return caught.value
