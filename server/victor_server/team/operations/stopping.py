"""Hears the signals that end the backend, or have it read its configuration again."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Awaitable, Callable, Iterator

from victor_server.errors import VictorError

_log = logging.getLogger(__name__)

Reload = Callable[[], Awaitable[None]]


class Stopping:
    """`asked`: end, once what runs has ended. `hurried`: end now."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.hurried = asyncio.Event()
        self._reloading: asyncio.Task[None] | None = None

    def ask(self) -> None:
        """End; asked again, at once."""
        if self.asked.is_set():
            self.hurried.set()
        self.asked.set()

    @contextlib.contextmanager
    def heard(self, reload: Reload | None) -> Iterator[None]:
        """Within this, SIGTERM and SIGINT ask to end, and SIGHUP has `reload` done."""
        loop = asyncio.get_running_loop()
        handlers: dict[str, Callable[[], None]] = {"SIGTERM": self.ask, "SIGINT": self.ask}
        if reload is not None:
            handlers["SIGHUP"] = lambda: self._reload(reload)
        before = {}
        for name, handler in handlers.items():
            number = getattr(signal, name, None)
            if number is not None:
                before[number] = signal.getsignal(number)
                _hear(loop, number, handler)
        try:
            yield
        finally:
            for number, handler_before in before.items():
                with contextlib.suppress(NotImplementedError):
                    loop.remove_signal_handler(number)
                signal.signal(number, handler_before)

    def _reload(self, reload: Reload) -> None:
        if self._reloading is None or self._reloading.done():
            self._reloading = asyncio.ensure_future(_told(reload))


def _hear(loop: asyncio.AbstractEventLoop, number: int, handler: Callable[[], None]) -> None:
    try:
        loop.add_signal_handler(number, handler)
    except NotImplementedError:  # Windows
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(handler))


async def _told(reload: Reload) -> None:
    try:
        await reload()
    except VictorError as error:
        _log.error("the configuration was not read again: %s", error.message)
