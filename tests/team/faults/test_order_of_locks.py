"""All transactions take their locks in one order, so that no two of them wait for each other."""

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from team_backend import RunningBackend, running_backend

from victor_server.team.store.sqlite_transaction import SqliteTransaction

Order = list[str]

_LOCKS = re.compile(
    r"\s*(?:update (\w+)|delete from (\w+)|insert into (\w+).* on conflict .* do update)", re.DOTALL
)
"""A line that nobody knew of before is no lock that another waits for: other inserts do not count."""


@pytest.fixture
def orders(monkeypatch: pytest.MonkeyPatch) -> dict[SqliteTransaction, Order]:
    """The tables of which each transaction changed lines, in the order in which it began to."""
    seen: defaultdict[SqliteTransaction, Order] = defaultdict(list)
    for name in ("rows", "row", "execute"):
        real = getattr(SqliteTransaction, name)

        async def watched(tx: SqliteTransaction, sql: str, *values: Any, real: Any = real) -> Any:
            found = _LOCKS.match(sql)
            if found is not None and (table := next(filter(None, found.groups()))) not in seen[tx]:
                seen[tx].append(table)
            return await real(tx, sql, *values)

        monkeypatch.setattr(SqliteTransaction, name, watched)
    return seen


async def test_one_order(tmp_path: Path, orders: dict[SqliteTransaction, Order]) -> None:
    """Whatever is asked: a table that one transaction locks before another table, none locks after it."""
    async with running_backend(tmp_path) as it:
        await _everything(it)
    before = {
        (first, second): order
        for order in orders.values()
        for at, first in enumerate(order)
        for second in order[at + 1 :]
    }
    crossed = [(before[pair], before[pair[::-1]]) for pair in before if pair[::-1] in before]
    assert not crossed
    for pair in (
        ("calls", "budget_use"),
        ("budget_use", "usage"),
        ("installs", "usage"),
        ("api_tokens", "users"),
    ):
        assert pair in before, "what this is about was done"


async def _everything(it: RunningBackend) -> None:
    token = await it.token("developer", "ada", teams=("core",))
    edge = await it.attach(token)
    messages = [{"role": "user", "parts": [{"type": "text", "text": "Hi"}]}]
    asked = {"messages": messages, "max_output_tokens": 8}
    answer = await edge.request("call/start", call_id="call-0001", request=asked)
    assert answer["result"]["state"] == "done", answer
    assert (await edge.request("events/deliver", install="one", events=_EVENTS))["result"]["acked"] == 2
    budget = {"scope": "user", "subject": "ada", "period": "day", "limit": 1_000_000, "unit": "tokens"}
    await it.rpc("budgets/set", budget)
    await it.rpc("consent/set", {"purpose": "model_calls", "given": True}, token)
    await it.rpc("policy/set", {"denied_tools": ["fetch_url"]})
    await it.rpc("users/revoke", {"subject": "ada"})
    await it.token("developer", "ada")
    await it.rpc("audit/erase", {"subject": "ada"})
    await it.token("developer", "bob")
    await it.rpc("users/remove", {"subject": "bob"})


_EVENTS = [
    {
        "seq": 1,
        "kind": "usage",
        "body": {"at_us": 1, "provider": "anthropic", "model": "m", "input_tokens": 7, "output_tokens": 2},
    },
    {
        "seq": 2,
        "kind": "audit",
        "body": {"at_us": 1, "user": "me", "action": "edit_decided", "session_id": "s", "success": True},
    },
]
