"""What of a server's messages is heard at all: answers, a few requests, and that its tools have changed."""

from types import TracebackType
from typing import Self

import anyio
import mcp_types as types
from mcp.shared._stream_protocols import ReadStream
from mcp.shared.message import SessionMessage

MAX_REQUESTS = 1_000
"""Requests of one server over one connection: each costs an answer, which it may never read."""

MAX_BAD = 100
"""Lines that are no message: some servers print words there; one that prints nothing else is no server."""

_HEARD = frozenset({"notifications/tools/list_changed"})


class Sifted:
    """Such a stream over another. It ends where the server says too much of what nobody wants."""

    def __init__(self, stream: ReadStream[SessionMessage | Exception]) -> None:
        self._stream = stream
        self._n_requests = 0
        self._n_bad = 0

    async def receive(self) -> SessionMessage | Exception:
        """The next message that counts. Raises as the stream below."""
        while True:
            item = await self._stream.receive()
            if isinstance(item, Exception):
                self._n_bad += 1
            elif isinstance(item.message, types.JSONRPCRequest):
                self._n_requests += 1
                return await self._or_end(item)
            elif not isinstance(item.message, types.JSONRPCNotification) or item.message.method in _HEARD:
                return item
            await self._or_end(item)

    async def _or_end(self, item: SessionMessage | Exception) -> SessionMessage | Exception:
        if self._n_bad > MAX_BAD or self._n_requests > MAX_REQUESTS:
            await self._stream.aclose()
            raise anyio.EndOfStream
        return item

    async def aclose(self) -> None:
        """Close the stream below."""
        await self._stream.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
