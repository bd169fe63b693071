"""Sends what waits over one socket: as fast as the edge takes it and has given credits for, and no faster."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from victor_server.team.connection.ring import Ring

Send = Callable[[str], Awaitable[None]]


class Outgoing:
    """The way out of one socket. A task runs only while there is something to send: thousands are idle."""

    __slots__ = ("_clock", "_credits", "_ring", "_send", "_task", "_urgent", "waiting_since")

    def __init__(self, send: Send, clock: Callable[[], float]) -> None:
        self._send = send
        self._clock = clock
        self._ring: Ring | None = None
        self._credits = 0
        self._urgent: deque[str] | None = None
        self._task: asyncio.Task[None] | None = None
        self.waiting_since: float | None = None
        """Since when something waits that the edge does not take, None if nothing does."""

    def serve(self, ring: Ring, n_credits: int) -> None:
        """From now on send what `ring` holds."""
        self._ring = ring
        self._credits = n_credits
        self.pump()

    def credit(self, n_frames: int) -> None:
        """The edge takes so many more. It cannot save up without bound."""
        self._credits = min(self._credits + n_frames, 1_000_000)
        self.pump()

    def tell(self, text: str) -> None:
        """Send something that is not counted, before all that waits."""
        if self._urgent is None:
            self._urgent = deque(maxlen=64)  # heartbeats to somebody who takes nothing
        self._urgent.append(text)
        self.pump()

    def pump(self) -> None:
        """Send what can be sent."""
        if self._task is None and self._has_waiting():
            if self.waiting_since is None:
                self.waiting_since = self._clock()
            if self._can_send():
                self._task = asyncio.ensure_future(self._work())

    async def flush(self) -> None:
        """Wait until all that can be sent is sent."""
        if self._task is not None:
            await asyncio.wait((self._task,))

    def stop(self) -> None:
        """Send nothing more."""
        self._ring = self._urgent = None
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _work(self) -> None:
        try:
            while (text := self._next()) is not None:
                await self._send(text)
                self.waiting_since = self._clock()
        except OSError:
            self._ring = self._urgent = None  # the socket is gone; whoever reads from it is told
        self._task = None
        if not self._has_waiting():
            self.waiting_since = None

    def _next(self) -> str | None:
        if self._urgent:
            return self._urgent.popleft()
        self._urgent = None
        if self._ring is None or self._credits <= 0:
            return None
        frame = self._ring.take()
        if frame is not None:
            self._credits -= 1
        return frame

    def _has_waiting(self) -> bool:
        return bool(self._urgent) or (self._ring is not None and self._ring.n_waiting > 0)

    def _can_send(self) -> bool:
        return bool(self._urgent) or self._credits > 0
