"""Bytes that are no frames of a WebSocket, sent to the server as it listens: that connection ends, and nothing else."""

import asyncio
import contextlib
import struct
from pathlib import Path

import pytest
from team_backend import TIME_LIMIT_S, running_backend

from victor_server.team.configuration.resolved import Listen
from victor_server.team.connection import handshake
from victor_server.team.connection.hub import Hub
from victor_server.team.operations.serve import listening

_UPGRADE = (
    b"GET /v1/attach HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"sec-websocket-protocol: victor.v1\r\n\r\n"
)
_MASK = bytes(4)


def _frame(first: int, data: bytes, *, length: int | None = None, mask: bool = True) -> bytes:
    told = len(data) if length is None else length
    bit = 0x80 if mask else 0
    head = bytes([first, bit | 127]) + struct.pack("!Q", told)
    if told < 126:
        head = bytes([first, bit | told])
    return head + (_MASK if mask else b"") + data


_BYTES = {
    "not masked": _frame(0x81, b"{}", mask=False),
    "of a length that no machine holds": _frame(0x81, b"x", length=2**62),
    "of a negative length": _frame(0x81, b"x", length=2**64 - 1),
    "larger than a frame may be": _frame(0x81, b"x", length=4_000_001),
    "with bits that mean nothing": _frame(0xF1, b"{}"),
    "of a kind that is not there": _frame(0x83, b"{}"),
    "that goes on where nothing began": _frame(0x80, b"{}"),
    "that begins within another": _frame(0x01, b"{") + _frame(0x81, b"}"),
    "of text that is none": _frame(0x81, b"\xff\xfe\xc0\x80"),
    "a ping that is too long": _frame(0x89, bytes(126), length=126),
    "a close of one byte": _frame(0x88, b"\x03"),
    "a close with a code that is none": _frame(0x88, struct.pack("!H", 1005)),
    "noise": bytes(range(7, 80)),
    "another request": _UPGRADE,
    "pieces without end": _frame(0x01, b"{") + _frame(0x00, bytes(65_536)) * 80,
}


@pytest.mark.parametrize("name", _BYTES)
async def test_what_is_no_frame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """It is closed without waiting, and the next one is greeted."""
    monkeypatch.setattr(handshake, "AUTH_TIME_LIMIT_S", 3_600.0)
    async with (
        running_backend(tmp_path, listen=Listen(port=0)) as it,
        listening(it.backend, Hub(it.backend)) as serving,
        asyncio.timeout(TIME_LIMIT_S),
    ):
        port = int(serving.url.rpartition(":")[2])
        reader, writer = await _greeted(port)
        with contextlib.suppress(ConnectionError):
            writer.write(_BYTES[name])
            await writer.drain()
        with contextlib.suppress(ConnectionError):
            rest = await reader.read()
            assert b"Traceback" not in rest
        writer.close()
        _, other = await _greeted(port)
        other.close()
        assert 'victor_errors_total{type="bug"} 0.0' in it.backend.metrics.render().decode()


async def _greeted(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(_UPGRADE)
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
    await reader.readuntil(b"auth_required")
    return reader, writer
