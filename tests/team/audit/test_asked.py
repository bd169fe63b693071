"""The audit log as it is asked for: by whom, and that each look at it is on record."""

from pathlib import Path
from typing import Any

import pytest
from team_backend import RunningBackend, running_backend

from victor_server.audit.verify import verify_lines
from victor_server.cli.audit_export import export_lines
from victor_server.protocol import METHODS, Shape

DECRYPTED = {"decrypt": True, "limit": 1_000}


async def records(it: RunningBackend, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await it.rpc("audit/search", {**DECRYPTED, **asked}))["records"]
    return found


async def test_an_export_over_the_network_verifies(tmp_path: Path) -> None:
    """With the keys that the backend tells; it holds what was done so far, and who looked stands in it afterwards."""
    async with running_backend(tmp_path) as it:
        await it.token("developer", "ada")

        async def ask(method: str, params: Shape) -> Any:
            return METHODS[method].result.model_validate(await it.rpc(method, params.model_dump()))

        keys = await it.backend.vault.verifying_keys("audit")
        for decrypt in (False, True):
            lines = [line async for line in export_lines(ask, "jsonl", decrypt=decrypt)]
            found = verify_lines(lines, keys=keys)
            assert (found.ok, found.truncation) == (True, "none"), found.reason
            assert found.records >= 3
        told = [each["leaf"]["action"] for each in await records(it)]
        assert told[-3:] == ["audit.searched", "audit.decrypted", "audit.decrypted"]


async def test_who_may(tmp_path: Path) -> None:
    """Nobody without the permission, whatever they ask; to read is not to decrypt."""
    roles = {"admin": ("*",), "auditor": ("audit:read",), "developer": ("chat:*",)}
    async with running_backend(tmp_path, roles=roles) as it:
        auditor, developer = await it.token("auditor"), await it.token("developer")
        assert (await it.ask("audit/search", {}, auditor)).status_code == 200
        assert (await it.ask("audit/head", {}, developer)).status_code == 200
        for method, params, token in (
            ("audit/search", {"decrypt": True}, auditor),
            ("audit/erase", {"subject": "developer"}, auditor),
            ("audit/retain", {"days": 0}, auditor),
            ("audit/search", {}, developer),
            ("audit/verify", {}, developer),
            ("audit/inclusion", {"seq": 1, "size": 1}, developer),
        ):
            assert (await it.ask(method, params, token)).status_code == 403, method


async def test_who_is_erased_is_out(tmp_path: Path) -> None:
    """Their token is good no more, their name is gone, and the log of the backend verifies."""
    async with running_backend(tmp_path) as it:
        token = await it.token("developer", "ada-of-tests")
        assert (await it.ask("team/whoami", {}, token)).status_code == 200
        before = len(await records(it))
        await it.rpc("audit/erase", {"subject": "ada-of-tests"})
        assert (await it.ask("team/whoami", {}, token)).status_code == 401
        assert (await it.ask("audit/erase", {"subject": "ada-of-tests"}, it.operator)).status_code == 404
        verdict = await it.rpc("audit/verify")
        assert (verdict["ok"], verdict["records"] > before) == (True, True)
        erased = [each for each in await records(it) if each["leaf"]["action"] == "audit.erased"]
        assert len(erased) == 1
        assert "record" not in erased[0]


async def test_what_is_old(tmp_path: Path) -> None:
    """It goes when an administrator says so, which is on record."""
    async with running_backend(tmp_path) as it:
        assert (await it.rpc("audit/retain", {"days": 0}))["records"] > 0
        assert (await it.rpc("audit/verify"))["pruned"] > 0
        told = [each["leaf"]["action"] for each in await records(it) if "leaf" in each]
        assert "audit.verified" in told


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("audit/consistency", {"first": 3, "second": 1}),
        ("audit/consistency", {"first": 0, "second": 10**9}),
        ("audit/inclusion", {"seq": 10**9, "size": 10**9}),
        ("audit/search", {"limit": 0}),
        ("audit/search", {"after": -1}),
        ("audit/erase", {"subject": ""}),
        ("audit/retain", {"days": -1}),
    ],
)
async def test_what_makes_no_sense(tmp_path: Path, method: str, params: dict[str, Any]) -> None:
    """It is refused in words."""
    async with running_backend(tmp_path) as it:
        response = await it.ask(method, params, it.operator)
        assert response.status_code == 400
        assert response.json()["error"]["kind"] == "usage"
