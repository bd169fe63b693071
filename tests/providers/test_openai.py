"""What is written to and read from servers with OpenAI's API, where they differ."""

import json
from pathlib import Path
from typing import Any

import pytest
from direct_connections import DirectConnections
from hypothesis import given, settings
from hypothesis import strategies as st
from providers_asked import CONVERSATION, answer_of, ask
from raw_server import always, raw_server, response, sse, stream_head

from victor_server.agent.events import (
    ModelEvent,
    Stopped,
    StopReason,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    Usage,
)
from victor_server.agent.messages import ModelRequest, user
from victor_server.agent.providers.capabilities import DIALECTS
from victor_server.agent.providers.estimate import tokens_of_request
from victor_server.agent.providers.open import open_provider
from victor_server.agent.providers.openai_answer import OpenAIAnswer
from victor_server.agent.providers.openai_request import openai_body
from victor_server.agent.providers.server_address import ServerAddress
from victor_server.agent.saying import Saying
from victor_server.errors import ProviderAuth, ProviderError, ProviderUnavailable, SettingsError
from victor_server.secrets.redaction.session import RedactionSession
from victor_server.settings.profiles import Profile, ProviderName

SERVER = ServerAddress("vllm", "http://localhost:8000/v1", "p", "m", 5)


def read(*chunks: Any) -> list[ModelEvent]:
    """The events of these chunks."""
    answer = OpenAIAnswer(SERVER)
    return [event for chunk in chunks for event in answer.events(chunk)] + list(answer.end())


def delta(finish: str | None = None, **fields: Any) -> dict[str, Any]:
    """One chunk."""
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}


def test_a_conversation_is_written_as_the_api_wants_it() -> None:
    """System first and whole, tools by id, errors named, thoughts left out, the bound under its name."""
    assert openai_body(CONVERSATION, DIALECTS["vllm"]) == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief. Be kind."},
            {"role": "user", "content": "add"},
            {
                "role": "assistant",
                "content": "I will. ",
                "tool_calls": [
                    {
                        "id": "c1",
                        "type": "function",
                        "function": {"name": "add", "arguments": '{"a": 1, "é": "ü"}'},
                    }
                ],
            },
            {"role": "tool", "tool_call_id": "c1", "content": "3"},
            {"role": "tool", "tool_call_id": "c2", "content": "Error: no"},
        ],
        "max_tokens": 64,
        "stream": True,
        "stream_options": {"include_usage": True},
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
        "temperature": 0.0,
        "stop": ["END"],
    }


def test_what_openai_itself_wants_otherwise() -> None:
    """Another name for the bound, and no temperature for models that think."""
    body = openai_body(ask("x", model="gpt-5-mini", temperature=0.0), DIALECTS["openai"])
    assert body["max_completion_tokens"] == 64
    assert body.keys() & {"max_tokens", "temperature"} == set()
    assert openai_body(ask("x", model="gpt-4.1", temperature=0.0), DIALECTS["openai"])["temperature"] == 0.0


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        ({"type": "object", "properties": {"a": {}}, "required": ["a"], "additionalProperties": False}, True),
        ({"type": "object", "properties": {"a": {}}, "additionalProperties": False}, False),
        ({"type": "array", "items": {"type": "object"}}, False),
        ({"type": "array", "items": {"type": "string"}}, True),
    ],
)
def test_a_schema_is_strict_where_it_can_be(schema: dict[str, Any], *, strict: bool) -> None:
    """OpenAI refuses a strict schema with an open object."""
    body = openai_body(ask("x", json_schema=schema), DIALECTS["openai"])
    assert body["response_format"]["json_schema"] == {"name": "answer", "schema": schema, "strict": strict}


@pytest.mark.parametrize(
    ("finish", "more", "reason"),
    [
        ("stop", {}, "end"),
        ("length", {}, "max_tokens"),
        ("content_filter", {}, "refused"),
        ("something new", {}, "end"),
        ("stop", {"stop_reason": "END"}, "stop_text"),
        ("stop", {"stop_reason": None}, "end"),
    ],
)
def test_reasons_to_stop(finish: str, more: dict[str, Any], reason: StopReason) -> None:
    """Each of the API's words, and vLLM's own for a text to stop at."""
    chunk = delta(finish, content="x")
    chunk["choices"][0] |= more
    assert read(chunk) == [TextDelta("x"), Stopped(reason)]


def test_thinking_refusing_and_usage() -> None:
    """Thoughts under either name, a refusal as text that ends so, usage as the last word."""
    usage = {"prompt_tokens": 9, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 5}}
    assert read(
        delta(reasoning_content="a"),
        delta(reasoning="b"),
        delta(refusal="I will not."),
        delta("stop"),
        {"choices": [], "usage": usage},
    ) == [
        ThinkingDelta("a"),
        ThinkingDelta("b"),
        TextDelta("I will not."),
        Usage(9, 4, cache_read_tokens=5),
        Stopped("refused"),
    ]


