"""Ollama's own API, against a server written from its documentation."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from direct_connections import DirectConnections
from hypothesis import given, settings
from hypothesis import strategies as st
from ollama_server import OllamaModel, OllamaServer, ollama_server
from providers_asked import CONVERSATION, answer_of, ask, text_of_answer

from victor_server.agent.events import (
    ModelEvent,
    Stopped,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    Usage,
)
from victor_server.agent.providers.ollama_answer import OllamaAnswer
from victor_server.agent.providers.ollama_context import LEAST, MOST_CHOSEN, Machine, chosen_context
from victor_server.agent.providers.ollama_native import OllamaProvider
from victor_server.agent.providers.ollama_request import ollama_body
from victor_server.agent.providers.provider import PullProgress
from victor_server.agent.providers.server_address import ServerAddress
from victor_server.errors import ContextTooLong, ProviderError, ProviderUnavailable, SettingsError
from victor_server.settings.profiles import Profile

SERVER = ServerAddress("ollama", "http://localhost:11434", "p", "m", 5)
INFO = OllamaModel("m").info
GIB = 1 << 30


@asynccontextmanager
async def served(
    *models: OllamaModel, context_tokens: int | None = None, **more: Any
) -> AsyncIterator[tuple[OllamaProvider, OllamaServer]]:
    """A provider for the model `m` at a server with these models."""
    async with ollama_server(*models, **more) as server:
        profile = Profile(
            "local", "ollama", "m", (server.wire.url,), context_tokens=context_tokens, timeout_s=20
        )
        provider = OllamaProvider(profile, "", DirectConnections())
        yield provider, server
        await provider.close()


def test_a_conversation_is_written_as_the_api_wants_it() -> None:
    """Results name their tool, the context and the bound are options, and nothing may be shifted out."""
    assert ollama_body(CONVERSATION, 8192) == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief. Be kind."},
            {"role": "user", "content": "add"},
            {
                "role": "assistant",
                "content": "I will. ",
                "thinking": "hm",
                "tool_calls": [{"function": {"name": "add", "arguments": {"a": 1, "é": "ü"}}}],
            },
            {"role": "tool", "content": "3", "tool_name": "add"},
            {"role": "tool", "content": "Error: no", "tool_name": ""},
        ],
        "stream": True,
        "truncate": False,
        "shift": False,
        "options": {"num_ctx": 8192, "num_predict": 64, "temperature": 0.0, "stop": ["END"]},
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "add",
                    "description": "Adds.",
                    "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}},
                },
            }
        ],
    }
    assert ollama_body(ask("x", json_schema={"type": "object"}), 1)["format"] == {"type": "object"}


@pytest.mark.parametrize(("given", "arguments"), [('{"a": 1}', {"a": 1}), ("", {}), (None, {})])
async def test_arguments_that_are_written_out(given: object, arguments: object) -> None:
    """Servers that resemble Ollama write arguments as text, as OpenAI's do; no argument is lost."""
    lines = ({"content": "", "tool_calls": [{"function": {"name": "add", "arguments": given}}]},)
    async with served(OllamaModel("m:latest"), lines=lines) as (provider, _):
        events = await answer_of(provider, ask("add"))
    (call,) = (event for event in events if isinstance(event, ToolCallDelta))
    assert json.loads(call.arguments) == arguments


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/"])
def test_its_own_api_is_found_beside_openais(path: str) -> None:
    """Many write the address that other programs want."""
    profile = Profile("p", "ollama", "m", (f"http://localhost:11434{path}",))
    assert OllamaProvider(profile, "", DirectConnections()).address == "http://localhost:11434"


async def test_an_answer() -> None:
    """Thoughts, text (also with characters at which other programs end lines), whole tool calls, usage, the end."""
    call = {"function": {"name": "add", "arguments": {"a": 1}}}
    lines = (
        {"content": "", "thinking": "hm"},
        {"content": "a\u0085b\u2028c"},
        {"content": "", "tool_calls": [call, call]},
    )
    async with served(OllamaModel("m:latest"), lines=lines) as (provider, _):
        assert await answer_of(provider, ask("two words")) == [
            ThinkingDelta("hm"),
            TextDelta("a\u0085b\u2028c"),
            ToolCallDelta(0, "call_0", "add", '{"a": 1}'),
            ToolCallDelta(1, "call_1", "add", '{"a": 1}'),
            Usage(2, 3),
            Stopped("tool_calls"),
        ]


async def test_the_context_is_asked_for_at_each_call() -> None:
    """What the capabilities say is what the server is asked for, always the same: another would load it again."""
    async with served(OllamaModel("m"), context_tokens=5000, lines=({"content": "hi"},)) as (
        provider,
        server,
    ):
        capabilities = await provider.capabilities("m")
        for _ in range(2):
            assert await text_of_answer(provider, ask("hello")) == "hi"
    assert capabilities.context_tokens == 5000
    assert capabilities.tools
    assert capabilities.fim
    assert not capabilities.thinking
    assert [request.data["options"]["num_ctx"] for request in server.asked("/api/chat")] == [5000, 5000]
    assert len(server.asked("/api/ps")) == 1


async def test_what_does_not_fit_is_not_sent() -> None:
    """Answer included; the message says what to change."""
    async with served(OllamaModel("m"), context_tokens=4000) as (provider, server):
        for request in (ask("word " * 5000), ask("x", max_output_tokens=4000)):
            with pytest.raises(ContextTooLong, match="do not fit the 4,000") as caught:
                await answer_of(provider, request)
            assert "local" in caught.value.fix
    assert server.asked("/api/chat") == []


