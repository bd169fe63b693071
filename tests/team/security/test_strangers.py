"""Two tenants on PostgreSQL, and statements that have lost their `where tenant = …`: nobody sees or changes the other's."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from team_backend import RunningBackend, running_backend

from victor_server.protocol import METHODS
from victor_server.team.configuration.resolved import DatabaseSettings
from victor_server.team.store.postgres import PostgresTransaction

_OF_TENANT = re.compile(r"\b(?:\w+\.)?tenant = \$(\d+)")
_MARK = "acme-only"
_CALL = {"messages": [{"role": "user", "parts": [{"type": "text", "text": "hi"}]}], "max_output_tokens": 9}
_BUDGET = {"scope": "user", "subject": _MARK, "period": "day", "unit": "tokens"}
_MODEL = {"name": _MARK, "provider": "openai", "model": _MARK}
_LISTS = (
    "users/list", "tokens/list", "budgets/list", "keys/list", "models/list", "policy/state", "calls/mine",
    "usage/report", "consent/get", "audit/search", "audit/verify",
)  # fmt: skip


async def test_no_method_tells_or_changes_anothers(
    tmp_path: Path, postgres_settings: DatabaseSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An administrator of one tenant asks every method for what the other has, by its very names and ids."""
    async with running_backend(tmp_path, database=postgres_settings) as it:
        acme, bolt = await _tenant(it, "acme"), await _tenant(it, "bolt")
        await _fill(it, acme)
        token_ids = [each["id"] for each in (await it.rpc("tokens/list", token=acme))["tokens"]]
        n_removed = _without_tenants(monkeypatch)
        before = await _all_of(it, acme)
        assert _MARK in json.dumps(before)
        asked = [(name, params) for name in METHODS for params in _params(name, token_ids)]
        for name, params in asked:
            response = await it.ask(name, params, bolt)
            assert response.status_code in (200, 400, 403, 404), (name, response.text)
            if response.status_code == 200 and _MARK not in json.dumps(params):
                assert _MARK not in response.text, name
        assert {name for name, _ in asked} == set(METHODS) - {"call/start"}
        assert n_removed
        assert await _all_of(it, acme) == before


async def test_a_token_of_one_is_nobodys_in_the_other(
    tmp_path: Path, postgres_settings: DatabaseSettings
) -> None:
    """The tenant's name stands readable in a token; another one written there opens nothing."""
    async with running_backend(tmp_path, database=postgres_settings) as it:
        acme = await _tenant(it, "acme")
        await _tenant(it, "bolt")
        for other in ("bolt", "default", "*", "nobody"):
            response = await it.ask("team/whoami", {}, acme.replace("vk_acme.", f"vk_{other}."))
            assert response.status_code == 401, response.text
        assert (await it.rpc("team/whoami", token=acme))["tenant"] == "acme"


async def _tenant(it: RunningBackend, name: str) -> str:
    """A tenant, and the token of an administrator of it."""
    await it.rpc("tenants/set", {"name": name})
    return str((await it.rpc("tenants/token", {"name": name}))["token"])


async def _fill(it: RunningBackend, token: str) -> None:
    """Something of everything."""
    for name, params in (
        ("users/set", {"subject": _MARK, "role": "developer", "teams": [_MARK]}),
        ("tokens/create", {"label": _MARK, "subject": _MARK}),
        ("budgets/set", {**_BUDGET, "limit": 7}),
        ("keys/set", {"name": _MARK, "value": "a1B2c3D4e5F6"}),
        ("models/set", {**_MODEL, "key": _MARK}),
        ("policy/set", {"denied_tools": [_MARK]}),
        ("consent/set", {"purpose": "acme_only", "given": True}),
    ):
        await it.rpc(name, params, token)
    edge = await it.attach(token)
    told = await edge.request("call/start", call_id="acme-only-1", request=_CALL, session_id=_MARK)
    assert told["result"]["state"] == "done"


async def _all_of(it: RunningBackend, token: str) -> dict[str, Any]:
    """What the tenant's administrator sees of it, but for what looking adds."""
    told = {name: await it.rpc(name, {}, token) for name in _LISTS}
    for each in told["tokens/list"]["tokens"]:
        each.pop("last_used_us")
    told["audit/search"] = [
        each for each in told["audit/search"]["records"] if not each["leaf"]["action"].startswith("audit.")
    ]
    told["audit/verify"] = told["audit/verify"]["ok"]
    return told


def _params(name: str, token_ids: list[str]) -> list[dict[str, Any]]:
    """What to ask of a method so that it would hit what the other tenant has."""
    named: dict[str, list[dict[str, Any]]] = {
        "call/start": [],
        "call/cancel": [{"call_id": "acme-only-1"}],
        "call/status": [{"call_id": "acme-only-1"}],
        "events/deliver": [{"install": _MARK, "events": []}],
        "consent/set": [{"purpose": "acme_only", "given": False}],
        "audit/consistency": [{"first": 1, "second": 2}],
        "audit/inclusion": [{"seq": 1, "size": 1}],
        "audit/erase": [{"subject": _MARK}],
        "audit/retain": [{"days": 0}],
        "audit/search": [{}, {"decrypt": True}, {"subject": _MARK}],
        "users/set": [{"subject": _MARK, "role": "readonly", "disabled": True}],
        "users/remove": [{"subject": _MARK}],
        "users/revoke": [{"subject": _MARK}],
        "tokens/create": [{"label": "x"}],
        "tokens/revoke": [{"id": each} for each in token_ids],
        "budgets/set": [{**_BUDGET, "limit": 0}],
        "budgets/remove": [_BUDGET],
        "keys/set": [{"name": _MARK, "value": "another"}],
        "keys/remove": [{"name": _MARK}],
        "models/set": [_MODEL],
        "models/remove": [{"name": _MARK}],
        "tenants/set": [{"name": "acme", "disabled": True}],
        "tenants/token": [{"name": "acme"}],
        "tenants/remove": [{"name": "acme"}],
    }
    return named.get(name, [{}])


def _without_tenants(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """From now on no statement looks at tenants itself. Returns those that did."""
    changed: list[str] = []

    def without(sql: str) -> str:
        looser = _OF_TENANT.sub(r"$\1::text is not null", sql)
        if looser != sql:
            changed.append(sql)
        return looser

    for name in ("rows", "row", "execute", "many"):
        ask = getattr(PostgresTransaction, name)

        async def loosely(self: Any, sql: str, *values: Any, ask: Any = ask) -> Any:
            return await ask(self, without(sql), *values)

        monkeypatch.setattr(PostgresTransaction, name, loosely)
    return changed
