"""The real openai and anthropic libraries, as clients of the backend over a real socket."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest
import uvicorn
from team_backend import RunningBackend, running_backend, scripted

TOOL = [{"tool": {"name": "read_file", "arguments": {"path": "a.py"}}}]


@contextlib.asynccontextmanager
async def served(folder: Path, *replies: Any, **changed: Any) -> AsyncIterator[tuple[RunningBackend, str]]:
    """A backend that listens, and its address."""
    async with running_backend(folder, models=(scripted(folder, *replies),), **changed) as it:
        listening = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(it.app, lifespan="off", log_config=None, ws="none")
        server = uvicorn.Server(config)
        running = asyncio.ensure_future(server.serve(sockets=[listening]))
        try:
            yield it, f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running
            listening.close()


async def test_openai_streams(tmp_path: Path) -> None:
    """Text piece by piece, why it ended, and the tokens when asked for."""
    async with served(tmp_path, [{"text": "Hel"}, {"text": "lo"}]) as (it, url):
        token = await it.token("developer")
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=token) as client:
            stream = await client.chat.completions.create(
                model="small",
                messages=[{"role": "system", "content": "be kind"}, {"role": "user", "content": "hello"}],
                stream=True,
                stream_options={"include_usage": True},
            )
            chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "Hello"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens > 0


async def test_openai_calls_tools_and_is_told_errors(tmp_path: Path) -> None:
    """A whole answer with a tool call, its result sent back; a wrong token and a wrong model as the library's errors."""
    async with served(tmp_path, TOOL, [{"text": "done"}]) as (it, url):
        token = await it.token("developer")
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=token, max_retries=0) as client:
            tools: Any = [
                {"type": "function", "function": {"name": "read_file", "parameters": {"type": "object"}}}
            ]
            messages: Any = [{"role": "user", "content": "read it"}]
            asked = await client.chat.completions.create(model="small", messages=messages, tools=tools)
            calls = asked.choices[0].message.tool_calls
            assert calls is not None
            assert calls[0].type == "function"
            assert calls[0].function.name == "read_file"
            messages += [
                asked.choices[0].message.model_dump(exclude_none=True),
                {"role": "tool", "tool_call_id": calls[0].id, "content": "x = 1"},
            ]
            told = await client.chat.completions.create(model="small", messages=messages, tools=tools)
            assert told.choices[0].message.content == "done"
            with pytest.raises(openai.NotFoundError):
                await client.chat.completions.create(model="other", messages=messages)
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="vk_x", max_retries=0) as client:
            with pytest.raises(openai.AuthenticationError):
                await client.chat.completions.create(model="small", messages=messages)


async def test_an_idempotency_key_names_the_call(tmp_path: Path) -> None:
    """The same request under the same key is not sent a second time."""
    async with served(tmp_path, [{"text": "once"}], [{"text": "twice"}]) as (it, url):
        token = await it.token("developer")
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=token, max_retries=0) as client:
            headers = {"Idempotency-Key": "key-00000001"}
            messages: Any = [{"role": "user", "content": "hello"}]
            await client.chat.completions.create(model="small", messages=messages, extra_headers=headers)
            with pytest.raises(openai.ConflictError):
                await client.chat.completions.create(model="small", messages=messages, extra_headers=headers)
        status = await it.rpc("call/status", {"call_id": "key-00000001"}, token)
        assert status["state"] == "done"


async def test_anthropic_streams_and_calls_tools(tmp_path: Path) -> None:
    """By the key in the vendor's own header; text and tools as blocks, streamed and whole."""
    steps = [{"thinking": "hm"}, {"text": "Hel"}, {"text": "lo"}, *TOOL]
    async with served(tmp_path, steps, steps) as (it, url):
        key = await it.token("developer")
        async with anthropic.AsyncAnthropic(base_url=url, api_key=key, max_retries=0) as client:
            tools: Any = [{"name": "read_file", "input_schema": {"type": "object"}}]
            asked: Any = {
                "model": "small",
                "max_tokens": 100,
                "messages": [{"role": "user", "content": "hello"}],
                "tools": tools,
            }
            async with client.messages.stream(**asked) as stream:
                streamed = await stream.get_final_message()
            whole = await client.messages.create(**asked)
    for message in (streamed, whole):
        blocks = message.model_dump()["content"]
        assert [block["type"] for block in blocks] == ["thinking", "text", "tool_use"]
        assert blocks[1]["text"] == "Hello"
        assert blocks[2]["input"] == {"path": "a.py"}
        assert message.stop_reason == "tool_use"


async def test_anthropic_is_told_errors(tmp_path: Path) -> None:
    """As its library knows them, without what was sent."""
    async with served(tmp_path, [{"error": "rate_limited", "retry_after_s": 30}]) as (it, url):
        asked: Any = {"model": "small", "max_tokens": 9, "messages": [{"role": "user", "content": "private"}]}
        async with anthropic.AsyncAnthropic(base_url=url, api_key="vk_x", max_retries=0) as client:
            with pytest.raises(anthropic.AuthenticationError):
                await client.messages.create(**asked)
        key = await it.token("developer")
        async with anthropic.AsyncAnthropic(base_url=url, api_key=key, max_retries=0) as client:
            with pytest.raises(anthropic.RateLimitError) as caught:
                await client.messages.create(**asked)
            assert "private" not in str(caught.value)
            with pytest.raises(anthropic.BadRequestError):
                await client.messages.create(**{**asked, "max_tokens": -1})


async def test_a_client_that_goes_away_cancels_its_call(tmp_path: Path) -> None:
    """The provider's answer is not waited for; the call says that it was cancelled."""
    async with served(tmp_path, [{"text": "a"}, {"sleep_ms": 60_000}, {"text": "b"}]) as (it, url):
        token = await it.token("developer")
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=token, max_retries=0) as client:
            stream = await client.chat.completions.create(
                model="small",
                messages=[{"role": "user", "content": "hello"}],
                stream=True,
                extra_headers={"Idempotency-Key": "key-00000001"},
            )
            await anext(aiter(stream))
            await stream.close()
        state = "open"
        async with asyncio.timeout(20):
            while state == "open":
                await asyncio.sleep(0)  # what is asked in process waits for nothing: let the server read
                state = (await it.rpc("call/status", {"call_id": "key-00000001"}, token))["state"]
        assert state == "cancelled"