async def test_a_cloud_model_by_another_name_is_not_asked() -> None:
    """`ollama cp` gives it a name like any: what is taken for a model of this machine must not be sent on."""
    cloud = OllamaModel("m", remote_host="https://ollama.com:443")
    async with served(cloud, context_tokens=5000, lines=({"content": "hi"},)) as (provider, server):
        with pytest.raises(SettingsError, match=r"on to https://ollama\.com:443") as caught:
            await answer_of(provider, ask("x"))
        assert "profile local" in caught.value.fix
        assert server.asked("/api/chat") == []


async def test_a_cloud_model_that_is_named_as_one_is_asked() -> None:
    """Then the router knows where it goes, and the policy was asked."""
    cloud = OllamaModel("m:cloud", remote_host="https://ollama.com:443")
    async with ollama_server(cloud, lines=({"content": "hi"},)) as server:
        profile = Profile("far", "ollama", "m:cloud", (server.wire.url,), timeout_s=20)
        provider = OllamaProvider(profile, "", DirectConnections())
        assert not provider.is_local
        assert (await provider.capabilities("m:cloud")).tools
        await provider.close()


async def test_a_server_that_gives_less_context_than_asked() -> None:
    """It is found out by what runs there; the call ends before its first word, and the next is not sent at all."""
    little = OllamaModel("m", most_context=2048)
    async with served(little, context_tokens=8192, lines=({"content": "hi"},)) as (provider, server):
        for _ in range(2):
            with pytest.raises(ContextTooLong, match="do not fit the 2,048"):
                await answer_of(provider, ask("x", max_output_tokens=3000))
        assert (await provider.capabilities("m")).context_tokens == 2048
        assert await text_of_answer(provider, ask("short")) == "hi"
    assert len(server.asked("/api/chat")) == 2


async def test_models_and_whether_ours_is_there() -> None:
    """`:latest` is what a name without a tag means; a missing model says how to fetch it."""
    async with served(OllamaModel("m:latest", size=7), OllamaModel("n:1b")) as (provider, _):
        assert [(model.name, model.size_bytes) for model in await provider.models()] == [
            ("m:latest", 7),
            ("n:1b", 4_700_000_000),
        ]
        await provider.check()
    async with served(OllamaModel("m:7b")) as (provider, _):
        with pytest.raises(ProviderUnavailable, match="has no model m") as caught:
            await provider.check()
        assert "victor models pull" in caught.value.fix
        with pytest.raises(ProviderUnavailable, match="has no model m"):
            await answer_of(provider, ask("x"))


async def test_a_model_is_pulled() -> None:
    """With its progress; afterwards it is there. One that is nowhere says so."""
    async with served() as (provider, _):
        progress = [step async for step in provider.pull("m")]
        assert progress[0] == PullProgress("pulling manifest")
        assert progress[2] == PullProgress("pulling abc", 512, 1024)
        assert progress[-1].status == "success"
        await provider.check()
        with pytest.raises(ProviderUnavailable, match="cannot fetch the model: pull model manifest"):
            _ = [step async for step in provider.pull("nowhere")]


async def test_cancelling_hangs_up() -> None:
    """Ollama stops working when its client is gone."""
    async with served(OllamaModel("m"), lines=({"content": "hi"},), hangs=True) as (provider, server):
        stream = provider.stream(ask("x"))
        assert await anext(stream) == TextDelta("hi")
        server.wire.closed.clear()
        await stream.aclose()
        async with asyncio.timeout(10):
            await server.wire.closed.wait()


async def test_closing_ends_open_streams() -> None:
    """A provider that is closed leaves no answer running."""
    async with served(OllamaModel("m"), lines=({"content": "hi"},), hangs=True) as (provider, _):
        stream = provider.stream(ask("x"))
        assert await anext(stream) == TextDelta("hi")
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        await provider.close()
        with pytest.raises(ProviderUnavailable):
            await waiting


@pytest.mark.parametrize(
    ("memory", "wanted", "chosen"),
    [
        (64 * GIB, None, 32_768),  # the model's own limit
        (12 * GIB, None, 32_768),
        (9 * GIB, None, 18_432),  # what fits beside the model
        (4 * GIB, None, LEAST),
        (4 * GIB, 20_000, 20_000),  # the person knows better
        (64 * GIB, 200_000, 32_768),  # but not better than the model
        (None, None, 16_384),
    ],
)
def test_the_context_fits_model_and_machine(memory: int | None, wanted: int | None, chosen: int) -> None:
    """As large as both can take, and no larger than is sensible without a word of the person."""
    assert chosen_context(INFO, 4_700_000_000, Machine(memory), wanted) == chosen


@settings(deadline=None, max_examples=100)
@given(
    st.dictionaries(
        st.sampled_from([*INFO, "x.context_length"]), st.none() | st.integers() | st.text(max_size=6)
    ),
    st.integers(0, 1 << 45),
    st.integers(0, 1 << 45),
)
def test_any_description_gives_a_context(info: dict[str, Any], size: int, memory: int) -> None:
    """Whatever a server tells of its model."""
    assert 0 < chosen_context(info, size, Machine(memory), None) <= MOST_CHOSEN


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "message",
                    "content",
                    "thinking",
                    "tool_calls",
                    "function",
                    "name",
                    "arguments",
                    "done",
                    "error",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@settings(deadline=None, max_examples=200)
@given(st.lists(_JSON, max_size=4))
def test_any_json_is_read_or_refused(lines: list[Any]) -> None:
    """Only errors of the tree get out; tool arguments are JSON objects."""
    answer = OllamaAnswer(SERVER)
    events: list[ModelEvent] = []
    try:
        for line in lines:
            events += answer.events(line)
        events += answer.end()
    except ProviderError:
        return
    assert isinstance(events[-1], Stopped)
    assert all(isinstance(json.loads(e.arguments), dict) for e in events if isinstance(e, ToolCallDelta))
