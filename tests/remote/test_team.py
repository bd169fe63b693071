"""The edge attached to a real backend: models, events, policy and log, through a network that breaks."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from edge_of_team import TIME_LIMIT_S, Attached, attached
from team_backend import scripted

from victor_server.agent.events import AnsweredBy, Stopped, TextDelta
from victor_server.agent.messages import ModelRequest, user
from victor_server.agent.providers.team import TeamProvider
from victor_server.errors import Forbidden, ProviderAuth, ProviderUnavailable, VictorError
from victor_server.protocol import SignedPolicy
from victor_server.remote.heads import LogChanged, follow, read_head
from victor_server.remote.policy import adopt, read_team_policy, take
from victor_server.remote.running_calls import Interrupted
from victor_server.remote.team import Team

ASKED = ModelRequest(model="team", messages=(user("Say hello."),), max_output_tokens=100)


async def answer(team: Team) -> str:
    """What the backend's model says, whole."""
    text = ""
    async for event in TeamProvider(team).stream(ASKED):
        text += event.text if isinstance(event, TextDelta) else ""
        if isinstance(event, Stopped):
            assert event.reason == "end"
    return text


async def test_a_model_of_the_backend_answers(tmp_path: Path) -> None:
    """Through one connection, opened when it is first needed; the offers say what it can do."""
    async with attached(tmp_path) as it:
        team = it.team(await it.joined())
        assert team.link.state == "idle"
        assert await answer(team) == "Hello"
        assert [offer.name for offer in await team.offers()] == ["small"]
        assert (await TeamProvider(team).capabilities("team")).tools
        status = await team.status()
        assert (status.state, status.user, status.trouble) == ("attached", "ada", "")
        await team.close()


async def test_a_receipt_names_who_answered_this_call(tmp_path: Path) -> None:
    """Backend, provider, model and region of this answer, also where another one is given at the same time."""
    models = (
        replace(scripted(tmp_path, [{"text": "one"}]), model="upstream", region="eu"),
        replace(scripted(tmp_path, [{"text": "two"}], name="large"), region="us"),
    )
    async with attached(tmp_path, models=models) as it:
        team = it.team(await it.joined())
        provider = TeamProvider(team)

        async def behind(model: str) -> list[str]:
            request = replace(ASKED, model=model)
            return [each.who async for each in provider.stream(request) if isinstance(each, AnsweredBy)]

        small, large = await asyncio.gather(behind("small"), behind("large"))
        assert small == ["scripted: small, upstream, region eu"]
        assert large == ["scripted: large, region us"]
        assert provider.address == it.url
        await team.close()


async def test_events_arrive_through_cuts(tmp_path: Path) -> None:
    """What happens while the network is away is delivered once it is back, each once."""
    async with attached(tmp_path) as it:
        team = it.team(await it.joined())
        team.begin()
        await it.until(team, "attached")
        for at in range(3):
            await it.wire.cut()
            await asyncio.to_thread(team.outbox.append, "audit", _record(f"step.n{at}"))
            it.wire.up = True
            await it.until(team, "attached")
        async with asyncio.timeout(TIME_LIMIT_S):
            while team.outbox.backlog().n_events:
                await _drained(team)
        page = await it.backend.rpc("audit/search", {})
        actions = [record["leaf"]["action"] for record in page["records"]]
        assert [action for action in actions if action.startswith("step.")] == [
            "step.n0",
            "step.n1",
            "step.n2",
        ]
        await team.close()


async def test_an_answer_goes_on_behind_a_cut(tmp_path: Path) -> None:
    """Cut in the midst of an answer, the edge comes back to its session and misses nothing."""
    steps: list[dict[str, Any]] = [{"text": "a"}, {"sleep_ms": 700, "text": "b"}, {"text": "c"}]
    async with attached(tmp_path, models=(scripted(tmp_path, steps),)) as it:
        team = it.team(await it.joined())
        text = ""
        async for event in TeamProvider(team).stream(ASKED):
            if isinstance(event, TextDelta):
                if not text:
                    await it.wire.cut()
                    it.wire.up = True
                text += event.text
        assert text == "abc"
        await team.close()


