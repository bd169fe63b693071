"""Clients that hang: what they hold is given back, and nobody who comes after them loses anything by it."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from team_backend import TIME_LIMIT_S, running_backend, team_settings, until

from victor_server.protocol import SignedPolicy
from victor_server.team.connection.frames import notice_body
from victor_server.team.principal import Principal


async def test_a_connection_that_was_replaced_while_it_was_greeted_takes_no_frames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edge that waits too long for its greeting comes again: the first socket, late, has nothing of the second's."""
    async with running_backend(tmp_path) as it:
        token = await it.token("developer")
        edge = await it.attach(token)
        for _ in range(4):
            await edge.request("team/whoami")
        await edge.lose()
        edge.last_seq = 0
        is_slow, goes_on = asyncio.Event(), asyncio.Event()
        signed = it.backend.policies.signed

        async def slowly(principal: Principal) -> SignedPolicy:
            if not is_slow.is_set():
                is_slow.set()
                await goes_on.wait()
            return await signed(principal)

        monkeypatch.setattr(it.backend.policies, "signed", slowly)
        late = await it.greeted()
        resume = {"session": edge.auth_ok["session"], "epoch": edge.auth_ok["epoch"], "last_seq": 0}
        late.tell("auth", token=token, credits=256, resume=resume)
        async with asyncio.timeout(TIME_LIMIT_S):
            await is_slow.wait()
        back = await it.attach(token, resume=edge, n_credits=1)
        assert back.auth_ok["resumed"]
        goes_on.set()
        await it.attach(token)  # by then the first one has gone on, too
        assert await late.closed() == 4409
        back.tell("credit", frames=10)
        assert [(await back.frame())["id"] for _ in range(4)] == [1, 2, 3, 4]


async def test_a_session_that_is_lost_while_it_is_taken_up_again_logs_nobody_out(tmp_path: Path) -> None:
    """It ends as one that took nothing; nothing is said against the token, which is as good as before."""
    limits = replace(team_settings(tmp_path).limits, max_queued_frames=3)
    async with running_backend(tmp_path, limits=limits) as it:
        token = await it.token("developer")
        edge = await it.attach(token)
        session = it.hub.sessions[edge.auth_ok["session"]]
        before = session.socket
        edge.takes.clear()
        back = await it.greeted()
        resume = {"session": edge.auth_ok["session"], "epoch": edge.auth_ok["epoch"], "last_seq": 0}
        back.tell("auth", token=token, credits=256, resume=resume)
        await until(lambda: session.socket is not before)
        for _ in range(5):
            session.push(notice_body("policy/changed", "{}"))
        assert session.is_lost
        edge.takes.set()
        assert await edge.closed() == 4409
        await back.notice("auth_ok")
        await it.hub.tick()
        assert await back.closed() == 4408
        assert not (await it.attach(token, resume=edge)).auth_ok["resumed"]
