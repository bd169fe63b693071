"""Work on the event loop that no request waits for: tasks that are all ended with the connection, and delayed calls."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Hashable
from typing import Any

from victor_indexer.errors import IndexerError
from victor_server.errors import VictorError

logger = logging.getLogger(__name__)


class Background:
    """Tasks that belong to one connection; what fails is logged, what runs at the end is cancelled."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` beside everything else."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def close(self) -> None:
        """Cancel what runs, and wait until it has ended."""
        while self._tasks:
            tasks = list(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            self._tasks.difference_update(tasks)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, VictorError | IndexerError):
            logger.warning("background work failed: %s", error.message)
        elif error is not None:
            logger.error("a bug in background work: %s", type(error).__name__, exc_info=error)


class Later:
    """Calls that wait a moment for newer ones with the same key: the latest wins, and none waits longer than that."""

    def __init__(self, delay_s: float) -> None:
        self._delay_s = delay_s
        self._calls: dict[Hashable, Callable[[], None]] = {}
        self._timers: dict[Hashable, asyncio.TimerHandle] = {}

    def call(self, key: Hashable, action: Callable[[], None]) -> None:
        """Call `action` after the delay, instead of the one that already waits under `key`."""
        self._calls[key] = action
        if key not in self._timers:
            self._timers[key] = asyncio.get_running_loop().call_later(self._delay_s, self._fire, key)

    def waits(self, key: Hashable) -> bool:
        """True while a call waits under `key`."""
        return key in self._calls

    def drop(self, key: Hashable) -> None:
        """Forget the call that waits under `key`."""
        self._calls.pop(key, None)
        if timer := self._timers.pop(key, None):
            timer.cancel()

    def close(self) -> None:
        """Forget every call that waits."""
        for key in list(self._calls):
            self.drop(key)

    def _fire(self, key: Hashable) -> None:
        del self._timers[key]
        self._calls.pop(key)()
