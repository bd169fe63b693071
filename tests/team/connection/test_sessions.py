"""What outlasts a socket: going on where one was, credits, slow edges, revocation, and the end of the backend."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from team_backend import Edge, running_backend, scripted, team_settings, until

from victor_server.protocol import CallEvents
from victor_server.team.configuration.resolved import ModelSettings, SessionSettings
from victor_server.team.operations.serve import drain
from victor_server.team.operations.stopping import Stopping


async def test_an_edge_goes_on_where_it_was(tmp_path: Path) -> None:
    """A call runs on while its edge is away; every frame of it arrives once, in order, and the answer too."""
    async with running_backend(tmp_path, models=(_paused(tmp_path),)) as it:
        token = await it.token("developer")
        edge = await it.attach(token)
        started = edge.ask("call/start", call_id="call-0001", request=_request())
        await _until_said(edge, "one")
        await edge.lose()
        back = await it.attach(token, resume=edge)
        assert back.auth_ok["resumed"]
        assert back.auth_ok["session"] == edge.auth_ok["session"]
        answer = await back.answer(started)
        assert answer["result"]["state"] == "done"
        assert _text(edge) + _text(back) == "onetwo"


async def test_what_was_lost_on_the_way_is_sent_again(tmp_path: Path) -> None:
    """An edge that did not get the last frames says so by `last_seq`, and gets them, and no others."""
    async with running_backend(tmp_path) as it:
        token = await it.token("developer")
        edge = await it.attach(token)
        for _ in range(3):
            await edge.request("team/whoami")
        await edge.lose()
        edge.last_seq = 1
        back = await it.attach(token, resume=edge)
        assert [(await back.frame())["id"] for _ in range(2)] == [2, 3]


async def test_a_session_that_is_not_here_begins_anew(tmp_path: Path) -> None:
    """Another epoch, another person, a number that was never sent: `resumed` is false, and calls can be asked for."""
    async with running_backend(tmp_path) as it:
        token, other = await it.token("developer"), await it.token("readonly")
        edge = await it.attach(token)
        await edge.request("call/start", call_id="call-0001", request=_request())
        await edge.lose()
        assert not (await it.attach(other, resume=edge)).auth_ok["resumed"]
        elsewhere = replace(edge, auth_ok={**edge.auth_ok, "epoch": "another"})
        assert not (await it.attach(token, resume=elsewhere)).auth_ok["resumed"]
        ahead = replace(edge, last_seq=edge.last_seq + 1)
        fresh = await it.attach(token, resume=ahead)
        assert not fresh.auth_ok["resumed"]
        status = await fresh.request("call/status", call_id="call-0001")
        assert status["result"]["state"] == "done"


async def test_a_session_has_one_socket(tmp_path: Path) -> None:
    """Whoever comes back takes the session over; the socket that had it is closed with 4409."""
    async with running_backend(tmp_path) as it:
        token = await it.token("developer")
        edge = await it.attach(token)
        back = await it.attach(token, resume=edge)
        assert back.auth_ok["resumed"]
        assert await edge.closed() == 4409
        assert "result" in await back.request("team/whoami")


async def test_credits_hold_frames_back(tmp_path: Path) -> None:
    """No more frames come than the edge has given credits for; a heartbeat needs none."""
    async with running_backend(tmp_path) as it:
        edge = await it.attach(await it.token("developer"), n_credits=2)
        numbers = [edge.ask("team/whoami") for _ in range(4)]
        await edge.answer(numbers[1])
        session = it.hub.sessions[edge.auth_ok["session"]]
        await until(lambda: session.ring.last == 4)
        assert edge.from_backend.empty()
        edge.tell("credit", frames=2)
        await edge.answer(numbers[3])


async def test_an_edge_that_takes_nothing_is_closed(tmp_path: Path) -> None:
    """After a while without any progress the socket ends with 4408; the session may go on by another."""
    clock = _Time()
    async with running_backend(tmp_path, clock=clock) as it:
        token = await it.token("developer")
        edge = await it.attach(token, n_credits=1)
        for _ in range(2):
            edge.ask("team/whoami")
        await edge.frame()
        session = it.hub.sessions[edge.auth_ok["session"]]
        await until(lambda: session.ring.last == 2)
        clock.now += 31
        await it.hub.tick()
        assert await edge.closed() == 4408
        back = await it.attach(token, resume=edge)
        assert (await back.frame())["id"] == 2


async def test_too_many_waiting_frames_end_the_session(tmp_path: Path) -> None:
    """What waits is bounded: beyond that the session ends with 4408, whatever the edge does later."""
    limits = replace(team_settings(tmp_path).limits, max_queued_frames=3)
    async with running_backend(tmp_path, limits=limits) as it:
        edge = await it.attach(await it.token("developer"), n_credits=1)
        for _ in range(6):
            edge.ask("team/whoami")
        session = it.hub.sessions[edge.auth_ok["session"]]
        await until(lambda: session.is_lost)
        await it.hub.tick()
        assert await edge.closed() == 4408
        assert edge.auth_ok["session"] not in it.hub.sessions


async def test_a_revoked_token_ends_its_sockets(tmp_path: Path) -> None:
    """With the next look at who may be here, a session whose token was revoked ends with 4401; others stay."""
    clock = _Time()
    async with running_backend(tmp_path, clock=clock) as it:
        token, other = await it.token("developer"), await it.token("readonly")
        edge, stays = await it.attach(token), await it.attach(other)
        (revoked,) = [
            each["id"] for each in (await it.rpc("tokens/list"))["tokens"] if each["subject"] == "developer"
        ]
        await it.rpc("tokens/revoke", {"id": revoked})
        clock.now += 2
        await it.hub.tick()
        assert await edge.closed() == 4401
        assert "result" in await stays.request("team/whoami")


async def test_a_change_of_role_ends_what_ran_under_the_old_one(tmp_path: Path) -> None:
    """The edge is told to come again at once, and comes with what it may do now."""
    clock = _Time()
    async with running_backend(tmp_path, clock=clock) as it:
        token = await it.token("developer")
        edge = await it.attach(token)
        await it.rpc("users/set", {"subject": "developer", "role": "readonly"})
        clock.now += 2
        await it.hub.tick()
        assert await edge.closed() == 1012
        back = await it.attach(token, resume=edge)
        assert not back.auth_ok["resumed"]
        assert "chat:*" not in back.auth_ok["scopes"]


async def test_a_new_policy_is_told_at_once(tmp_path: Path) -> None:
    """Whoever is attached hears of it, signed, without asking."""
    clock = _Time()
    async with running_backend(tmp_path, clock=clock) as it:
        edge = await it.attach(await it.token("developer"))
        await it.rpc("policy/set", {"cloud": "none"})
        clock.now += 2
        await it.hub.tick()
        assert '"cloud":"none"' in (await edge.notice("policy/changed"))["document"]


async def test_a_policy_is_told_anew_before_it_runs_out(tmp_path: Path) -> None:
    """Nothing changes for days, and whoever stays attached is never left with a policy of the past; nor told too often."""
    clock = _Time()
    sessions = SessionSettings(policy_s=9_000.0, heartbeat_s=100_000.0)
    async with running_backend(tmp_path, clock=clock, sessions=sessions) as it:
        edge = await it.attach(await it.token("developer"))
        first = json.loads(edge.auth_ok["policy"]["document"])
        clock.now += 2_999
        await it.hub.tick()
        assert (await edge.request("team/whoami"))["result"]
        assert not [each for each in edge.heard if each.get("method") == "policy/changed"]
        for _ in range(2):
            clock.now += 3_001
            await it.hub.tick()
            told = json.loads((await edge.notice("policy/changed"))["document"])
            assert told["version"] == first["version"]
            assert told["issued_us"] > first["issued_us"]


async def test_whoever_is_silent_is_closed_and_whoever_beats_hears_it(tmp_path: Path) -> None:
    """A heartbeat comes with every period; an edge that says nothing for three of them is gone."""
    clock = _Time()
    async with running_backend(tmp_path, clock=clock) as it:
        edge = await it.attach(await it.token("developer"))
        clock.now += 20
        await it.hub.tick()
        assert (await edge.notice("heartbeat"))["last_seq"] == 0
        clock.now += 41
        await it.hub.tick()
        assert await edge.closed() == 4408


async def test_a_session_waits_only_so_long(tmp_path: Path) -> None:
    """An edge that stays away longer finds its session gone, and its calls ended."""
    clock = _Time()
    async with running_backend(tmp_path, clock=clock) as it:
        token = await it.token("developer")
        edge = await it.attach(token)
        await edge.lose()
        clock.now += 61
        await it.hub.tick()
        assert not (await it.attach(token, resume=edge)).auth_ok["resumed"]


async def test_a_drain_lets_calls_end_and_takes_no_new_ones(tmp_path: Path) -> None:
    """Readiness says no, edges are told when to come again, what runs ends, new calls are refused, then 1012."""
    async with running_backend(tmp_path, models=(_paused(tmp_path),)) as it:
        edge = await it.attach(await it.token("developer"))
        started = edge.ask("call/start", call_id="call-0001", request=_request())
        await _until_said(edge, "one")
        draining = asyncio.ensure_future(it.hub.drain(20))
        assert (await edge.notice("draining"))["retry_ms"] > 0
        ready = await it.http.get("/ready")
        assert (ready.status_code, ready.json()) == (503, {"status": "draining"})
        refused = edge.ask("call/start", call_id="call-0002", request=_request())
        assert (await edge.answer(refused))["error"]["data"]["kind"] == "draining"
        assert (await edge.answer(started))["result"]["state"] == "done"
        assert await edge.closed() == 1012
        await draining
        late = it.socket()
        assert (await late.message())["status"] == 503


class _Time:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def _paused(folder: Path) -> ModelSettings:
    reply: list[Mapping[str, object]] = [{"text": "one "}, {"sleep_ms": 500}, {"text": "two"}]
    return scripted(folder, reply, reply)


def _request() -> dict[str, object]:
    return {
        "messages": [{"role": "user", "parts": [{"type": "text", "text": "Hi"}]}],
        "max_output_tokens": 100,
    }


async def test_the_log_says_what_the_end_waits_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever ends it sees that something runs, for how long, and what a second signal does; then what that cut."""
    sessions = SessionSettings(drain_s=600.0)
    caplog.set_level("INFO", logger="victor_server.team.operations")
    async with running_backend(tmp_path, models=(_paused(tmp_path),), sessions=sessions) as it:
        edge = await it.attach(await it.token("developer"))
        edge.ask("call/start", call_id="call-0001", request=_request())
        await _until_said(edge, "one")
        stopping = Stopping()
        stopping.ask()
        draining = asyncio.ensure_future(drain(it.backend, it.hub, stopping))
        await edge.notice("draining")
        stopping.ask()
        await draining
    assert caplog.messages == [
        "ending; running: 1, which have 600 s; a second signal ends them at once",
        "ending at once; cut: 1",
    ]


async def _until_said(edge: Edge, text: str) -> None:
    while text not in _text(edge):
        await edge.frame()


def _text(edge: Edge) -> str:
    told = [
        CallEvents.model_validate(each["params"])
        for each in edge.heard
        if each.get("method") == "call/events"
    ]
    return "".join(event.text for events in told for event in events.events).replace(" ", "")
