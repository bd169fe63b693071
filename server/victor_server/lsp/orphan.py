"""Notices that the client's process has died without a word."""

import asyncio
import os
import sys
from collections.abc import Callable

POLL_S = 3.0


async def watch(pid: int, on_death: Callable[[], None], poll_s: float = POLL_S) -> None:
    """Call `on_death` once the process `pid` is gone.

    A process that cannot be seen from the start is not watched: a client in another container or on another machine
    names a process that does not exist here.
    """
    if pid <= 0 or not is_alive(pid):
        return
    while is_alive(pid):  # noqa: ASYNC110 - another process sets no event here
        await asyncio.sleep(poll_s)
    on_death()


def is_alive(pid: int) -> bool:
    """True while there is a process of this id."""
    if sys.platform == "win32":
        # Windows knows no signal 0: os.kill would end the process.
        import psutil

        return bool(psutil.pid_exists(pid))
    try:
        os.kill(pid, 0)
    except PermissionError:
        # Not ours to signal, but there.
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return True
