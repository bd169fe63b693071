"""The configuration is read again while the backend serves."""

import base64
import os
from dataclasses import replace
from pathlib import Path

import pytest
from team_backend import RunningBackend, running_backend

from victor_server.team.operations.reload import reload

ASKED = {"messages": [{"role": "user", "content": "Hello."}], "model": "small"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A configuration, with its master key beside it."""
    key = tmp_path / "other.key"
    key.touch(mode=0o600)
    key.write_text(base64.b64encode(os.urandom(32)).decode())
    return tmp_path / "team.yaml"


def write(file: Path, text: str) -> None:
    """Another configuration."""
    file.write_text(f"encryption: {{master_key: {{file: other.key}}}}\n{text}\n", encoding="utf-8")


async def read_again(it: RunningBackend, file: Path) -> list[str]:
    """As SIGHUP does it; what changed, and holds now."""
    it.backend.settings = replace(it.backend.settings, file=file)
    found = await reload(it.backend, {})
    return [each.name for each in found if not each.needs_restart]


async def test_rates_hold_for_the_next_request(tmp_path: Path, file: Path) -> None:
    """One request a minute from now on: the second one is too many."""
    async with running_backend(tmp_path) as it:
        headers = {"authorization": f"Bearer {await it.token('developer')}"}
        for _ in range(3):
            answer = await it.http.post("/v1/chat/completions", json=ASKED, headers=headers)
            assert answer.status_code != 429
        write(file, "limits: {requests_per_minute: 1}")
        assert "limits.requests_per_minute" in await read_again(it, file)
        await it.http.post("/v1/chat/completions", json=ASKED, headers=headers)
        answer = await it.http.post("/v1/chat/completions", json=ASKED, headers=headers)
        assert answer.status_code == 429


async def test_roles_hold_at_once_and_are_on_record(tmp_path: Path, file: Path) -> None:
    """A right that was given can be used; the audit log says that it was."""
    async with running_backend(tmp_path) as it:
        token = await it.token("developer")
        assert (await it.ask("users/list", {}, token)).status_code == 403
        roles = "developer: {permissions: ['users:read']}, admin: {permissions: ['*']}"
        write(file, f"roles: {{{roles}}}")
        assert "roles.developer" in await read_again(it, file)
        assert (await it.ask("users/list", {}, token)).status_code == 200
        page = await it.rpc("audit/search", {"action": "configuration_changed"})
        assert len(page["records"]) == 1


async def test_what_others_were_built_of_waits(tmp_path: Path, file: Path) -> None:
    """Where rates are counted, and which answers are kept, holds from the next start on, and is told so."""
    async with running_backend(tmp_path) as it:
        write(file, "limits: {backend: redis}\nredis: {url: 'redis://127.0.0.1:1'}\ncaching: {enabled: true}")
        assert not {"limits.backend", "caching.enabled", "redis_url"} & set(await read_again(it, file))
        assert it.backend.settings.limits.backend == "memory"
        assert not it.backend.settings.caching.enabled


async def test_a_wrong_file_changes_nothing(tmp_path: Path, file: Path) -> None:
    """The old configuration goes on, whole."""
    async with running_backend(tmp_path) as it:
        before = it.backend.settings
        write(file, "limits: {requests_per_minute: many}\nroles: {developer: {permissions: ['*']}}")
        assert await read_again(it, file) == []
        assert it.backend.settings.roles == before.roles
