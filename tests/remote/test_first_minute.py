"""Whoever is logged in and has set up nothing else: what they see of the team's models, everywhere alike."""

import asyncio
import json
from pathlib import Path

import pytest
from edge_of_team import TIME_LIMIT_S, Attached, attached
from team_backend import scripted

from victor_server.agent.run_events import TurnEnded
from victor_server.cli.main import run
from victor_server.compose.agent import Agent, open_agent
from victor_server.compose.services import open_services
from victor_server.compose.team_health import look_at_team
from victor_server.compose.window import Window
from victor_server.features.doctor import Patient, examine
from victor_server.remote.login.joining import login_with_token
from victor_server.remote.login.kept import open_kept
from victor_server.remote.outbox import Outbox
from victor_server.settings.load import resolve
from victor_server.settings.resolved import Settings


async def logged_in(it: Attached, monkeypatch: pytest.MonkeyPatch) -> None:
    """The home of somebody who has just run `victor login`."""
    monkeypatch.setenv("VICTOR_HOME", str(it.home))
    await login_with_token(it.egress(), open_kept(it.home), it.url, it.token)


def settings_of(it: Attached) -> Settings:
    return resolve(environment={"VICTOR_HOME": str(it.home)}).settings


def opened(it: Attached, window: Window | None = None) -> Agent:
    return open_agent(settings_of(it), {"VICTOR_HOME": str(it.home)}, window=window)


async def test_the_commands_show_what_the_team_offers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`victor models` lists the backend's choice and each model that it offers, and `victor route` may name one."""
    models = (scripted(tmp_path), scripted(tmp_path, name="large"))
    async with attached(tmp_path, models=models) as it:
        await logged_in(it, monkeypatch)
        assert await asyncio.to_thread(run, ["models", "--json"]) == 0
        listed = json.loads(capsys.readouterr().out)["profiles"]
        assert [(each["profile"], each["model"], each["state"]) for each in listed] == [
            ("default", "team", "ready"),
            ("small", "small", "ready"),
            ("large", "large", "ready"),
        ]
        assert await asyncio.to_thread(run, ["route", "--task", "chat", "--profile", "large", "--json"]) == 0
        route = json.loads(capsys.readouterr().out)
        assert (route["model"], route["base_url"], route["leaves_machine"]) == ("large", it.url, True)


async def test_without_any_offer_it_is_said_whom_to_ask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A backend that offers nothing is no riddle: the administrator is told what to do."""
    async with attached(tmp_path, models=()) as it:
        await logged_in(it, monkeypatch)
        assert await asyncio.to_thread(run, ["models"]) == 0
        told = capsys.readouterr().out
        assert "offers you no model" in told
        assert "victor team models set" in told


async def test_an_agent_has_the_offers_as_profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What editors list, and what a chat may ask by name; what somebody wrote goes before it."""
    models = (scripted(tmp_path), scripted(tmp_path, name="large"))
    async with attached(tmp_path, models=models) as it:
        await logged_in(it, monkeypatch)
        agent = opened(it)
        assert [each.name for each in await agent.profiles()] == ["default", "small", "large"]
        await agent.close()
        fresh = opened(it)
        session = await fresh.chat.new(tmp_path)
        updates = [each async for each in fresh.chat.prompt(session.id, "Say hello.", profile="large")]
        (end,) = (each.event for each in updates if isinstance(each.event, TurnEnded))
        assert end.reason == "end_turn"
        (receipt,) = await fresh.chat.receipts(session.id)
        (attempt,) = receipt.attempts
        assert attempt.address == f"{it.url} (scripted: large)"
        await fresh.close()
        (it.home / "profiles.yaml").write_text("profiles: {mine: {provider: team, model: large}}")
        written = opened(it)
        assert [each.name for each in await written.profiles()] == ["mine"]
        await written.close()


async def test_a_window_goes_on_recording_when_its_agent_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What outlasts an agent tells the backend of what is done then too; a login begins it anew."""
    async with attached(tmp_path) as it:
        monkeypatch.setenv("VICTOR_HOME", str(it.home))
        window = Window()
        alone = opened(it, window)
        before = alone.kept
        await alone.close()
        await logged_in(it, monkeypatch)
        first = opened(it, window)
        assert first.kept is not before
        await first.close()
        second = opened(it, window)
        assert second.kept is first.kept
        second.permissions._journal.record("step.later")
        assert second.team is not None
        _, batch = second.team.outbox.next_batch(500, 1_000_000)
        assert "step.later" in [json.loads(each.body)["action"] for each in batch]
        await second.close()
        window.close()


async def test_the_status_of_an_editor_shows_the_backend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anybody needed it as idle, then as it is; whatever becomes of it is told."""
    async with attached(tmp_path) as it:
        await logged_in(it, monkeypatch)
        changed = asyncio.Event()
        services = open_services(settings_of(it), Window())
        services.subscribe(changed.set)

        async def until(state: str) -> None:
            async with asyncio.timeout(TIME_LIMIT_S):
                while services.team.get("state") != state:
                    changed.clear()
                    await changed.wait()

        await until("idle")
        assert services.team["url"] == it.url
        await services.agent()
        await until("attached")
        assert (services.team["tenant"], services.team["user"]) == ("default", "ada")
        await it.wire.cut()
        await until("away")
        assert services.team["trouble"]
        await services.close()


async def test_doctor_and_status_say_how_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who one is, what holds, what waits, what was not taken and why; and that the backend is away."""

    def look() -> dict[str, tuple[bool, str]]:
        environment = {"VICTOR_HOME": str(it.home)}
        patient = Patient(
            settings_of(it), (), environment, lambda: "", lambda: look_at_team(settings_of(it), environment)
        )
        return {each.name: (each.ok, each.detail) for each in examine(patient) if "team" in each.name}

    async with attached(tmp_path) as it:
        assert (await asyncio.to_thread(look))["team"] == (True, "not logged in to a team's backend")
        await logged_in(it, monkeypatch)
        well = await asyncio.to_thread(look)
        assert all(ok for ok, _ in well.values())
        assert "you are ada (developer) of default" in well["team"][1]
        assert "version 1, signed 0 hours ago" in well["team policy"][1]
        outbox = Outbox(it.home / "outbox.db")
        outbox.put_aside(outbox.append("audit", {"name": "bad"}), "it is bad")
        outbox.append("audit", {"name": "good"})
        outbox.close()
        await it.wire.cut()
        ill = await asyncio.to_thread(look)
        assert not ill["team"][0]
        assert ill["team outbox"][1].endswith("1 were not taken, the last because: it is bad")
        capsys.readouterr()
        assert await asyncio.to_thread(run, ["status"]) == 1
        told = capsys.readouterr().out
        assert "does not answer" in told
        assert "1 events wait, 1 were not taken\n          not taken: it is bad" in told
