"""SIGHUP: `victor serve` reads its configuration again while people are attached, says so, and keeps the old one if need be."""

import signal
from pathlib import Path
from typing import Any

import httpx2
import pytest
from team_program import Served, configure, scripted_option, served

pytestmark = pytest.mark.e2e

_READ = "the configuration was read again"
_WRONG = "the configuration is wrong, so the old one goes on"


async def test_another_configuration_holds_at_once(tmp_path: Path) -> None:
    """Models, roles and limits; it is on record with what they were and are; a wrong file after it changes nothing."""
    old, new = (scripted_option(tmp_path, name, {"text": "x"}, times=9) for name in ("old", "new"))
    file = configure(tmp_path, models={"old": old})
    async with served(tmp_path, file) as it, it.http() as http:
        developer = await _developer(http)
        assert await _status(http, developer, "new") == 404
        assert (await http.post("/v1/rpc/users/list", json={}, headers=developer)).status_code == 403

        limits = {"requests_per_minute": 2}
        roles = {"admin": {"permissions": ["*"]}, "developer": {"permissions": ["chat:*", "users:read"]}}
        configure(tmp_path, models={"new": new}, roles=roles, limits=limits)
        await _hang_up(it, _READ)
        assert await _status(http, developer, "old") == 404
        assert (await http.post("/v1/rpc/users/list", json={}, headers=developer)).status_code == 200
        changed = await _recorded(http)
        assert {"models.new.provider", "models.old.provider", "roles.developer"} <= changed.keys()
        assert changed["limits.requests_per_minute"] == {"before": "120", "after": "2"}
        assert 429 in [await _status(http, developer, "new") for _ in range(3)]

        file.write_text("models: {worse: {provider: nobody}}\nlimits: {requests_per_minute: -1}\n")
        await _hang_up(it, _WRONG)
        assert (await _models(http)) == {"new"}
        assert (await http.post("/v1/rpc/users/list", json={}, headers=developer)).status_code == 200
        assert await _recorded(http) == changed
        it.signal(signal.SIGTERM)
        assert await it.process.wait() == 0


async def _hang_up(it: Served, words: str) -> None:
    """Send SIGHUP, and wait until its log says what came of it."""
    it.signal(signal.SIGHUP)
    async with it.http() as http:
        while words not in it.log.read_text():
            await http.get("/health")


async def _developer(http: httpx2.AsyncClient) -> dict[str, str]:
    await http.post("/v1/rpc/users/set", json={"subject": "ada", "role": "developer"})
    asked = {"label": "laptop", "subject": "ada", "role": "developer"}
    made = (await http.post("/v1/rpc/tokens/create", json=asked)).json()
    return {"authorization": f"Bearer {made['token']}"}


async def _status(http: httpx2.AsyncClient, headers: dict[str, str], model: str) -> int:
    body = {"model": model, "messages": [{"role": "user", "content": "hi"}], "max_tokens": 9}
    return (await http.post("/v1/chat/completions", json=body, headers=headers)).status_code


async def _models(http: httpx2.AsyncClient) -> set[str]:
    told = (await http.post("/v1/rpc/models/list", json={})).json()
    return {model["name"] for model in told["models"]}


async def _recorded(http: httpx2.AsyncClient) -> dict[str, Any]:
    """What the only record of it says was changed."""
    asked = {"action": "configuration_changed", "decrypt": True}
    (record,) = (await http.post("/v1/rpc/audit/search", json=asked)).json()["records"]
    found: dict[str, Any] = record["record"]["details"]["changed"]
    return found
