"""Whoever begins a request and does not go on is dropped, so that nobody can hold all connections for nothing."""

import asyncio
import contextlib
from pathlib import Path

import pytest
from team_backend import TIME_LIMIT_S, running_backend

from victor_server.team.configuration.resolved import Listen
from victor_server.team.connection.hub import Hub
from victor_server.team.http import body, patience
from victor_server.team.operations.serve import listening

_LISTEN = Listen(port=0)
_HALF = b"GET /health HTTP/1.1\r\nhost: x\r\na: b"
_FORM = b"POST /v1/auth/token HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n"


@pytest.mark.parametrize(
    ("begun", "is_first"), [(b"", True), (b"G", True), (_HALF, True), (b"G", False), (_HALF, False)]
)
async def test_a_head_that_does_not_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: bytes, is_first: bool
) -> None:
    """Silent, in the midst of its first line or of its headers, at once or after a whole request: it is closed."""
    monkeypatch.setattr(patience, "HEAD_TIME_LIMIT_S", 0.3)
    async with (
        running_backend(tmp_path, listen=_LISTEN) as it,
        listening(it.backend, Hub(it.backend)) as serving,
    ):
        reader, writer = await _connected(serving.url)
        async with asyncio.timeout(TIME_LIMIT_S):
            if not is_first:
                writer.write(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
                await reader.readuntil(b'{"status":"ok"}')
            writer.write(begun)
            assert await reader.read() == b""
        writer.close()


async def test_a_request_that_has_begun_is_not_hurried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its head was whole in time; the limit of a later one passes, and it is answered still."""
    monkeypatch.setattr(patience, "HEAD_TIME_LIMIT_S", 0.3)
    async with (
        running_backend(tmp_path, listen=_LISTEN) as it,
        listening(it.backend, Hub(it.backend)) as serving,
    ):
        reader, writer = await _connected(serving.url)
        writer.write(_FORM + b"content-length: 3\r\nconnection: close\r\n\r\n")
        await writer.drain()
        late_reader, late_writer = await _connected(serving.url)
        async with asyncio.timeout(TIME_LIMIT_S):
            assert await late_reader.read() == b""
            writer.write(b"a=b")
            assert (await reader.read()).startswith(b"HTTP/1.1 400")
        for each in (writer, late_writer):
            each.close()


@pytest.mark.parametrize("begun", [b"GET /", b"GET /health HTTP/1.1\r\na: ", _FORM])
async def test_a_head_that_is_too_large(tmp_path: Path, begun: bytes) -> None:
    """It is refused before it fills the memory, wherever in it."""
    async with (
        running_backend(tmp_path, listen=_LISTEN) as it,
        listening(it.backend, Hub(it.backend)) as serving,
    ):
        reader, writer = await _connected(serving.url)
        async with asyncio.timeout(TIME_LIMIT_S):
            with contextlib.suppress(ConnectionError):
                writer.write(begun)
                for _ in range(300):
                    writer.write(b"a" * 1_000 + (b"\r\na: " if begun is _FORM else b""))
                    await writer.drain()
            with contextlib.suppress(ConnectionError):
                assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
        assert (await it.http.get("/health")).status_code == 200


async def test_a_body_that_does_not_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told so, and closed."""
    monkeypatch.setattr(body, "BODY_TIME_LIMIT_S", 0.05)
    async with (
        running_backend(tmp_path, listen=_LISTEN) as it,
        listening(it.backend, Hub(it.backend)) as serving,
    ):
        reader, writer = await _connected(serving.url)
        writer.write(_FORM + b"content-length: 100\r\nconnection: close\r\n\r\ngr")
        async with asyncio.timeout(TIME_LIMIT_S):
            answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 400")
        assert b"did not come in time" in answer
        writer.close()


async def _connected(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
