"""The messages of a server on its standard input and output, one a line."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
import mcp_types as types
from mcp.client._transport import TransportStreams
from mcp.shared.message import SessionMessage

from victor_server.agent.mcp.process import Process

_Received = SessionMessage | Exception


@asynccontextmanager
async def process_streams(process: Process) -> AsyncGenerator[TransportStreams, None]:
    """The streams of a started server; it has ended, with all below it, when this is left."""
    to_us, received = anyio.create_memory_object_stream[_Received](0)
    written, from_us = anyio.create_memory_object_stream[SessionMessage](0)
    async with to_us, received, written, from_us:
        tasks = [
            asyncio.create_task(_read(process, to_us)),
            asyncio.create_task(_write(process, from_us, to_us)),
        ]
        try:
            yield received, written
        finally:
            for task in tasks:
                task.cancel()
            await process.end()
            await asyncio.wait(tasks)


async def _read(process: Process, to_us: anyio.abc.ObjectSendStream[_Received]) -> None:
    """Until it ends, or sends a line that is longer than any message."""
    output = process.process.stdout
    async with to_us:
        with contextlib.suppress(ValueError, OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
            while output is not None and (line := await output.readline()):
                await to_us.send(_message(line))


def _message(line: bytes) -> _Received:
    try:
        return SessionMessage(types.jsonrpc_message_adapter.validate_json(line, by_name=False))
    except ValueError:
        return ValueError("not a message")


async def _write(
    process: Process,
    from_us: anyio.abc.ObjectReceiveStream[SessionMessage],
    to_us: anyio.abc.ObjectSendStream[_Received],
) -> None:
    stdin = process.process.stdin
    try:
        async for each in from_us:
            text = each.message.model_dump_json(by_alias=True, exclude_unset=True)
            if stdin is not None:
                stdin.write(text.encode("utf-8", "replace") + b"\n")
                await stdin.drain()
    except (OSError, ValueError):
        await to_us.aclose()  # who waits for an answer hears that none will come