def test_what_was_thought_counts_as_output() -> None:
    """Google leaves it out of the completion, and in the total."""
    usage = {"prompt_tokens": 20, "completion_tokens": 424, "total_tokens": 1016}
    assert read(delta("stop"), {"choices": [], "usage": usage})[0] == Usage(20, 996)


@pytest.mark.parametrize("finish", ["error", "abort"])
def test_an_end_that_is_none(finish: str) -> None:
    """What is said so far is no whole answer."""
    with pytest.raises(ProviderUnavailable, match="broke off"):
        read(delta(content="Half an"), delta(finish))


def call(name: str | None = None, arguments: str | None = None, **more: Any) -> dict[str, Any]:
    """One delta of a tool call."""
    return delta(tool_calls=[{"function": {"name": name, "arguments": arguments}, **more}])


@pytest.mark.parametrize(
    "chunks",
    [
        [call("f", '{"a"', index=0, id="x"), call(None, ":1}", index=0), call("g", "{}", index=1, id="y")],
        [
            call("f", "", index=0, id="x"),
            call("", '{"a":1}', index=0, id="x"),
            call("g", None, index=1, id="y"),
        ],
        [call("f", '{"a":1}', index=0, id="x"), call("g", "{}", index=0, id="y")],
        [call("f", '{"a":', id="x"), call(None, "1}"), call("g", "{}", id="y")],
        [
            call("f", '{"a":', index=0, id="x"),
            call(None, "1}", index=0, id="another"),
            call("g", "", index=1, id="y"),
            call(None, "{}", index=1, id="yet another"),
        ],
        [
            call("f", '{"a":', index=0, id="x"),
            call("g", "{", index=0, id="y"),
            call(None, "1}", index=0, id="x"),
            call(None, "}", index=0, id="y"),
        ],
    ],
    ids=[
        "as documented",
        "id repeated, arguments missing",
        "all numbered 0",
        "not numbered",
        "another id in each piece",
        "all numbered 0, in turns",
    ],
)
def test_tool_calls_of_all_servers(chunks: list[Any]) -> None:
    """However a server numbers its calls: two of them, whole, each with its id."""
    events = [event for event in read(*chunks, delta("stop")) if isinstance(event, ToolCallDelta)]
    calls = {event.index: (event.id, event.name) for event in reversed(events) if event.name}
    written = {index: "".join(e.arguments for e in events if e.index == index) for index in calls}
    assert calls == {0: ("x", "f"), 1: ("y", "g")}
    assert {index: json.loads(text) for index, text in written.items()} == {0: {"a": 1}, 1: {}}
    assert read(*chunks, delta("stop"))[-1] == Stopped("tool_calls")


def test_the_signature_of_a_call_goes_back_to_google() -> None:
    """Gemini 3 refuses its own call without it; others would refuse the field."""
    signed = {"extra_content": {"google": {"thought_signature": "c2lnbmVk"}}}
    event = read(call("f", "{}", id="x", index=0, **signed), delta("tool_calls"))[0]
    assert event == ToolCallDelta(0, "x", "f", "{}", "c2lnbmVk")
    saying = Saying(RedactionSession())
    for each in (event, Stopped("tool_calls")):
        assert not list(saying.hear(each))
    list(saying.finish())
    assert saying.message is not None
    request = ModelRequest("gemini-3-pro", (user("f"), saying.message), 8)
    (asked,) = saying.calls
    plain = {"id": asked.id, "type": "function", "function": {"name": "f", "arguments": "{}"}}
    written: dict[str, Any] = {
        name: openai_body(request, dialect)["messages"][1] for name, dialect in DIALECTS.items()
    }
    for name in ("google", "openai-compatible"):
        assert written[name]["tool_calls"] == [plain | signed]
    for name in ("openai", "vllm", "lmstudio", "llamacpp"):
        assert written[name]["tool_calls"] == [plain]


def test_a_call_without_an_id_is_given_one() -> None:
    """The result must name its call."""
    event = read(call("f", "{}"), delta("tool_calls"))[0]
    assert event == ToolCallDelta(0, "call_0", "f", "{}")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "choices",
                    "delta",
                    "content",
                    "tool_calls",
                    "index",
                    "id",
                    "function",
                    "name",
                    "usage",
                    "error",
                    "arguments",
                    "finish_reason",
                    "prompt_tokens",
                    "reasoning",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=200)
@given(st.lists(_JSON, max_size=4))
def test_any_json_is_read_or_refused(chunks: list[Any]) -> None:
    """Only errors of the tree get out; what is read ends with one Stopped."""
    try:
        events = read(*chunks)
    except ProviderError:
        return
    assert [isinstance(event, Stopped) for event in events].count(True) == 1
    assert isinstance(events[-1], Stopped)


async def test_a_missing_key_is_told_before_anything_is_sent() -> None:
    """OpenAI answers nobody without a key; the message names the profile."""
    async with raw_server(always(b"")) as server:
        profile = Profile("cloud", "openai", "gpt-5", (server.url,))
        with pytest.raises(ProviderAuth, match="profile cloud has no key"):
            await answer_of(open_provider(profile, "", DirectConnections(), home=Path()), ask("x"))
    assert server.requests == []


