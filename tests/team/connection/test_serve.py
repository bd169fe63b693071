"""The whole program: `victor serve` on a bare machine, asked by a real WebSocket client, killed, and ended politely."""

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from victor_server.protocol import ATTACH_PATH, SUBPROTOCOL

pytestmark = pytest.mark.e2e

_TIME_LIMIT_S = 60.0


@dataclass
class _Served:
    process: asyncio.subprocess.Process
    url: str
    token: str
    greeting: str


async def test_a_bare_machine_serves_and_drains(tmp_path: Path) -> None:
    """It says how to attach, answers a real client, is polite at SIGTERM, and a second start tells no token again."""
    async with _served(tmp_path) as it:
        assert it.token.startswith("vk_default.")
        assert "victor login http://127.0.0.1" in it.greeting
        assert "master.key" in it.greeting
        async with _attached(it) as socket:
            assert (await _asked(socket, 1, "team/whoami"))["result"]["operator"]
            it.process.send_signal(signal.SIGTERM)
            assert await _close_code(socket) == 1012
        assert await it.process.wait() == 0
    async with _served(tmp_path) as again:
        assert again.token == ""


async def test_what_was_acknowledged_outlasts_a_kill(tmp_path: Path) -> None:
    """Killed in the midst of it, the backend has everything that it had said yes to."""
    async with _served(tmp_path) as it:
        async with _attached(it) as socket:
            for n in range(1, 21):
                done = await _asked(socket, n, "users/set", subject=f"person-{n}", role="developer")
                assert "result" in done
            it.process.kill()
            await it.process.wait()
        token = it.token
    async with _served(tmp_path) as again, httpx2.AsyncClient(trust_env=False) as http:
        headers = {"authorization": f"Bearer {token}"}
        users = (await http.post(f"{again.url}/v1/rpc/users/list", json={}, headers=headers)).json()["users"]
        assert {f"person-{n}" for n in range(1, 21)} <= {user["subject"] for user in users}
        verdict = (await http.post(f"{again.url}/v1/rpc/audit/verify", json={}, headers=headers)).json()
        assert verdict["ok"]


@contextlib.asynccontextmanager
async def _served(home: Path) -> AsyncIterator[_Served]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from victor_server.cli.main import main; main()",
        "serve",
        "--port",
        "0",
        env={**os.environ, "VICTOR_HOME": str(home)},
        stderr=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(_TIME_LIMIT_S):
            yield await _greeted(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _greeted(process: asyncio.subprocess.Process) -> _Served:
    """Wait until it has said all that it says."""
    assert process.stderr is not None
    said = ""
    while "Ctrl-C" not in said:
        line = await process.stderr.readline()
        assert line, said
        said += line.decode()
    url = re.search(r"http://127\.0\.0\.1:\d+", said)
    token = re.search(r"vk_\S+", said)
    assert url is not None
    return _Served(process, url.group(), token.group() if token else "", said)


@contextlib.asynccontextmanager
async def _attached(it: _Served) -> AsyncIterator[ClientConnection]:
    url = it.url.replace("http", "ws") + ATTACH_PATH
    async with connect(url, subprotocols=[SUBPROTOCOL], proxy=None, compression=None) as socket:  # type: ignore[list-item]  # a NewType of str
        assert json.loads(await socket.recv())["method"] == "auth_required"
        await _tell(socket, "auth", token=it.token)
        assert json.loads(await socket.recv())["method"] == "auth_ok"
        yield socket


async def _close_code(socket: ClientConnection) -> int:
    try:
        while True:
            await socket.recv()
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd is not None else 1006


async def _tell(socket: ClientConnection, method: str, **params: Any) -> None:
    await socket.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}))


async def _asked(socket: ClientConnection, number: int, method: str, **params: Any) -> dict[str, Any]:
    await socket.send(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}))
    while True:
        answer: dict[str, Any] = json.loads(await socket.recv())
        if answer.get("id") == number:
            return answer
