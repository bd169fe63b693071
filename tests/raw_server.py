"""A server on loopback that sends exactly the bytes it is told to, and keeps what it was sent."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class RawRequest:
    """One request as it came; header names in small letters."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(slots=True)
class RawServer:
    """`requests` are all that came; `closed` is set when a client has hung up."""

    url: str = ""
    requests: list[RawRequest] = field(default_factory=list)
    closed: asyncio.Event = field(default_factory=asyncio.Event)


Answer = Callable[[RawRequest, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw_server(answer: Answer) -> AsyncIterator[RawServer]:
    """Serve: `answer` writes whatever it likes; then the connection is closed."""
    server = RawServer()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if (request := await _read(reader)) is None:
                return
            server.requests.append(request)
            work = asyncio.ensure_future(answer(request, writer))
            gone = asyncio.ensure_future(reader.read(1))
            await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                server.closed.set()
            for task in (work, gone):
                task.cancel()
            await asyncio.gather(work, gone, return_exceptions=True)
        finally:
            writer.close()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listening = await asyncio.start_server(begin, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def response(status: int, body: bytes | str | object, **headers: str) -> bytes:
    """A whole answer with its length; a value that is no text is written as JSON."""
    data = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    content_type = "" if "content_type" in headers else "content-type: application/json\r\n"
    head = (
        f"HTTP/1.1 {status} X\r\n{content_type}{more}content-length: {len(data)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + data


def always(data: bytes) -> Answer:
    """Answer everything with these bytes and hang up."""

    async def answer(request: RawRequest, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return answer


def stream_head(content_type: str = "text/event-stream") -> bytes:
    """The head of an answer that ends with the connection."""
    return f"HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\nconnection: close\r\n\r\n".encode()


def sse(*events: object, names: bool = False) -> bytes:
    """Server-sent events of these values, each named after its `type` where wanted."""
    written = ""
    for event in events:
        name = f"event: {event.get('type')}\n" if names and isinstance(event, dict) else ""
        data = event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)
        written += f"{name}data: {data}\n\n"
    return written.encode()


async def forever() -> None:
    """Wait until cancelled."""
    await asyncio.Event().wait()


async def _read(reader: asyncio.StreamReader) -> RawRequest | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.split("\r\n")
    method, path, _ = first.split(" ")
    pairs = (line.split(": ", 1) for line in lines if line)
    headers = {name.lower(): value for name, value in pairs}
    return RawRequest(
        method, path, headers, await reader.readexactly(int(headers.get("content-length", "0")))
    )
