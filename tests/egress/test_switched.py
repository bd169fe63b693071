"""The switch while a chat is open: what its owner writes into a file holds for the next question."""

import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from chat.talk import end_of, told
from connects import watched_connects
from repositories import write_tree

from victor_server.agent.run_events import TurnEnded
from victor_server.compose.agent import Agent, open_agent
from victor_server.policy import machine_file
from victor_server.settings.resolved import default_settings

ONLINE = """
profiles: {default: {provider: vllm, model: m, base_url: "http://203.0.113.7:8000/v1"}}
"""
OFFLINE = f"{ONLINE}offline_mode: true\n"


@asynccontextmanager
async def opened(home: Path) -> AsyncIterator[Agent]:
    """The agent of somebody whose one model is far away."""
    write_tree(home, {"profiles.yaml": ONLINE})
    agent = open_agent(default_settings(home), {})
    try:
        yield agent
    finally:
        await agent.close()


async def asked(agent: Agent) -> TurnEnded:
    """How a question ends."""
    session = await agent.chat.new(None)
    return end_of(await told(agent.chat.prompt(session.id, "hello")))


async def test_offline_holds_for_the_next_question(tmp_path: Path) -> None:
    """Nobody starts the editor anew for it; and it can be switched off the same way."""
    profiles = tmp_path / "home" / "profiles.yaml"
    async with opened(tmp_path / "home") as agent:
        with watched_connects() as before:
            assert (await asked(agent)).kind == "provider_unavailable"
        assert {host for host, _ in before.tried} == {"203.0.113.7"}
        profiles.write_text(OFFLINE, encoding="utf-8")
        with watched_connects() as after:
            assert (await asked(agent)).kind == "offline_blocked"
        assert after.tried == []
        assert agent.policy.offline
        profiles.write_text(ONLINE, encoding="utf-8")
        assert not agent.policy.offline


@pytest.mark.parametrize("file", ["settings.yaml", "policy.yaml"])
async def test_so_does_every_other_restriction(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person's other file, and the machine's, which closes here whether root wrote it or not."""
    home = tmp_path / "home"
    monkeypatch.setattr(machine_file, "MACHINE_FILE", home / "policy.yaml")
    async with opened(home) as agent:
        text = "network: {allowed_providers: [ollama]}" if file == "settings.yaml" else "what is this"
        (home / file).write_text(text, encoding="utf-8")
        with watched_connects() as seen:
            assert (await asked(agent)).reason == "failed"
        assert seen.tried == []


async def test_the_change_is_on_record(tmp_path: Path) -> None:
    """An auditor sees who switched what, and when: when it began to hold, not at the next start."""
    home = tmp_path / "home"
    async with opened(home) as agent:
        (home / "profiles.yaml").write_text(OFFLINE, encoding="utf-8")
        await asked(agent)
    for thread in threading.enumerate():
        if thread.name == "victor-configuration":
            thread.join()
    records = [json.loads(line) for line in (home / "audit.log").read_text("ascii").splitlines()]
    changes = [record["changed"] for record in records if record["action"] == "configuration_changed"]
    assert changes[-1]["policy.offline"] == ["False", "True"]
