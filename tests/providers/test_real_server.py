"""A real llama.cpp server, spoken to through the openai library."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator

import httpx2
import pytest
from direct_connections import DirectConnections
from model_server import ModelServer
from providers_asked import answer_of, ask

from victor_server.agent.events import Stopped, TextDelta, Usage
from victor_server.agent.messages import ModelRequest
from victor_server.agent.providers.openai_compatible import OpenAICompatibleProvider
from victor_server.errors import ContextTooLong, ProviderAuth, ProviderUnavailable, UsageError
from victor_server.settings.profiles import Profile


def profile_of(server: ModelServer) -> Profile:
    """A profile for the server."""
    return Profile("local", "llamacpp", server.model, (server.base_url,), server.key, timeout_s=60)


def long_answer(*, max_output_tokens: int = 3000) -> ModelRequest:
    """A request whose answer is long whatever the model likes to write: its schema asks for a thousand numbers."""
    schema = {"type": "array", "items": {"type": "integer"}, "minItems": 1000}
    return ask("Count.", json_schema=schema, max_output_tokens=max_output_tokens)


@pytest.fixture
async def provider(real_server: ModelServer) -> AsyncIterator[OpenAICompatibleProvider]:
    """The server as a provider."""
    provider = OpenAICompatibleProvider(profile_of(real_server), "", DirectConnections())
    yield provider
    await provider.close()


async def test_tokens_are_counted_by_the_server(provider: OpenAICompatibleProvider) -> None:
    """What is counted before the call is what the call then has."""
    request = ask("def add(a, b):\n    return a + b\n" * 20, max_output_tokens=1)
    counted = await provider.count_tokens(request)
    usage = next(event for event in await answer_of(provider, request) if isinstance(event, Usage))
    assert counted == usage.input_tokens


async def test_capabilities_come_from_the_server(provider: OpenAICompatibleProvider) -> None:
    """The context size is the running server's, not the model's."""
    capabilities = await provider.capabilities("smollm2")
    assert capabilities.context_tokens == 4096
    assert capabilities.counts_tokens
    assert capabilities.fim
    assert [model.name for model in await provider.models()] == ["smollm2"]
    await provider.check()


async def test_cancelling_ends_the_call_at_the_server(
    real_server: ModelServer, provider: OpenAICompatibleProvider
) -> None:
    """After `aclose` the server works on nothing any more, long before the answer's bound."""
    stream = provider.stream(long_answer())
    async for event in stream:
        if isinstance(event, TextDelta):
            break
    await stream.aclose()
    await _idle(real_server)


async def test_a_cancelled_task_ends_the_call_too(
    real_server: ModelServer, provider: OpenAICompatibleProvider
) -> None:
    """Cancelling whoever reads is the same as closing the stream."""
    begun = asyncio.Event()

    async def read() -> None:
        async for _ in provider.stream(long_answer()):
            begun.set()

    task = asyncio.ensure_future(read())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await _idle(real_server)


async def test_a_request_that_does_not_fit(provider: OpenAICompatibleProvider) -> None:
    """llama.cpp's own words become ContextTooLong, and what was asked is not repeated."""
    with pytest.raises(ContextTooLong) as caught:
        await answer_of(provider, ask("zanzibar " * 6000))
    assert "zanzibar" not in caught.value.message


async def test_a_wrong_key(real_server: ModelServer) -> None:
    """A wrong key is ProviderAuth, names the profile, and is not repeated."""
    wrong = "w" * 24
    profile = dataclasses.replace(profile_of(real_server), api_key=wrong)
    provider = OpenAICompatibleProvider(profile, "", DirectConnections())
    with pytest.raises(ProviderAuth) as asked:
        await answer_of(provider, ask("hello"))
    with pytest.raises(ProviderAuth):
        await provider.check()
    assert "local" in asked.value.fix
    assert wrong not in repr(asked.value) + asked.value.message + asked.value.fix
    assert wrong not in repr(provider) + repr(profile)
    await provider.close()


async def test_nothing_can_be_pulled(provider: OpenAICompatibleProvider) -> None:
    """This API knows no way to fetch a model."""
    with pytest.raises(UsageError):
        await anext(provider.pull("x"))


async def test_closing_ends_open_streams(real_server: ModelServer) -> None:
    """A provider that is closed leaves no answer running."""
    provider = OpenAICompatibleProvider(profile_of(real_server), "", DirectConnections())
    stream = provider.stream(long_answer())
    assert isinstance(await anext(stream), TextDelta)
    await provider.close()
    with pytest.raises(ProviderUnavailable):
        _ = [event async for event in stream]
    await _idle(real_server)


async def _idle(server: ModelServer) -> None:
    """Return when the server works on nothing; its answers could go on for a minute."""
    async with asyncio.timeout(20):
        while await _busy_slots(server):
            pass


async def _busy_slots(server: ModelServer) -> int:
    async with httpx2.AsyncClient(trust_env=False) as client:
        slots = await client.get(f"{server.root}/slots", headers={"authorization": f"Bearer {server.key}"})
    return sum(slot["is_processing"] for slot in slots.json())


async def test_calls_right_behind_one_another(provider: OpenAICompatibleProvider) -> None:
    """What is left of one answer does not end the next."""
    request = ask("Hi", max_output_tokens=1)
    for _ in range(10):
        assert isinstance((await answer_of(provider, request))[-1], Stopped)
        assert await provider.count_tokens(request) < 40
