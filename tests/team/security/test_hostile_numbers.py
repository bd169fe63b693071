"""Numbers that no store holds, and JSON that is nested without end, are refused as what they are: never a bug."""

import itertools
import json
import sys
from pathlib import Path

import pytest
from team_backend import running_backend

from victor_server.agent.events import Stopped, ToolCallDelta
from victor_server.secrets.redaction.session import RedactionSession
from victor_server.team.connection.frames import BadFrame, read_frame
from victor_server.team.gateway.restoring import Restoring

_TOO_LARGE = ("18446744073709551616", "-18446744073709551616", "9" * 400)
_MODEL = ',"name":"a","provider":"openai","model":"m"'
_FIELDS = (
    ("calls/mine", "before_us", ""),
    ("audit/search", "after", ""),
    ("audit/search", "since_us", ""),
    ("audit/search", "until_us", ""),
    ("audit/inclusion", "seq", ',"size":1'),
    ("audit/consistency", "second", ',"first":0'),
    ("models/set", "max_output_tokens", _MODEL),
    ("models/set", "context_tokens", _MODEL),
    ("models/set", "input_usd", _MODEL + ',"output_usd":1'),
    ("budgets/set", "limit", ',"scope":"tenant","subject":"","period":"day","unit":"usd"'),
)


async def test_a_number_that_no_store_holds(tmp_path: Path) -> None:
    """It is the asker's mistake, and nothing is written."""
    async with running_backend(tmp_path) as it:
        headers = {"authorization": f"Bearer {it.operator}"}
        before = (await it.rpc("audit/head"))["size"]
        for number, (method, field, rest) in itertools.product(_TOO_LARGE, _FIELDS):
            body = f'{{"{field}":{number}{rest}}}'.encode()
            response = await it.http.post(f"/v1/rpc/{method}", content=body, headers=headers)
            assert (response.status_code, response.json()["error"]["kind"]) == (400, "usage"), response.text
            assert number not in response.text
        assert (await it.rpc("audit/head"))["size"] == before


async def test_a_price_without_end(tmp_path: Path) -> None:
    """`1e999` is JSON, and infinite once it is read."""
    async with running_backend(tmp_path) as it:
        body = b'{"name":"a","provider":"openai","model":"m","input_usd":1e999,"output_usd":1}'
        headers = {"authorization": f"Bearer {it.operator}"}
        response = await it.http.post("/v1/rpc/models/set", content=body, headers=headers)
        assert (response.status_code, response.json()["error"]["kind"]) == (400, "usage"), response.text


async def test_an_address_that_is_none(tmp_path: Path) -> None:
    """It is the asker's mistake, not that the backend is away: a client would ask again and again."""
    async with running_backend(tmp_path) as it:
        for address in (
            "https://2130706433/",
            "https://0x7f.1/",
            "https://a@b.example/",
            "https://x.example:0/",
        ):
            asked = {"name": "a", "provider": "openai-compatible", "model": "m", "base_url": address}
            response = await it.ask("models/set", asked, it.operator)
            assert (response.status_code, response.json()["error"]["kind"]) == (400, "usage"), response.text


def test_frames_nested_without_end() -> None:
    """Also just where reading still works and writing does not: every depth is a frame, or a bad one."""
    taken = [depth for depth in range(1, sys.getrecursionlimit() + 50) if _is_taken(depth)]
    assert 30 in taken
    assert taken == list(range(1, len(taken) + 1))
    assert len(taken) < 250, "deeper than what comes after can write"


def _is_taken(depth: int) -> bool:
    nested = "[" * depth + "]" * depth
    try:
        read_frame(f'{{"jsonrpc":"2.0","method":"a","params":{{"x":"\\u0041","y":{nested}}}}}')
    except BadFrame:
        return False
    return True


async def test_bodies_nested_without_end(tmp_path: Path) -> None:
    """In a tool's parameters, in arguments that are JSON within JSON, in an edge's event."""
    async with running_backend(tmp_path) as it:
        headers = {"authorization": f"Bearer {it.operator}"}
        for depth in (260, 500, 900, 5_000):
            for path, text in _bodies('{"a":' * depth + "1" + "}" * depth):
                response = await it.http.post(path, content=text.encode(), headers=headers)
                assert response.status_code == 400, response.text


def _bodies(nested: str) -> list[tuple[str, str]]:
    asked = {"role": "user", "content": "hi"}
    call = {"id": "c", "type": "function", "function": {"name": "t", "arguments": nested}}
    said = {"role": "assistant", "content": None, "tool_calls": [call]}
    got = {"role": "tool", "tool_call_id": "c", "content": "x"}
    tool = {"type": "function", "function": {"name": "t", "parameters": "HERE"}}
    offered = json.dumps({"model": "small", "messages": [asked], "tools": [tool]})
    event = json.dumps({"install": "i", "events": [{"seq": 1, "kind": "audit", "body": "HERE"}]})
    return [
        ("/v1/chat/completions", offered.replace('"HERE"', nested)),
        ("/v1/chat/completions", json.dumps({"model": "small", "messages": [asked, said, got]})),
        ("/v1/rpc/events/deliver", event.replace('"HERE"', nested)),
    ]


@pytest.mark.parametrize("depth", [200, 400, 900, 5_000])
def test_a_model_that_nests_without_end(depth: int) -> None:
    """What it says is passed on; it ends nothing."""
    nested = '{"a":' * depth + "1" + "}" * depth
    with RedactionSession() as session:
        restoring = Restoring(session)
        told = restoring.feed(ToolCallDelta(0, "c", "t", nested))
        told += restoring.feed(Stopped("tool_calls"))
    arguments = "".join(event.arguments for event in told if isinstance(event, ToolCallDelta))
    assert arguments.replace(" ", "") == nested
