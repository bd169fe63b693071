"""Measures what an idle edge costs the backend: memory for each of thousands of attached connections."""

import asyncio
import json
import sys
from pathlib import Path

import psutil
from websockets.asyncio.client import ClientConnection, connect

from victor_server.protocol import ATTACH_PATH, SUBPROTOCOL

_AT_ONCE = 50


async def idle_kib(pid: int, url: str, token: str, n_connections: int) -> float:
    """KiB of resident memory that each of so many attached, idle connections adds to the process `pid`.

    The clients live in this process: both need a limit on open files above `n_connections`.
    """
    process = psutil.Process(pid)
    warm = [await _attach(url, token) for _ in range(20)]
    before = process.memory_info().rss
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one() -> ClientConnection:
        async with gate:
            return await _attach(url, token)

    sockets = await asyncio.gather(*(one() for _ in range(n_connections)))
    after = process.memory_info().rss
    await asyncio.gather(*(socket.close() for socket in (*warm, *sockets)))
    return (after - before) / 1024 / n_connections


async def _attach(url: str, token: str) -> ClientConnection:
    socket = await connect(
        url.replace("http", "ws", 1) + ATTACH_PATH,
        subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]  # a NewType of str
        proxy=None,
        compression=None,
        ping_interval=None,
        open_timeout=60,
    )
    await socket.recv()
    await socket.send(json.dumps({"jsonrpc": "2.0", "method": "auth", "params": {"token": token}}))
    known = json.loads(await socket.recv())
    if known["method"] != "auth_ok":
        raise RuntimeError("the backend does not let us in")
    return socket


if __name__ == "__main__":
    _pid, _url, _token_file, _n = sys.argv[1:]
    print(round(asyncio.run(idle_kib(int(_pid), _url, Path(_token_file).read_text().strip(), int(_n))), 1))
