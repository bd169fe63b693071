"""Clients that hang: what they hold is given back, and nobody who comes after them loses anything by it."""

import asyncio
import json
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from team_backend import TIME_LIMIT_S, RunningBackend, running_backend, scripted, team_settings, until

from victor_server.protocol import SignedPolicy
from victor_server.team.configuration.resolved import Listen
from victor_server.team.connection.frames import notice_body
from victor_server.team.connection.hub import Hub
from victor_server.team.http import patience
from victor_server.team.operations import serve
from victor_server.team.operations.listening import open_listener
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


async def test_a_client_that_reads_no_further_holds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over HTTP too: after a while it is dropped. Its call ends, is charged, and gives back what it had set aside."""
    monkeypatch.setattr(patience, "READING_TIME_LIMIT_S", 0.05, raising=False)
    monkeypatch.setattr(serve, "open_listener", _narrow_listener)
    model = scripted(tmp_path, [{"text": "word "}] * 4_000)
    async with (
        running_backend(tmp_path, models=(model,), listen=Listen(port=0)) as it,
        serve.listening(it.backend, Hub(it.backend)) as serving,
    ):
        budget = {"scope": "tenant", "subject": "", "period": "day", "unit": "tokens", "limit": 1_000_000}
        await it.rpc("budgets/set", budget)
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            client.connect(("127.0.0.1", int(serving.url.rpartition(":")[2])))
            client.sendall(_asked(await it.token("developer")))
            async with asyncio.timeout(TIME_LIMIT_S):
                told = await _budget(it)
                while not told["used"] or told["reserved"]:
                    await asyncio.sleep(0.01)  # what is asked in process lets nobody else have a turn
                    told = await _budget(it)
        assert told["used"] < 2_000, "the model wrote to the end for nobody"


async def test_a_client_that_reads_slowly_is_not_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as it takes anything within the limit it gets all of the answer."""
    monkeypatch.setattr(patience, "READING_TIME_LIMIT_S", 0.5, raising=False)
    monkeypatch.setattr(serve, "open_listener", _narrow_listener)
    model = scripted(tmp_path, [{"text": "word "}] * 1_000)
    async with (
        running_backend(tmp_path, models=(model,), listen=Listen(port=0)) as it,
        serve.listening(it.backend, Hub(it.backend)) as serving,
    ):
        port = int(serving.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1_024)
        writer.write(_asked(await it.token("developer")))
        came = bytearray()
        async with asyncio.timeout(TIME_LIMIT_S):
            while piece := await reader.read(1_024):
                came += piece
                await asyncio.sleep(0.002)
        assert b"data: [DONE]" in came
        assert came.count(b"word ") == 1_000
        writer.close()


async def _budget(it: RunningBackend) -> dict[str, int]:
    (told,) = (await it.rpc("budgets/list"))["budgets"]
    return {"used": int(told["used"]), "reserved": int(told["reserved"])}


def _narrow_listener(host: str, port: int) -> socket.socket:
    """One behind which the kernel keeps little for a client."""
    listener = open_listener(host, port)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    return listener


def _asked(token: str) -> bytes:
    document = {
        "model": "small",
        "stream": True,
        "max_tokens": 4_096,
        "messages": [{"role": "user", "content": "Say something."}],
    }
    body = json.dumps(document).encode()
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
        f"authorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
