"""One call while it runs: its lease, what has come so far, and whether somebody wants it to end."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable

from victor_server.agent.events import ProviderEvent
from victor_server.errors import StoreFailed
from victor_server.team.gateway.lines import Opening
from victor_server.team.gateway.meter import Meter

_log = logging.getLogger(__name__)

Renew = Callable[["Run"], Awaitable[bool]]


class Run:
    """`said_stored` is what the store says of `meter.has_said`. It begins True: a call that nobody hears of again counts
    as one that has spoken. Only for a model that stays silent the store is told so, before anybody waits for long.
    `is_pending`: a server may be at work on it. `earlier`: attempts of this call that are charged for, and came to nothing.
    """

    def __init__(self, opening: Opening, attempt: int, meter: Meter) -> None:
        self.opening = opening
        self.attempt = attempt
        self.meter = meter
        self.was_sent = self.is_pending = False
        self.earlier: list[Meter] = []
        self.is_cancelled = self.is_lost = False
        self.said_stored = True
        self.begun = time.monotonic()
        self.first_token_s: float | None = None
        self._waiting: asyncio.Timeout | None = None
        self._ended = asyncio.Event()
        self._lock = asyncio.Lock()
        self._keeper: asyncio.Task[None] | None = None

    def cancel(self) -> None:
        """End it; also while it waits for the provider."""
        self.is_cancelled = True
        self._ended.set()
        if self._waiting is not None:
            with contextlib.suppress(RuntimeError):
                self._waiting.reschedule(asyncio.get_running_loop().time())

    async def next_of(self, events: AsyncGenerator[ProviderEvent, None]) -> ProviderEvent | None:
        """The next event; None at the end, and once somebody cancels."""
        if self.is_cancelled:
            return None
        try:
            async with asyncio.timeout(None) as self._waiting:
                return await anext(events)
        except StopAsyncIteration:
            return None
        except TimeoutError:
            if not self.is_cancelled:
                raise
            return None
        finally:
            self._waiting = None

    async def pause(self, seconds: float) -> bool:
        """Wait; whether the call still goes on then."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._ended.wait()
        return not self.is_cancelled

    def begin_again(self, meter: Meter) -> None:
        """What came to nothing is charged; what follows is counted anew."""
        self.earlier.append(self.meter)
        self.meter = meter
        self.is_pending = False

    async def speaks(self, renew: Renew) -> None:
        """Before the first piece is told: it is durable that there was one. Raises `StoreFailed`."""
        self.first_token_s = time.monotonic() - self.begun
        async with self._lock:
            if not self.said_stored:
                self.said_stored = True
                await self._renewed(renew)

    def keep(self, renew: Renew, silence_s: float, every_s: float) -> None:
        """Renew the lease from now on."""
        self._keeper = asyncio.create_task(self._keep(renew, silence_s, every_s))

    async def let_go(self) -> None:
        """Renew it no more."""
        if self._keeper is not None:
            self._keeper.cancel()
            (ended,) = await asyncio.gather(self._keeper, return_exceptions=True)
            if isinstance(ended, Exception):
                _log.error("a bug in what renews the lease of a call: %s", type(ended).__name__)

    async def _keep(self, renew: Renew, silence_s: float, every_s: float) -> None:
        await asyncio.sleep(min(silence_s, every_s))
        while True:
            async with self._lock:
                self.said_stored = self.meter.has_said
                try:
                    await self._renewed(renew)
                except StoreFailed as error:
                    self.said_stored = False  # nobody knows: said again before the first piece
                    _log.warning("A call's lease could not be renewed: %s", error.message)
            await asyncio.sleep(every_s)

    async def _renewed(self, renew: Renew) -> None:
        if not await renew(self):
            self.is_lost = True
            self.cancel()