@pytest.mark.parametrize(
    ("provider", "path", "answer", "context_tokens"),
    [
        ("vllm", "/v1/models", {"data": [{"id": "m", "max_model_len": 4096}]}, 4096),
        ("lmstudio", "/api/v0/models", {"data": [{"id": "m", "loaded_context_length": 8192}]}, 8192),
        ("llamacpp", "/v1/models", {"default_generation_settings": {"n_ctx": 2048}}, 2048),
        ("openai-compatible", "/v1/models", {"data": [{"id": "other", "context_length": 512}]}, 512),
        ("openai-compatible", "/v1/models", {"data": 7}, None),
        (
            "vllm",
            "/v1/models",
            {"data": [{"id": "a", "max_model_len": 1}, {"id": "b", "max_model_len": 2}]},
            None,
        ),
    ],
)
async def test_the_context_size_is_asked_of_the_server(
    provider: ProviderName, path: str, answer: Any, context_tokens: int | None
) -> None:
    """Each kind of server tells it somewhere else; it is asked once."""
    async with raw_server(always(response(200, answer))) as server:
        opened = open_provider(
            Profile("p", provider, "m", (server.url,)), "", DirectConnections(), home=Path()
        )
        for _ in range(2):
            assert (await opened.capabilities("m")).context_tokens == context_tokens
        await opened.close()
    assert server.requests[0].path == path
    assert len(server.requests) <= 2


@pytest.mark.parametrize("provider", ["openai-compatible", "vllm", "lmstudio", "llamacpp"])
async def test_a_server_that_answers_and_describes_nothing(provider: ProviderName) -> None:
    """Many servers know the chat and no more: then nobody knows their context, and they are asked all the same."""
    async with raw_server(always(response(404, {"error": {"message": "Not Found"}}))) as server:
        opened = open_provider(
            Profile("p", provider, "m", (server.url,)), "", DirectConnections(), home=Path()
        )
        assert (await opened.capabilities("m")).context_tokens is None
        if provider == "openai-compatible":
            await opened.check()
        await opened.close()


async def test_what_the_profile_says_of_the_context_counts() -> None:
    """A person knows better; tables fill in what they say nothing of."""
    profile = Profile("p", "google", "gemini-2.5-pro", (), "k" * 20, context_tokens=1000)
    capabilities = await open_provider(profile, "", DirectConnections(), home=Path()).capabilities(
        profile.model
    )
    assert capabilities.context_tokens == 1000
    assert capabilities.max_output_tokens == 65_536


async def test_a_model_that_is_not_there() -> None:
    """`check` names those that are."""
    async with raw_server(
        always(response(200, {"data": [{"id": "models/one"}, {"id": "two"}, {"x": 1}]}))
    ) as server:
        opened = open_provider(
            Profile("p", "vllm", "three", (server.url,)), "", DirectConnections(), home=Path()
        )
        with pytest.raises(ProviderUnavailable, match="no model three") as caught:
            await opened.check()
        await opened.close()
    assert "one, two" in caught.value.fix


async def test_tokens_are_estimated_where_a_server_cannot_count() -> None:
    """A server without the route is no reason to fail."""
    async with raw_server(always(response(404, {}))) as server:
        opened = open_provider(Profile("p", "vllm", "m", (server.url,)), "", DirectConnections(), home=Path())
        assert await opened.count_tokens(ask("some words of text")) > 4
        await opened.close()


async def test_a_whole_answer_over_the_wire() -> None:
    """Address without a path gets /v1; what the server does not count is estimated; nothing behind the end counts."""
    data = stream_head() + sse(delta(content="Hi"), delta("stop"), "[DONE]") + b"data: {garbage\n\n"
    async with raw_server(always(data)) as server:
        opened = open_provider(Profile("p", "vllm", "m", (server.url,)), "", DirectConnections(), home=Path())
        request = ask("x")
        used = Usage(tokens_of_request(request), 1, counted=False)
        assert await answer_of(opened, request) == [TextDelta("Hi"), used, Stopped("end")]
        await opened.close()
    assert server.requests[0].path == "/v1/chat/completions"


@pytest.mark.parametrize(
    "url", ["localhost:8000", "ftp://x", "http://", "http://u:p@h/v1", "http://h/?a=b", "http://[::1"]
)
def test_an_address_that_is_none(url: str) -> None:
    """Refused when the provider is made, and credentials in it are not repeated."""
    with pytest.raises(SettingsError) as caught:
        open_provider(Profile("p", "vllm", "m", (url,)), "", DirectConnections(), home=Path())
    assert "u:p" not in caught.value.message


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://localhost:1", True),
        ("http://127.0.0.1:1", True),
        ("http://[::1]:1", True),
        ("http://10.0.0.1", False),
        ("https://localhost.example.com", False),
        ("https://api.openai.com", False),
    ],
)
def test_what_is_local(url: str, *, local: bool) -> None:
    """Loopback and nothing else."""
    assert (
        open_provider(Profile("p", "vllm", "m", (url,)), "", DirectConnections(), home=Path()).is_local
        is local
    )
