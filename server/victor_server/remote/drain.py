"""Brings what is in the outbox to the backend: by one process of this person's at a time, in order, until it arrived."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from victor_server.errors import Conflict, Unavailable, UsageError, VictorError
from victor_server.protocol import Deliver, Delivered, Shape
from victor_server.remote.outbox import Outbox, Waiting

if TYPE_CHECKING:
    from filelock import FileLock

BATCH_EVENTS = 500
BATCH_BYTES = 1_000_000
LOOK_EVERY_S = 2.0
"""So often it is looked what other processes have put in."""
MOST_WAIT_S = 30.0

LOCK_NAME = "outbox.lock"

Ask = Callable[[str, Shape], Awaitable[Any]]


class Drainer:
    """One per process; the one that holds the lock works, and whoever is there takes over when its process ends."""

    def __init__(
        self,
        outbox: Outbox,
        home: Path,
        ask: Ask,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._outbox = outbox
        self._file = home / LOCK_NAME
        self._ask = ask
        self._sleep = sleep
        self.n_waiting = 0
        """How many events waited when it was last looked."""
        self._has_begun_again = False
        self._lock: FileLock | None = None
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Work from now on, on this event loop."""
        if self._task is None:
            self._task = asyncio.create_task(self._work(), name="victor-outbox")

    async def close(self) -> None:
        """Work no more; what has not arrived stays."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await asyncio.to_thread(self._release)

    async def drain(self) -> bool:
        """Deliver all that waits, if no other process does. Returns whether it was ours to do. Raises VictorError."""
        if not await asyncio.to_thread(self._acquire):
            return False
        self._has_begun_again = False
        while await self._deliver_batch():
            pass
        return True

    async def _work(self) -> None:
        failures = 0
        while True:
            try:
                await self.drain()
                failures = 0
            except VictorError:
                failures += 1  # the link tells of it; here it is only tried again
            await self._count()
            await self._sleep(min(MOST_WAIT_S, LOOK_EVERY_S * 2.0 ** min(failures, 8)))

    async def _count(self) -> None:
        with contextlib.suppress(VictorError):
            self.n_waiting = (await asyncio.to_thread(self._outbox.backlog)).n_events

    async def _deliver_batch(self) -> bool:
        install, batch = await asyncio.to_thread(self._outbox.next_batch, BATCH_EVENTS, BATCH_BYTES)
        if not batch:
            return False
        try:
            told: Delivered = await self._ask("events/deliver", _deliver(install, batch))
        except (UsageError, Conflict) as error:
            await self._narrow(install, batch, error)
            return True
        await self._took(install, batch, told)
        return told.acked >= batch[0].seq or not _fits(batch, told)

    async def _took(self, install: str, batch: list[Waiting], told: Delivered) -> None:
        if not _fits(batch, told):
            # One of both was set back to an earlier state. What waits has not arrived as far as anybody can say.
            if self._has_begun_again:
                raise Unavailable(
                    "The team's backend does not count what it is told.", "Tell whoever runs it."
                )
            self._has_begun_again = True
            await asyncio.to_thread(self._outbox.begin_again)
            return
        refused = {event.seq: event.reason for event in told.quarantined}
        await asyncio.to_thread(self._outbox.arrived, install, told.acked, refused)

    async def _narrow(self, install: str, batch: list[Waiting], error: VictorError) -> None:
        """The backend takes none of it: one event at a time, and what is at fault is put aside."""
        first = batch[0]
        if len(batch) > 1:
            try:
                told: Delivered = await self._ask("events/deliver", _deliver(install, [first]))
            except (UsageError, Conflict) as fault:
                error = fault
            else:
                await self._took(install, [first], told)
                return
        await asyncio.to_thread(self._outbox.put_aside, first.seq, error.message)

    def _acquire(self) -> bool:
        from filelock import FileLock, Timeout

        if self._lock is None:
            self._lock = FileLock(self._file, timeout=0, mode=0o600, thread_local=False)
        try:
            if not self._lock.is_locked:
                self._lock.acquire()
        except (Timeout, OSError):
            return False
        return True

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release(force=True)


def _fits(batch: list[Waiting], told: Delivered) -> bool:
    return batch[0].seq - 1 <= told.acked <= batch[-1].seq


def _deliver(install: str, batch: list[Waiting]) -> Deliver:
    events = tuple({"seq": event.seq, "kind": event.kind, "body": json.loads(event.body)} for event in batch)
    return Deliver(install=install, events=events)
