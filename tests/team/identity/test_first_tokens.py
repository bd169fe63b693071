"""A tenant that is added ends in somebody who can administer it, and who may do nothing anywhere else."""

import asyncio
import json
from pathlib import Path

import pytest
from edge_of_team import attached
from team_backend import running_backend

from victor_server.cli.main import run
from victor_server.team.configuration.resolved import DatabaseSettings


async def test_its_administrator_is_one_there_alone(
    tmp_path: Path, postgres_settings: DatabaseSettings
) -> None:
    """The token may do everything in its tenant, and nothing in another's or with tenants; both logs say that it was made."""
    async with running_backend(tmp_path, database=postgres_settings) as it:
        await it.rpc("users/set", {"subject": "ann", "role": "developer"})
        await it.rpc("tenants/set", {"name": "bolt"})
        made = await it.rpc("tenants/token", {"name": "bolt"})
        token = made["token"]
        assert token.startswith("vk_bolt.")
        who = await it.rpc("team/whoami", token=token)
        assert (who["tenant"], who["role"], who["scopes"], who["operator"]) == ("bolt", "admin", ["*"], False)
        await it.rpc("users/set", {"subject": "bea", "role": "developer"}, token)
        named = [user["subject"] for user in (await it.rpc("users/list", token=token))["users"]]
        assert named == ["bea"]
        other = (await it.rpc("tokens/create", {"label": "next", "role": "admin"}, token))["token"]
        await it.rpc("tokens/revoke", {"id": made["about"]["id"]}, other)
        assert (await it.ask("team/whoami", {}, token)).status_code == 401
        for method, params in (
            ("tenants/list", {}),
            ("tenants/set", {"name": "cube"}),
            ("tenants/token", {"name": "default"}),
        ):
            assert (await it.ask(method, params, other)).status_code == 403
        assert (await it.ask("tenants/token", {"name": "none"}, it.operator)).status_code == 404
        for tenant, asker in (("default", it.operator), ("bolt", other)):
            page = await it.rpc("audit/search", {}, asker)
            said = {record["leaf"]["action"] for record in page["records"]}
            assert said >= ({"tenant.token"} if tenant == "default" else {"token.created"})
            assert token.rpartition(".")[2] not in json.dumps(page)


async def test_the_command_tells_it_once(
    tmp_path: Path,
    postgres_settings: DatabaseSettings,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`tenants create` tells a token with a new tenant and none with one that is there; `tenants token` makes another."""
    async with attached(tmp_path, database=postgres_settings) as it:
        file = tmp_path / "operator.token"
        file.write_text(it.backend.operator)
        where = ["--url", it.url, "--token-file", str(file), "--json"]

        async def told(*words: str) -> dict[str, object]:
            assert await asyncio.to_thread(run, ["team", "tenants", *words, *where]) == 0
            document: dict[str, object] = json.loads(capsys.readouterr().out)
            return document

        first = await told("create", "bolt")
        assert isinstance(first["token"], dict)
        who = await it.backend.rpc("team/whoami", token=str(first["token"]["token"]))
        assert who["tenant"] == "bolt"
        await told("disable", "bolt")
        again = await told("create", "bolt", "--region", "eu")
        assert again["token"] is None
        assert again["tenant"] == {"name": "bolt", "region": "eu", "disabled": True}
        await told("disable", "bolt", "--undo")
        assert str((await told("token", "bolt"))["token"]).startswith("vk_bolt.")
        assert await asyncio.to_thread(run, ["team", "tenants", "create", "cube", *where[:-1]]) == 0
        said = capsys.readouterr().out
        assert "vk_cube." in said
        assert "this once" in said
