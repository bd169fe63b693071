"""Anthropic's Messages API: written, read, and spoken to a real server that knows it."""

import dataclasses
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from direct_connections import DirectConnections
from hypothesis import given, settings
from hypothesis import strategies as st
from model_server import ModelServer
from providers_asked import CONVERSATION, answer_of, ask
from raw_server import always, raw_server, response

from victor_server.agent.events import (
    ModelEvent,
    Stopped,
    StopReason,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    Usage,
)
from victor_server.agent.messages import (
    Message,
    ModelRequest,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
    assistant,
    user,
)
from victor_server.agent.providers.anthropic_answer import AnthropicAnswer
from victor_server.agent.providers.anthropic_messages import AnthropicProvider
from victor_server.agent.providers.anthropic_request import anthropic_body
from victor_server.agent.providers.server_address import ServerAddress
from victor_server.errors import ContextTooLong, ProviderAuth, ProviderError, UsageError
from victor_server.settings.profiles import Profile

SERVER = ServerAddress("anthropic", "http://localhost:1", "p", "m", 5)


def read(*chunks: Any) -> list[ModelEvent]:
    """The events of these chunks."""
    answer = AnthropicAnswer(SERVER)
    return [event for chunk in chunks for event in answer.events(chunk)] + list(answer.end())


def end(reason: str = "end_turn", **usage: int) -> list[dict[str, Any]]:
    """How a message ends."""
    return [
        {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage},
        {"type": "message_stop"},
    ]


def test_a_conversation_is_written_as_the_api_wants_it() -> None:
    """Blocks with their signatures, results in a message of the user, the stable prefix marked for the cache."""
    assert anthropic_body(dataclasses.replace(CONVERSATION, json_schema={"type": "object"})) == {
        "model": "m",
        "system": [
            {"type": "text", "text": "Be brief. ", "cache_control": {"type": "ephemeral"}},
            {"type": "text", "text": "Be kind."},
        ],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "add"}]},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "hm", "signature": "sig"},
                    {"type": "text", "text": "I will. "},
                    {"type": "tool_use", "id": "c1", "name": "add", "input": {"a": 1, "é": "ü"}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "c1", "content": "3", "is_error": False},
                    {
                        "type": "tool_result",
                        "tool_use_id": "c2",
                        "content": "no",
                        "is_error": True,
                        "cache_control": {"type": "ephemeral"},
                    },
                ],
            },
        ],
        "tools": [
            {
                "name": "add",
                "description": "Adds.",
                "input_schema": {"type": "object", "properties": {"a": {"type": "integer"}}},
            }
        ],
        "max_tokens": 64,
        "stream": True,
        "output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}},
        "temperature": 0.0,
        "stop_sequences": ["END"],
    }


def test_four_cache_points_at_most() -> None:
    """The API refuses more: the last four count."""
    texts = tuple(TextPart(str(n), stable=True) for n in range(6))
    body = anthropic_body(
        ModelRequest("m", (Message("user", texts),), 5, system=(TextPart("s", stable=True),))
    )
    assert "cache_control" not in body["system"][0]
    assert ["cache_control" in block for block in body["messages"][0]["content"]] == [False] * 2 + [True] * 4


def test_what_the_next_request_repeats_is_cached() -> None:
    """All before the question, whose context is shown with it once; where tools are to follow, the question as well."""
    conversation = (
        user("One?"),
        assistant("One."),
        user("Two?"),
        assistant("Two."),
        user("# Context ... Three?"),
    )
    request = ModelRequest("m", conversation, 5, system=(TextPart("s", stable=True),))

    def marked(request: ModelRequest) -> list[bool]:
        return ["cache_control" in message["content"][-1] for message in anthropic_body(request)["messages"]]

    assert marked(request) == [False, False, False, True, False]
    assert marked(dataclasses.replace(request, messages=conversation[:1])) == [False]
    tools = CONVERSATION.tools
    assert marked(dataclasses.replace(request, tools=tools)) == [False, False, False, True, True]
    called = Message("assistant", (ToolCallPart("c", "add", {}),))
    result = Message("tool", (ToolResultPart("c", "3"),))
    stepped = dataclasses.replace(request, tools=tools, messages=(*conversation, called, result))
    assert marked(stepped) == [False, False, False, True, False, False, True]


