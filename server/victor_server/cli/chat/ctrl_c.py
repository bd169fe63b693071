"""What Ctrl-C, and a request to end, do to the chat."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def on_ctrl_c(act: Callable[[], None]) -> Iterator[None]:
    """Call `act` on the event loop at each Ctrl-C, which then stops nothing by itself."""
    loop = asyncio.get_running_loop()
    before = signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(act))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def ended_in_order() -> Iterator[None]:
    """SIGTERM and the closing of the window unwind the program instead of cutting it off: the terminal is mended."""
    loop = asyncio.get_running_loop()
    signals = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    for number in signals:
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, sys.exit, 128 + number)
    try:
        yield
    finally:
        for number in signals:
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(number)