async def test_an_answer_that_had_begun_is_not_asked_for_again(tmp_path: Path) -> None:
    """Where the session is gone meanwhile, the answer ends as interrupted; the model was asked once."""
    steps: list[dict[str, Any]] = [{"text": "a"}, {"sleep_ms": 60_000, "text": "b"}]
    async with attached(tmp_path, models=(scripted(tmp_path, steps, [{"text": "again"}]),)) as it:
        team = it.team(await it.joined())
        said = TeamProvider(team).stream(ASKED)
        assert isinstance(await anext(said), AnsweredBy)
        assert await anext(said) == TextDelta("a")
        await it.wire.cut()
        for session in tuple(it.backend.hub.sessions.values()):
            await it.backend.hub.end(session, 1012, "a restart")
        it.wire.up = True
        with pytest.raises(Interrupted):
            await anext(said)
        assert team.link.state == "attached"
        await team.close()


async def test_without_the_backend_it_is_said(tmp_path: Path) -> None:
    """Nobody hangs: the model is unavailable, what happens is kept, and the state says why."""
    async with attached(tmp_path) as it:
        team = it.team(await it.joined())
        await it.wire.cut()
        team.begin()
        await it.until(team, "away")
        await asyncio.to_thread(team.outbox.append, "audit", _record("alone"))
        assert (await team.status()).backlog.n_events == 1
        assert (await team.status()).trouble
        team.link.begin()
        with pytest.raises(ProviderUnavailable):
            async with asyncio.timeout(60):
                await team.offers()
        await team.close()


async def test_a_token_that_is_not_taken_ends_it(tmp_path: Path) -> None:
    """It is said once, and not tried over and over."""
    async with attached(tmp_path) as it:
        team = it.team(await it.joined(), token="vk_default.nobody.0000")
        with pytest.raises(ProviderAuth):
            await team.offers()
        assert team.link.state == "login_needed"
        n_before = it.wire.n_connections
        with pytest.raises(ProviderAuth):
            await team.offers()
        assert it.wire.n_connections == n_before
        await team.close()


async def test_a_login_that_ends_in_the_midst_is_told_once(tmp_path: Path) -> None:
    """Revoked while attached: whoever asks is told to log in, and nobody knocks over and over."""
    async with attached(tmp_path) as it:
        team = it.team(await it.joined())
        await team.offers()
        told = list[str]()

        def changed() -> None:
            told.append(team.link.state)
            it.changes.set()

        team.link._ports = replace(team.link._ports, changed=changed)
        await it.backend.rpc("users/set", {"subject": "ada", "role": "developer", "disabled": True})
        for session in tuple(it.backend.hub.sessions.values()):
            await it.backend.hub.end(session, 4401, "revoked")
        await it.until(team, "login_needed")
        n_before = it.wire.n_connections
        for _ in range(3):
            with pytest.raises(ProviderAuth):
                await answer(team)
        assert it.wire.n_connections == n_before
        assert told.count("login_needed") == 1
        await team.close()


async def test_a_policy_holds_at_once(tmp_path: Path) -> None:
    """What an administrator sets reaches the edge, signed; roles bring their permissions."""
    async with attached(tmp_path) as it:
        member = await it.joined()
        team = it.team(member)
        before = read_team_policy(it.home)
        assert before is not None
        assert (before.cloud, before.closed) == ("direct", "")
        await it.backend.rpc("policy/set", {"cloud": "backend", "denied_tools": ["run_command"]})
        team.begin()
        async with asyncio.timeout(TIME_LIMIT_S):
            while (await team.status()).policy_version != 2:
                it.changes.clear()
                await it.changes.wait()
        held = read_team_policy(it.home)
        assert held is not None
        assert (held.cloud, held.denied_tools) == ("backend", ("run_command",))
        assert "git:*" in held.permissions
        await team.close()


async def test_no_policy_but_the_newest_signed_one_counts(tmp_path: Path) -> None:
    """Tampered, foreign, expired and older ones are refused; a file that was changed or taken away closes."""
    async with attached(tmp_path) as it:
        member = await it.joined()
        old = SignedPolicy.model_validate(await it.backend.rpc("policy/get", token=it.token))
        await it.backend.rpc("policy/set", {"cloud": "none"})
        new = SignedPolicy.model_validate(await it.backend.rpc("policy/get", token=it.token))
        foreign = SignedPolicy.model_validate(await it.backend.rpc("policy/get"))
        take(it.home, new, member, 0)
        opened = new.document.replace('"none"', '"direct"')
        for bad, now_us in (
            (old, 0),
            (foreign, 0),
            (new, 2**60),
            (new.model_copy(update={"document": opened}), 0),
            (new.model_copy(update={"key_id": "other"}), 0),
        ):
            with pytest.raises(Forbidden):
                take(it.home, bad, member, now_us)
        held = read_team_policy(it.home)
        assert held is not None
        assert held.cloud == "none"
        file = it.home / "policy"
        assert file.stat().st_mode & 0o077 == 0
        file.write_text(new.model_copy(update={"document": opened}).model_dump_json())
        _is_closed(it)
        file.unlink()
        _is_closed(it)
        (it.home / "team.json").write_text("{}")
        _is_closed(it)


