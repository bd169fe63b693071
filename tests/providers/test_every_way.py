"""What must hold of a real model server whichever way it is spoken to: openai, anthropic, or a child of our own."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from direct_connections import DirectConnections
from model_server import ModelServer, model_server
from providers_asked import answer_of, ask

from victor_server.agent.events import Stopped, TextDelta, Usage
from victor_server.agent.messages import ModelRequest
from victor_server.agent.providers.anthropic_messages import AnthropicProvider
from victor_server.agent.providers.embedded import EmbeddedProvider
from victor_server.agent.providers.openai_compatible import OpenAICompatibleProvider
from victor_server.agent.providers.provider import Provider
from victor_server.errors import ProviderUnavailable
from victor_server.settings.profiles import DEMO_MODEL, Profile

WAYS = ("openai", "anthropic", "embedded")
OK = {
    "type": "object",
    "properties": {"ok": {"type": "boolean"}},
    "required": ["ok"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Way:
    """A provider and the process behind it."""

    provider: Provider
    pid: int

    def signal(self, number: signal.Signals) -> None:
        """Send the server's process a signal."""
        os.kill(self.pid, number)


def long_answer() -> ModelRequest:
    """Its answer is long whatever the model likes to write."""
    schema = {"type": "array", "items": {"type": "integer"}, "minItems": 1000}
    return ask("Tell me a very long story.", json_schema=schema, max_output_tokens=900)


@asynccontextmanager
async def opened(way: str, server: ModelServer, home: Path, timeout_s: float = 60) -> AsyncIterator[Way]:
    """The provider of one way, which has answered once."""
    provider: Provider
    if way == "embedded":
        own = EmbeddedProvider(
            Profile("own", "embedded", DEMO_MODEL, context_tokens=2048, timeout_s=timeout_s),
            DirectConnections(),
            home=home,
        )
        try:
            await answer_of(own, ask("Hi", max_output_tokens=1))
            assert own._running is not None
            yield Way(own, own._running.server.process.pid)
        finally:
            await own.close()
        return
    profile = Profile("local", "llamacpp", server.model, (server.base_url,), server.key, timeout_s=timeout_s)
    if way == "openai":
        provider = OpenAICompatibleProvider(profile, "", DirectConnections())
    else:
        provider = AnthropicProvider(profile, "", DirectConnections())
    try:
        yield Way(provider, server.process.pid)
    finally:
        await provider.close()


@pytest.fixture(params=WAYS)
async def way(request: Any, real_server: ModelServer, tmp_path: Path) -> AsyncIterator[Way]:
    """Each way in turn."""
    async with opened(request.param, real_server, tmp_path) as way:
        yield way


async def test_an_answer_is_streamed_and_counted(way: Way) -> None:
    """Text in many pieces, the server's own numbers, the bound kept, Stopped last."""
    events = await answer_of(way.provider, ask("Tell me a long story.", max_output_tokens=24))
    usage = [event for event in events if isinstance(event, Usage)][-1]
    assert sum(isinstance(event, TextDelta) for event in events) > 5
    assert usage.counted
    assert usage.input_tokens > 10
    assert 0 < usage.output_tokens <= 24
    assert events[-1] == Stopped("max_tokens" if usage.output_tokens == 24 else "end")


@pytest.mark.parametrize("way", ["openai", "embedded"], indirect=True)
async def test_a_json_schema_is_kept(way: Way) -> None:
    """The server holds the model to the schema; llama.cpp's `/v1/messages` knows no way to be asked for one."""
    events = await answer_of(way.provider, ask("Is water wet?", json_schema=OK, max_output_tokens=64))
    answer = json.loads("".join(event.text for event in events if isinstance(event, TextDelta)))
    assert list(answer) == ["ok"]
    assert isinstance(answer["ok"], bool)


async def test_a_cancel_in_the_answer_ends_it_at_the_server(way: Way) -> None:
    """The server works on nothing any more, long before the answer's bound: that takes it a quarter of a minute."""
    stream = way.provider.stream(long_answer())
    async for event in stream:
        if isinstance(event, TextDelta):
            break
    await stream.aclose()
    server = psutil.Process(way.pid)
    async with asyncio.timeout(8):
        while await asyncio.to_thread(server.cpu_percent, 0.2) > 10:
            pass


@pytest.mark.parametrize("name", WAYS)
async def test_a_server_that_falls_silent(name: str, real_server: ModelServer, tmp_path: Path) -> None:
    """No token for longer than the profile's time limit is ProviderUnavailable, not an endless wait."""
    async with opened(name, real_server, tmp_path, timeout_s=2) as way:
        stream = way.provider.stream(long_answer())
        assert isinstance(await anext(stream), (TextDelta, Usage))
        way.signal(signal.SIGSTOP)
        try:
            with pytest.raises(ProviderUnavailable, match="has sent nothing for"):
                _ = [event async for event in stream]
        finally:
            way.signal(signal.SIGCONT)


@pytest.mark.parametrize("name", WAYS)
async def test_a_server_that_dies_in_its_answer(name: str, tmp_path: Path) -> None:
    """What had come has come; then ProviderUnavailable."""
    with ExitStack() as stack:
        server = stack.enter_context(model_server())
        async with opened(name, server, tmp_path) as way:
            stream = way.provider.stream(long_answer())
            assert isinstance(await anext(stream), (TextDelta, Usage))
            way.signal(signal.SIGKILL)
            with pytest.raises(ProviderUnavailable):
                _ = [event async for event in stream]