def test_what_the_api_would_refuse_is_left_out() -> None:
    """Empty texts, empty messages, thoughts that nobody signed; no temperature for models that take none."""
    unsigned = Message("assistant", (ThinkingPart("hm"),))
    request = ModelRequest("claude-opus-5", (user(""), unsigned, user("hi")), 5, temperature=0.0)
    body = anthropic_body(request)
    assert body["messages"] == [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]
    assert "temperature" not in body
    assert anthropic_body(dataclasses.replace(request, model="claude-sonnet-4-5"))["temperature"] == 0.0


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("end_turn", "end"),
        ("max_tokens", "max_tokens"),
        ("model_context_window_exceeded", "max_tokens"),
        ("stop_sequence", "stop_text"),
        ("tool_use", "tool_calls"),
        ("refusal", "refused"),
        ("something new", "end"),
    ],
)
def test_reasons_to_stop(told: str, reason: StopReason) -> None:
    """Each of the API's words."""
    assert read(*end(told)) == [Stopped(reason)]


def test_text_thoughts_tools_and_usage() -> None:
    """A message with every kind of block; usage adds up what was read from and written to the cache."""
    start = {
        "input_tokens": 10,
        "cache_read_input_tokens": 100,
        "cache_creation_input_tokens": 20,
        "output_tokens": 1,
    }
    events = read(
        {"type": "message_start", "message": {"usage": start}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "hm"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "s1"}},
        {"type": "content_block_stop", "index": 0},
        {
            "type": "content_block_start",
            "index": 1,
            "content_block": {"type": "redacted_thinking", "data": "d"},
        },
        {"type": "content_block_start", "index": 2, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 2, "delta": {"type": "text_delta", "text": "Yes."}},
        {
            "type": "content_block_start",
            "index": 3,
            "content_block": {"type": "tool_use", "id": "a", "name": "f"},
        },
        {
            "type": "content_block_delta",
            "index": 3,
            "delta": {"type": "input_json_delta", "partial_json": ""},
        },
        {
            "type": "content_block_delta",
            "index": 3,
            "delta": {"type": "input_json_delta", "partial_json": '{"x"'},
        },
        {
            "type": "content_block_delta",
            "index": 3,
            "delta": {"type": "input_json_delta", "partial_json": ":1}"},
        },
        {"type": "content_block_stop", "index": 3},
        {
            "type": "content_block_start",
            "index": 4,
            "content_block": {"type": "tool_use", "id": "b", "name": "g"},
        },
        {"type": "content_block_stop", "index": 4},
        {"type": "a_new_event"},
        *end("tool_use", output_tokens=50),
    )
    assert events == [
        Usage(130, 1, 100, 20),
        ThinkingDelta("hm"),
        ThinkingDelta("", "s1"),
        ThinkingDelta("", "redacted:d"),
        TextDelta("Yes."),
        ToolCallDelta(0, "a", "f"),
        ToolCallDelta(0, arguments='{"x"'),
        ToolCallDelta(0, arguments=":1}"),
        ToolCallDelta(1, "b", "g"),
        ToolCallDelta(1, arguments="{}"),
        Usage(130, 50, 100, 20),
        Stopped("tool_calls"),
    ]


def test_a_thought_goes_back_as_it_came() -> None:
    """Signed and hidden thoughts alike."""
    thoughts = Message(
        "assistant", (ThinkingPart("hm", "s1"), ThinkingPart("", "redacted:d"), TextPart("Yes."))
    )
    assert anthropic_body(ModelRequest("m", (user("q"), thoughts, user("and?")), 5))["messages"][1][
        "content"
    ][:2] == [
        {"type": "thinking", "thinking": "hm", "signature": "s1"},
        {"type": "redacted_thinking", "data": "d"},
    ]


