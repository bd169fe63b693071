"""What one person's call leaves behind is of no use to another: its id, its answer, its state."""

from pathlib import Path
from typing import Any

import pytest
from gateways import add_tenant, asked, principal, running_gateway, scripted_model, text_of
from team_backend import running_backend, scripted

from victor_server.agent.events import ToolCallDelta
from victor_server.errors import Forbidden
from victor_server.protocol import CallStatus
from victor_server.team.configuration.resolved import CacheSettings
from victor_server.team.store.database import Database

_KEY = "same-key-0001"


def _told(text: str) -> dict[str, Any]:
    return {"model": "small", "messages": [{"role": "user", "content": text}]}


async def test_the_same_idempotency_key_of_two_people(tmp_path: Path) -> None:
    """Each has a call of their own; of the other's nothing is told, and none ends it."""
    replies = ([{"text": "for ann"}], [{"text": "for bob"}])
    async with running_backend(tmp_path, models=(scripted(tmp_path, *replies),)) as it:
        ann, bob = await it.token("developer", "ann"), await it.token("developer", "bob")
        said = []
        for token, text in ((ann, "of ann"), (bob, "of bob")):
            headers = {"authorization": f"Bearer {token}", "idempotency-key": _KEY}
            response = await it.http.post("/v1/chat/completions", json=_told(text), headers=headers)
            assert response.status_code == 200, response.text
            said.append(response.json()["choices"][0]["message"]["content"])
            other = await it.http.post("/v1/chat/completions", json=_told("another"), headers=headers)
            assert (other.status_code, "answered before" in other.text) == (409, False), other.text
        assert said == ["for ann", "for bob"]


async def test_a_call_of_somebody_else(tmp_path: Path) -> None:
    """By its very id: not there, neither to look at nor to cancel, and no line of one's list."""
    async with running_backend(tmp_path) as it:
        ann, bob = await it.token("developer", "ann"), await it.token("developer", "bob")
        headers = {"authorization": f"Bearer {ann}", "idempotency-key": _KEY}
        await it.http.post("/v1/chat/completions", json=_told("hi"), headers=headers)
        for method in ("call/status", "call/cancel"):
            for token in (bob, it.operator):
                response = await it.ask(method, {"call_id": _KEY}, token)
                assert response.status_code == 404, response.text
        assert (await it.rpc("calls/mine", token=bob))["calls"] == []
        assert [each["call_id"] for each in (await it.rpc("calls/mine", token=ann))["calls"]] == [_KEY]


async def test_an_answer_with_a_tool_is_kept_for_those_who_may_use_it(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """Who may not have the tool asks anew: no call of it comes out of the cache."""
    await add_tenant(sqlite_database)
    called = {"tool": {"name": "write_file", "arguments": {"path": "a.py", "content": "x"}}}
    model = scripted_model(tmp_path, called, "without", "never asked")
    caching = CacheSettings(enabled=True)
    async with running_gateway(sqlite_database, tmp_path, model, caching=caching) as it:
        start = asked(task="explanation", tools=("write_file",))
        first = await it.told(principal(), start)
        assert any(isinstance(event, ToolCallDelta) for event in first)
        reader = principal("bob", permissions=("chat:*",))
        second = await it.told(reader, asked(call_id="call-0002", task="explanation", tools=("write_file",)))
        assert not any(isinstance(event, ToolCallDelta) for event in second)
        assert text_of(second) == "without"
        again = (await it.told(principal("cid"), start))[-1]
        assert isinstance(again, CallStatus)
        assert again.cached


async def test_who_may_ask_nothing_gets_no_kept_answer(sqlite_database: Database, tmp_path: Path) -> None:
    """Whatever others have asked before: rights and budgets come before the cache."""
    await add_tenant(sqlite_database)
    caching = CacheSettings(enabled=True)
    async with running_gateway(
        sqlite_database, tmp_path, scripted_model(tmp_path, "kept"), caching=caching
    ) as it:
        await it.told(principal(), asked(task="explanation"))
        reader = principal("bob", permissions=("chat:read",))
        with pytest.raises(Forbidden):
            await it.told(reader, asked(call_id="call-0002", task="explanation"))
