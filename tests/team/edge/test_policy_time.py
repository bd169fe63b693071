"""How long an edge goes by a policy without its backend: as the configuration says, from the next one that is signed."""

import json
from dataclasses import replace
from pathlib import Path

from team_backend import RunningBackend, running_backend

from victor_server.team.configuration.resolved import SessionSettings


async def _holds_s(it: RunningBackend) -> float:
    document = json.loads((await it.rpc("policy/get"))["document"])
    return float((document["expires_us"] - document["issued_us"]) / 1_000_000)


async def test_as_it_is_configured(tmp_path: Path) -> None:
    """At the start, and once it is read again."""
    async with running_backend(tmp_path, sessions=SessionSettings(policy_s=3_600.0)) as it:
        assert await _holds_s(it) == 3_600
        settings = it.backend.settings
        it.backend.settings = replace(settings, sessions=replace(settings.sessions, policy_s=60.0))
        assert await _holds_s(it) == 60
