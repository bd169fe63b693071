"""One WebSocket as the server hands it to us: text in, text out, one end."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from victor_server.protocol import MAX_FRAME_BYTES, CloseCode
from victor_server.team.connection.outgoing import Outgoing

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_CLOSE_TIME_LIMIT_S = 2.0


class Gone(Exception):
    """The other end is gone; `code` says how."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Unreadable(Exception):
    """A frame that cannot be one: `code` is what the socket is closed with."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Socket:
    """One that was accepted. `closed`: the code that it was closed with, by us or by them, 0 while it is open."""

    __slots__ = (
        "_max_bytes",
        "_receive",
        "_send",
        "_task",
        "closed",
        "heard_at",
        "out",
        "told_at",
        "told_head",
        "told_policy_at",
    )

    def __init__(
        self,
        receive: Receive,
        send: Send,
        clock: Callable[[], float],
        max_bytes: int = MAX_FRAME_BYTES,
    ) -> None:
        self._receive = receive
        self._send = send
        self._max_bytes = max_bytes
        self._task = asyncio.current_task()
        self.out = Outgoing(self._send_text, clock)
        self.closed = 0
        self.heard_at = self.told_at = self.told_policy_at = clock()
        self.told_head = -1

    async def text(self) -> str:
        """The next frame. Raises `Gone`, `Unreadable`."""
        message = await self._receive()
        if message["type"] != "websocket.receive":
            self.closed = self.closed or int(message.get("code") or 1006)
            self.out.stop()
            raise Gone(self.closed)
        text = message.get("text")
        if text is None:
            raise Unreadable(CloseCode.BAD_FRAME, "frames are text")
        if len(text) > self._max_bytes or (not text.isascii() and len(text.encode()) > self._max_bytes):
            raise Unreadable(CloseCode.TOO_LARGE, "the frame is too large")
        return str(text)

    async def close(self, code: int, reason: str = "") -> None:
        """End it, once; what waits and can be sent goes first. One that takes nothing is dropped."""
        if self.closed:
            return
        self.closed = code
        try:
            async with asyncio.timeout(_CLOSE_TIME_LIMIT_S):
                await self.out.flush()
                self.out.stop()
                await self._send({"type": "websocket.close", "code": code, "reason": reason})
        except TimeoutError:
            self.out.stop()
            if self._task is not None and self._task is not asyncio.current_task():
                self._task.cancel()
        except OSError:
            self.out.stop()

    async def drain(self) -> None:
        """After `close`: pass over what still comes, until the other end is gone."""
        with contextlib.suppress(Gone):
            while True:
                with contextlib.suppress(Unreadable):
                    await self.text()

    async def _send_text(self, text: str) -> None:
        await self._send({"type": "websocket.send", "text": text})