_JSON = st.recursive(
    st.none()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["message_start", "text_delta", "tool_use"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "message", "usage", "index", "content_block", "delta", "text", "id", "name"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=200)
@given(st.lists(_JSON, max_size=4))
def test_any_json_is_read_or_refused(chunks: list[Any]) -> None:
    """Only errors of the tree get out; what is read ends with one Stopped."""
    try:
        events = read(*chunks, *end())
    except ProviderError:
        return
    assert [isinstance(event, Stopped) for event in events].count(True) == 1


@pytest.fixture
async def provider(real_server: ModelServer) -> AsyncIterator[AnthropicProvider]:
    """The real server, asked by its `/v1/messages`."""
    profile = Profile("claude", "anthropic", real_server.model, (real_server.base_url,), real_server.key)
    provider = AnthropicProvider(profile, "", DirectConnections())
    yield provider
    await provider.close()


async def test_a_real_server_answers(provider: AnthropicProvider) -> None:
    """Streamed, counted by the server, held to the bound; what was counted before is what is used."""
    # This server counts no input where an answer begins with a part of a character, as those of chance may.
    request = ask("Count to ten: 1, 2, 3,", max_output_tokens=16, temperature=0.0)
    events = await answer_of(provider, request)
    usage = [event for event in events if isinstance(event, Usage)][-1]
    assert any(isinstance(event, TextDelta) for event in events)
    assert 0 < usage.output_tokens <= 16
    assert await provider.count_tokens(request) == usage.input_tokens
    assert isinstance(events[-1], Stopped)


async def test_a_real_server_refuses(provider: AnthropicProvider, real_server: ModelServer) -> None:
    """Too much text, and a wrong key."""
    with pytest.raises(ContextTooLong):
        await answer_of(provider, ask("zanzibar " * 6000))
    wrong = AnthropicProvider(
        Profile("claude", "anthropic", "m", (real_server.base_url,), "w" * 20), "", DirectConnections()
    )
    with pytest.raises(ProviderAuth):
        await answer_of(wrong, ask("hi"))
    await wrong.close()


async def test_a_real_server_has_models(provider: AnthropicProvider) -> None:
    """It lists them; nothing can be pulled."""
    assert [model.name for model in await provider.models()] == ["smollm2"]
    await provider.check()
    with pytest.raises(UsageError):
        await anext(provider.pull("x"))


async def test_a_missing_key_is_told_before_anything_is_sent() -> None:
    """Anthropic answers nobody without a key."""
    provider = AnthropicProvider(Profile("c", "anthropic", "claude-sonnet-4-5"), "", DirectConnections())
    with pytest.raises(ProviderAuth, match="profile c has no key"):
        await answer_of(provider, ask("x"))
    assert not provider.is_local


async def test_the_server_describes_its_models() -> None:
    """What it says of a model counts before the table; a server that says nothing leaves the table's word."""
    described = {
        "id": "claude-new",
        "max_input_tokens": 1_000_000,
        "max_tokens": 128_000,
        "capabilities": {"thinking": {"supported": False}, "structured_outputs": {"supported": True}},
    }
    for body, context_tokens, thinking in ((described, 1_000_000, False), ({}, 200_000, True)):
        async with raw_server(always(response(200, body))) as server:
            provider = AnthropicProvider(
                Profile("c", "anthropic", "claude-new", (server.url,), "k" * 20), "", DirectConnections()
            )
            capabilities = await provider.capabilities("claude-new")
            await provider.close()
        assert server.requests[0].path == "/v1/models/claude-new"
        assert (capabilities.context_tokens, capabilities.thinking) == (context_tokens, thinking)
        assert capabilities.prompt_caching
        assert capabilities.counts_tokens


def test_blank_texts_are_no_blocks() -> None:
    """A block of white space is refused, and the conversation with it: it joins the text before, or is left out."""
    conversation = (
        Message("user", (TextPart("# Context", stable=True), TextPart("\n\n"), TextPart("Why?"))),
        Message("assistant", (TextPart(" \n"), ToolCallPart("c", "f", {}))),
        Message("user", (TextPart("\n"),)),
    )
    body = anthropic_body(ModelRequest("m", conversation, 8, system=(TextPart("Be kind."), TextPart(" "))))
    assert body["system"] == [{"type": "text", "text": "Be kind. "}]
    asked, answered = body["messages"]
    assert [block["text"] for block in asked["content"]] == ["# Context\n\n", "Why?"]
    assert "cache_control" in asked["content"][0]
    assert [block["type"] for block in answered["content"]] == ["tool_use"]


async def test_a_server_that_only_resembles_anthropics() -> None:
    """It knows the messages and no list of models: it is there, and the table's word counts."""
    async with raw_server(always(response(404, {"error": {"type": "not_found_error"}}))) as server:
        profile = Profile("c", "anthropic", "claude-sonnet-4-5", (server.url,), "k" * 20)
        provider = AnthropicProvider(profile, "", DirectConnections())
        assert (await provider.capabilities("claude-sonnet-4-5")).context_tokens == 200_000
        await provider.check()
        await provider.close()


async def test_what_is_counted_is_the_prompt_alone() -> None:
    """The route for counting refuses fields that only an answer needs."""
    async with raw_server(always(response(200, {"input_tokens": 42}))) as server:
        profile = Profile("c", "anthropic", "m", (server.url,), "k" * 20)
        provider = AnthropicProvider(profile, "", DirectConnections())
        assert await provider.count_tokens(CONVERSATION) == 42
        await provider.close()
    assert set(json.loads(server.requests[0].body)) == {"model", "messages", "system", "tools"}
    assert server.requests[0].headers["anthropic-version"]
    assert Path(server.requests[0].path).name == "count_tokens"
