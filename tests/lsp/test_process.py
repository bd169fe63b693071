"""The server as a process of its own."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from lsp.editor import TIMEOUT_S

from victor_server.lsp import orphan
from victor_server.lsp.framing import to_frame

SERVER = (sys.executable, "-P", str(Path(__file__).parent / "fake_server.py"))
LAZY = {
    "lancedb",
    "pyarrow",
    "anthropic",
    "openai",
    "opentelemetry",
    "detect_secrets",
    "typer",
    "rich",
    "pydantic",
}


def frame(message: Any) -> bytes:
    """One message as it goes over the wire."""
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def initialize(**params: Any) -> bytes:
    """The handshake."""
    return frame({"id": 1, "method": "initialize", "params": {"capabilities": {}, **params}}) + frame(
        {"method": "initialized", "params": {}}
    )


GOODBYE = frame({"id": 2, "method": "shutdown"}) + frame({"method": "exit"})


async def receive(reader: asyncio.StreamReader) -> Any:
    """The next message."""
    async with asyncio.timeout(TIMEOUT_S):
        header = await reader.readuntil(b"\r\n\r\n")
        return json.loads(await reader.readexactly(int(header.split(b":")[1])))


@asynccontextmanager
async def process(*arguments: str, **options: Any) -> AsyncIterator[asyncio.subprocess.Process]:
    """A server process, which is gone afterwards."""
    pipe = asyncio.subprocess.PIPE
    server = await asyncio.create_subprocess_exec(
        *SERVER, *arguments, stdin=pipe, stdout=pipe, stderr=pipe, **options
    )
    try:
        yield server
    finally:
        if server.returncode is None:
            server.kill()
        await server.communicate()


@pytest.mark.parametrize(
    ("last_words", "exit_code"), [(GOODBYE, 0), (frame({"method": "exit"}), 1), (b"", 1)]
)
async def test_exit_codes(last_words: bytes, exit_code: int) -> None:
    """0 after a shutdown, 1 without one, and when the client's stream just ends."""
    async with process() as server:
        output, _ = await asyncio.wait_for(server.communicate(initialize() + last_words), TIMEOUT_S)
    assert server.returncode == exit_code
    assert output.startswith(b"Content-Length: ")


async def test_hanging_drive_keeps_no_process() -> None:
    """What hangs in a system call, such as a dead network drive, is left behind."""
    async with process("--hang") as server:
        folder = {"uri": "file:///w", "name": "w"}
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(
            initialize(workspaceFolders=[folder]) + frame({"id": 2, "method": "victor/status"})
        )
        while (await receive(server.stdout))["id"] != 2:
            pass
        goodbye = frame({"id": 3, "method": "shutdown"}) + frame({"method": "exit"})
        _, errors = await asyncio.wait_for(server.communicate(goodbye), TIMEOUT_S)
    assert server.returncode == 0
    assert b"services closed" in errors
    assert b"Traceback" not in errors


async def test_stray_output_does_not_reach_the_wire() -> None:
    """What anything prints, also by file descriptor, goes to stderr; what reads stdin finds it empty."""
    async with process("--stray") as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(
            initialize() + frame({"id": 3, "method": "victor/search", "params": {"query": "x"}})
        )
        assert [(await receive(server.stdout))["id"] for _ in range(2)] == [1, 3]
        output, errors = await asyncio.wait_for(server.communicate(GOODBYE), TIMEOUT_S)
    assert output == to_frame(b'{"jsonrpc":"2.0","id":2,"result":null}')
    assert b"printed by python" in errors
    assert b"printed by a child" in errors
    assert b"stdin holds b''" in errors


async def test_nothing_heavy_is_loaded() -> None:
    """The index's and the command line's libraries stay outside, and so does what only a setting needs."""
    async with process("--modules") as server:
        item = {"uri": "file:///w/a.py", "languageId": "python", "version": 1, "text": "CERTAIN_ABCD"}
        opened = frame({"method": "textDocument/didOpen", "params": {"textDocument": item}})
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(initialize() + opened)
        while "method" not in await receive(server.stdout):
            pass
        _, errors = await asyncio.wait_for(server.communicate(GOODBYE), TIMEOUT_S)
    loaded = {name.partition(".")[0] for name in json.loads(errors.splitlines()[-1])}
    assert "pygls" in loaded
    assert not loaded & LAZY


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to handle")
async def test_sigterm_ends_in_order() -> None:
    """The services are closed before the process goes."""
    async with process() as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(
            initialize() + frame({"id": 2, "method": "victor/search", "params": {"query": "x"}})
        )
        for _ in range(2):
            await receive(server.stdout)
        server.send_signal(signal.SIGTERM)
        _, errors = await asyncio.wait_for(server.communicate(), TIMEOUT_S)
    assert server.returncode == 1
    assert b"services closed" in errors


async def test_socket_serves_one_client() -> None:
    """The first connection is served like stdio; there is no second one; the end of it ends the process."""
    async with process("127.0.0.1", "0") as server:
        assert server.stderr is not None
        line = await asyncio.wait_for(server.stderr.readline(), TIMEOUT_S)
        port = int(line.split()[-1])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(initialize())
        assert "capabilities" in (await receive(reader))["result"]
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", port)
        writer.write(GOODBYE)
        assert (await receive(reader))["id"] == 2
        assert await asyncio.wait_for(server.wait(), TIMEOUT_S) == 0
        writer.close()


async def test_death_of_the_client_is_noticed() -> None:
    """Once the process is gone; one that was never there is not watched."""
    died: list[int] = []
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE
    )
    watch = asyncio.create_task(orphan.watch(child.pid, lambda: died.append(child.pid), poll_s=0.01))
    await asyncio.sleep(0)
    assert orphan.is_alive(os.getpid())
    assert not watch.done()
    child.kill()
    await child.wait()
    await asyncio.wait_for(watch, TIMEOUT_S)
    for pid in (child.pid, -1, 0, 2**40):
        await orphan.watch(pid, lambda: died.append(0))
    assert died == [child.pid]
