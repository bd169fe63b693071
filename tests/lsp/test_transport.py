"""Bytes in and out, by threads of their own."""

import asyncio
import socket
import threading
from typing import Any

import pytest
from lsp.editor import TIMEOUT_S

from victor_server.errors import UsageError
from victor_server.lsp import transport
from victor_server.lsp.framing import to_frame
from victor_server.lsp.server import serve_socket
from victor_server.lsp.transport import Connection, Wire, socket_wire


async def test_client_that_does_not_read_stalls_only_itself() -> None:
    """Sending returns at once however much is queued, what the client sends is still taken, and the rest arrives."""
    ours, theirs = socket.socketpair()
    frames: list[object] = []
    arrived, ended = asyncio.Event(), asyncio.Event()

    def take(frame: object) -> None:
        frames.append(frame)
        arrived.set()

    connection = Connection(socket_wire(theirs), take, ended.set)
    connection.start()
    body = b'"' + b"x" * 1_000_000 + b'"'
    for _ in range(8):
        connection.send(body)
    ours.sendall(to_frame(b"1"))
    await asyncio.wait_for(arrived.wait(), TIMEOUT_S)
    assert len(frames) == 1
    received = await asyncio.to_thread(_read, ours, 8 * len(to_frame(body)))
    assert received == to_frame(body) * 8
    ours.close()
    await asyncio.wait_for(ended.wait(), TIMEOUT_S)
    await asyncio.to_thread(connection.close)


def _read(connection: socket.socket, n_bytes: int) -> bytes:
    data = b""
    while len(data) < n_bytes:
        data += connection.recv(n_bytes - len(data))
    return data


async def test_client_that_never_reads_loses_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits to be sent is bounded."""
    monkeypatch.setattr(transport, "MAX_UNSENT_BYTES", 1000)
    ended, release = asyncio.Event(), threading.Event()
    wire = Wire(lambda _: b"", lambda _: None, release.set)
    connection = Connection(wire, lambda _: None, ended.set)
    for _ in range(3):
        connection.send(b"x" * 500)
    await asyncio.wait_for(ended.wait(), TIMEOUT_S)


async def test_wire_that_breaks_ends_the_connection() -> None:
    """An error of the system is the end, not a crash."""
    ended, closed = asyncio.Event(), threading.Event()

    def fail(_: Any) -> Any:
        raise OSError("gone")

    connection = Connection(Wire(fail, fail, closed.set), lambda _: None, ended.set)
    connection.start()
    connection.send(b"1")
    await asyncio.wait_for(ended.wait(), TIMEOUT_S)
    connection.close()
    assert closed.is_set()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.1", "example.org", ""])
def test_only_loopback_is_listened_on(host: str) -> None:
    """Who could connect could read every file of the workspace."""
    with pytest.raises(UsageError):
        serve_socket(host, 0, _never, _never)


def test_port_that_is_taken_is_told() -> None:
    """As an error of ours that says what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UsageError) as caught:
        serve_socket("127.0.0.1", taken.getsockname()[1], _never, _never)
    assert caught.value.fix


def _never(*_: Any) -> Any:
    raise AssertionError("the server must not start")
