"""A model server on loopback that speaks OpenAI's API and keeps every byte that it was sent."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

Answer = Callable[[dict[str, Any]], Sequence[str]]
"""The request's body → the pieces of the answer."""


class CapturingServer:
    """Answers each request as `answer` says. `seen` is all that came in, `bodies` the requests for an answer."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.seen = b""
        self.bodies: list[dict[str, Any]] = []
        self.port = 0

    @property
    def url(self) -> str:
        """Its address, for `base_url`."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def said(self) -> str:
        """All texts that were to be answered, escapes of JSON undone."""
        return "\n".join(json.dumps(body, ensure_ascii=False) for body in self.bodies).replace("\\n", "\n")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request after the other."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    (
                        int(line.split(b":")[1])
                        for line in head.lower().split(b"\r\n")
                        if line.startswith(b"content-length:")
                    ),
                    0,
                )
                body = await reader.readexactly(length)
                self.seen += head + body
                await self._reply(head, body, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _reply(self, head: bytes, body: bytes, writer: asyncio.StreamWriter) -> None:
        if not head.startswith(b"POST") or b"/chat/completions" not in head.split(b"\r\n")[0]:
            writer.write(_whole(b'{"object": "list", "data": []}'))
        else:
            asked = json.loads(body)
            self.bodies.append(asked)
            writer.write(_head("text/event-stream", "Connection: close"))
            for piece in self.answer(asked):
                writer.write(_event({"delta": {"content": piece}}))
                await writer.drain()
            writer.write(_event({"delta": {}, "finish_reason": "stop"}) + b"data: [DONE]\n\n")
            await writer.drain()
            writer.close()
        await writer.drain()


@asynccontextmanager
async def capturing_server(answer: Answer) -> AsyncIterator[CapturingServer]:
    """A server that runs meanwhile."""
    capturing = CapturingServer(answer)
    server = await asyncio.start_server(capturing.serve, "127.0.0.1", 0, limit=1 << 24)
    capturing.port = server.sockets[0].getsockname()[1]
    async with server:
        yield capturing


def _event(choice: dict[str, Any]) -> bytes:
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m"}
    full = {**chunk, "choices": [{"index": 0, "finish_reason": None, **choice}]}
    return f"data: {json.dumps(full)}\n\n".encode()


def _whole(body: bytes) -> bytes:
    return _head("application/json", f"Content-Length: {len(body)}") + body


def _head(kind: str, more: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{more}\r\n\r\n".encode()
