"""Calls of tools that a model writes as text: taken for what is meant, and nothing else for a call."""

import json
from pathlib import Path
from typing import Any

import pytest
from agent.turns import ended, events_of, model, results, said, turn
from hypothesis import given, settings
from hypothesis import strategies as st
from offered_tools import Offered, toolbox

from victor_server.agent.messages import TextPart, ToolCallPart
from victor_server.agent.written_calls import written_calls

NAMES = frozenset({"read_file", "clock"})
CALL = '{"name": "read_file", "arguments": {"path": "a.py"}}'
READ = ("read_file", {"path": "a.py"})


@pytest.mark.parametrize(
    ("text", "rest", "calls"),
    [
        (CALL, "", [READ]),
        (f"\n```json\n{CALL}\n```\n", "", [READ]),
        (f"[{CALL}, {CALL}]", "", [READ, READ]),
        ('{"name": "clock", "parameters": {}}', "", [("clock", {})]),
        (f"<tool_call>\n{CALL}\n</tool_call>", "", [READ]),
        (f"I will look.\n<tool_call>{CALL}</tool_call>\n<tool_call>{CALL}", "I will look.\n", [READ, READ]),
    ],
)
def test_what_is_meant_as_a_call(text: str, rest: str, calls: list[Any]) -> None:
    """All that the answer is, fenced or not, or between tags."""
    assert written_calls(text, NAMES) == (rest, calls)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "read_file",
        f"A call looks like this: {CALL}",
        f"```json\n{CALL}\n```\nis what to write.",
        '{"name": "rm", "arguments": {}}',
        '{"name": "read_file", "version": "1.0", "arguments": {}}',
        '{"name": "read_file", "arguments": "a.py"}',
        '{"name": "read_file"}',
        f'[{CALL}, {{"name": "other", "arguments": {{}}}}]',
        f"<tool_call>{CALL}</tool_call><tool_call>nonsense</tool_call>",
        f"The file says <tool_call>{CALL}</tool_call> in its last line.",
        f"The file says:\n```\n<tool_call>{CALL}</tool_call>\n```",
        "[" * 100_000,
        "{" + " " * 300_000 + "}",
    ],
)
def test_what_is_an_answer(text: str) -> None:
    """Examples, other JSON, tools that there are not, half of one: it stays what it is."""
    assert written_calls(text, NAMES) == (text, [])


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet='{}[]"<>/tool_calnmergs: \n`', max_size=80))
def test_any_text(text: str) -> None:
    """It ends, and what is no call stays as it is."""
    rest, calls = written_calls(text, NAMES)
    assert calls or rest == text


async def test_a_turn_with_a_written_call(tmp_path: Path) -> None:
    """It runs as if it had been asked for; the conversation holds the call, not its text."""
    written = json.dumps({"name": "clock", "arguments": {"zone": "UTC"}})
    async with model(tmp_path, [{"text": written[:9]}, {"text": written[9:]}], "Noon.") as (
        services,
        requests,
    ):
        clock = Offered()
        events = await events_of(turn(tools=toolbox(clock)), services)
    assert clock.ran == ["UTC"]
    assert [event.status for event in ended(events)] == ["completed"]
    assert said(events) == f"{written}Noon."
    (call,) = requests[1].messages[1].parts
    assert isinstance(call, ToolCallPart)
    assert results(requests[1])[0].id == call.id


async def test_without_tools_it_is_text(tmp_path: Path) -> None:
    """Nobody offered any, so nobody is asked for one."""
    written = json.dumps({"name": "clock", "arguments": {}})
    async with model(tmp_path, written) as (services, requests):
        events = await events_of(turn(), services)
    assert said(events) == written
    assert len(requests) == 1
    assert not any(
        isinstance(part, TextPart) and part.text == written for part in requests[0].messages[0].parts
    )