async def test_an_older_policy_is_not_put_back(tmp_path: Path) -> None:
    """A file that the backend did sign once closes where it signed a newer one since, and opens with that one alone."""
    async with attached(tmp_path) as it:
        member = await it.joined()
        older = (it.home / "policy").read_bytes()
        await it.backend.rpc("policy/set", {"cloud": "none"})
        new = SignedPolicy.model_validate(await it.backend.rpc("policy/get", token=it.token))
        take(it.home, new, member, 0)
        (it.home / "policy").write_bytes(older)
        _is_closed(it)
        with pytest.raises(Forbidden, match="older"):
            take(it.home, SignedPolicy.model_validate_json(older), member, 0)
        take(it.home, new, member, 0)
        held = read_team_policy(it.home)
        assert held is not None
        assert (held.cloud, held.closed) == ("none", "")
        assert (it.home / "policy-seen").stat().st_mode & 0o077 == 0
        (it.home / "policy-seen").unlink()
        _is_closed(it)


async def test_a_login_begins_the_policy_anew(tmp_path: Path) -> None:
    """A backend that was restored from a backup signs lower versions than it did: whoever logs in again takes them."""
    async with attached(tmp_path) as it:
        member = await it.joined()
        old = SignedPolicy.model_validate(await it.backend.rpc("policy/get", token=it.token))
        await it.backend.rpc("policy/set", {"cloud": "none"})
        new = SignedPolicy.model_validate(await it.backend.rpc("policy/get", token=it.token))
        take(it.home, new, member, 0)
        with pytest.raises(Forbidden, match="older"):
            take(it.home, old, member, 0)
        adopt(it.home, old, member, 0)
        held = read_team_policy(it.home)
        assert held is not None
        assert (held.cloud, held.closed) == ("direct", "")


async def test_a_log_that_shrank_or_forked_is_told(tmp_path: Path) -> None:
    """Heads are believed by the key of the login, and only where the log seen before is their beginning."""
    async with attached(tmp_path) as it:
        member = await it.joined()
        team = it.team(member)
        await answer(team)
        first = await team.link.ask("audit/head", _empty())
        await follow(it.home, first, member, team.link.ask)
        await answer(team)
        second = await team.link.ask("audit/head", _empty())
        await follow(it.home, second, member, team.link.ask)
        assert read_head(it.home) == second
        with pytest.raises(LogChanged, match="not signed"):
            await follow(it.home, second.model_copy(update={"size": 1}), member, team.link.ask)
        signer = await it.backend.backend.vault.signer("audit")
        from victor_server.audit.head import sign_head

        forged = [
            sign_head(second.log, second.size - 1, b"x" * 32, b"y" * 32, second.at_us + 9, key_id=signer.key_id, sign=signer.sign),
            sign_head(second.log, second.size, b"x" * 32, b"y" * 32, second.at_us, key_id=signer.key_id, sign=signer.sign),
            sign_head("another", 99, b"x" * 32, b"y" * 32, second.at_us, key_id=signer.key_id, sign=signer.sign),
        ]  # fmt: skip
        for head in forged:
            with pytest.raises(LogChanged):
                await follow(it.home, head, member, team.link.ask)
        assert read_head(it.home) == second
        await team.close()


def _is_closed(it: Attached) -> None:
    held = read_team_policy(it.home)
    assert held is not None
    assert held.closed


def _empty() -> Any:
    from victor_server.protocol import Empty

    return Empty()


def _record(action: str) -> dict[str, Any]:
    return {"at_us": 1, "user": "me", "action": action, "session_id": "s", "success": True}


async def _drained(team: Team) -> None:
    try:
        await team._drainer.drain()
    except VictorError:
        await asyncio.sleep(0)
