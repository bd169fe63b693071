"""The scripted provider replays exactly what its script says."""

import asyncio
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from providers_asked import answer_of, ask, text_of_answer

from victor_server.agent.events import Stopped, TextDelta, ThinkingDelta, ToolCallDelta, Usage
from victor_server.agent.providers.estimate import tokens_of_text
from victor_server.agent.providers.script import read_script
from victor_server.agent.providers.scripted import ScriptedProvider
from victor_server.errors import (
    BadResponse,
    ContextTooLong,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    UsageError,
)


def script(folder: Path, *lines: object) -> ScriptedProvider:
    """A provider of these replies."""
    file = folder / "script.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return ScriptedProvider(file)


async def test_replies_come_in_their_order(tmp_path: Path) -> None:
    """Each call takes one line, and a text of the script is one delta."""
    provider = script(tmp_path, {"text": "one"}, [{"text": "t"}, {"text": "wo"}])
    first, second = await answer_of(provider, ask("a")), await answer_of(provider, ask("b"))
    assert [first[0], first[-1]] == [TextDelta("one"), Stopped("end")]
    assert second[:2] == [TextDelta("t"), TextDelta("wo")]
    assert isinstance(first[1], Usage)
    assert not first[1].counted


async def test_past_the_end_it_says_so(tmp_path: Path) -> None:
    """A script does not begin again by itself."""
    provider = script(tmp_path, {"text": "one"})
    await answer_of(provider, ask("a"))
    with pytest.raises(BadResponse, match="has 1 reply, and this asks for one more"):
        await answer_of(provider, ask("b"))


async def test_tools_thinking_usage_and_stop_reasons(tmp_path: Path) -> None:
    """Everything that an answer may hold can be scripted."""
    tool = {"tool": {"name": "read_file", "arguments": {"path": "a.py"}}}
    provider = script(
        tmp_path,
        [{"thinking": "hm"}, tool, tool, {"usage": {"input_tokens": 5, "output_tokens": 7}}],
        [{"text": "no"}, {"stop": "refused"}],
    )
    events = await answer_of(provider, ask("a"))
    assert events[0] == ThinkingDelta("hm")
    assert [
        (event.index, event.name, json.loads(event.arguments))
        for event in events
        if isinstance(event, ToolCallDelta)
    ] == [(0, "read_file", {"path": "a.py"}), (1, "read_file", {"path": "a.py"})]
    assert events[-2:] == [Usage(5, 7), Stopped("tool_calls")]
    assert (await answer_of(provider, ask("b")))[-1] == Stopped("refused")


async def test_errors_of_the_tree(tmp_path: Path) -> None:
    """`{"error": KIND}` raises that error, before or after the first event."""
    provider = script(
        tmp_path,
        {"error": "rate_limited", "retry_after_s": 7},
        [{"text": "half an ans"}, {"error": "provider_unavailable"}],
    )
    with pytest.raises(RateLimited) as caught:
        await answer_of(provider, ask("a"))
    assert caught.value.retry_after_s == 7
    stream = provider.stream(ask("b"))
    assert await anext(stream) == TextDelta("half an ans")
    with pytest.raises(ProviderUnavailable):
        await anext(stream)


async def test_a_pause_belongs_to_the_next_reply(tmp_path: Path) -> None:
    """A line that only sleeps is no reply, and a cancelled sleep takes nothing but its own reply."""
    provider = script(tmp_path, {"sleep_ms": 60_000}, {"text": "late"}, {"text": "next"})
    await provider.check()
    task = asyncio.ensure_future(answer_of(provider, ask("a")))
    await asyncio.sleep(0)
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await text_of_answer(provider, ask("b")) == "next"


async def test_an_answer_is_held_to_its_bound(tmp_path: Path) -> None:
    """More than `max_output_tokens` is not given; a request that does not fit is refused."""
    events = await answer_of(script(tmp_path, {"text": "x" * 100}), ask("a", max_output_tokens=5))
    assert events[0] == TextDelta("x" * 20)
    assert events[-1] == Stopped("max_tokens")
    narrow = ScriptedProvider(tmp_path / "script.jsonl", context_tokens=50)
    with pytest.raises(ContextTooLong):
        await answer_of(narrow, ask("word " * 100))


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "[]",
        "5",
        '{"text": 5}',
        '{"error": "unheard of"}',
        '{"tool": {"arguments": {}}}',
        '{"txt": ""}',
        '{"sleep_ms": -1}',
        '{"stop": "whenever"}',
        '{"usage": {}}',
        "[" * 5000,
    ],
)
async def test_a_bad_script_names_its_line(tmp_path: Path, line: str) -> None:
    """What is no reply is refused with file and line."""
    (tmp_path / "s.jsonl").write_text('{"text": "fine"}\n' + line, encoding="utf-8")
    with pytest.raises(BadResponse, match="line 2"):
        await ScriptedProvider(tmp_path / "s.jsonl").check()


async def test_a_missing_script_and_its_models(tmp_path: Path) -> None:
    """A script that is not there is unavailable; nothing can be pulled."""
    provider = ScriptedProvider(tmp_path / "none.jsonl")
    with pytest.raises(ProviderUnavailable, match=r"none\.jsonl"):
        await provider.check()
    with pytest.raises(UsageError):
        await anext(provider.pull("x"))
    assert [model.name for model in await provider.models()] == ["none"]


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_script_or_an_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """Reading a script never fails in another way."""
    file = tmp_path_factory.getbasetemp() / "any.jsonl"
    file.write_bytes(data)
    try:
        read_script(file)
    except ProviderError:
        pass


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=300), st.text(max_size=300))
def test_an_estimate_grows_with_its_text(one: str, more: str) -> None:
    """More text is never fewer tokens by more than the piece at the seam, and other scripts count by their bytes."""
    assert tokens_of_text(one) <= tokens_of_text(one + more) + 2
    assert tokens_of_text("é" * 10) == 20


def test_an_estimate_takes_linear_time() -> None:
    """A megabyte of hostile text is estimated at once."""
    assert tokens_of_text("a" * (1 << 20)) < 1 << 20
    assert tokens_of_text(" " * (1 << 20)) < sys.maxsize
