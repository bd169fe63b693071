"""The index worker: one process for all windows, editors and commands of a user.

It listens in VICTOR_HOME, keeps one `Workspace` per root that somebody has open, and leaves when the last client
has been gone for a while. An OS lock makes sure that there is one writer, whatever dies when.
"""

import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Listener
from pathlib import Path
from typing import NoReturn

from filelock import FileLock, Timeout

from victor_indexer import wire
from victor_indexer.pool import ParserPool
from victor_indexer.requests import METHODS
from victor_indexer.roots import OpenWorkspace
from victor_indexer.worker import Worker

logger = logging.getLogger(__name__)

LEAVE_AFTER_S = 60.0
_CLOSE_WITHIN_S = 10.0


def serve(home: Path, *, pool: ParserPool, open_workspace: OpenWorkspace, leave_after_s: float) -> NoReturn:
    """Serve until nobody is left, or a signal comes; then end the process.

    Prints `ready` once it listens, or `busy` where another worker has the lock.
    """
    place = wire.meeting_place(home)
    lock = FileLock(home / "worker" / f"index-{wire.INDEX_FORMAT}.lock", mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        _say("busy")
        os._exit(0)
    listener = _listen(place)
    worker = Worker(pool, open_workspace, METHODS, leave_after_s)
    end_on_signals(worker.end)
    threading.Thread(target=worker.accept, args=[listener], name="victor-accept", daemon=True).start()
    _say("ready")
    worker.wait_until_left()
    logger.info("the index worker leaves")
    listener.close()
    worker.close(_CLOSE_WITHIN_S)
    # Not by returning: what is still under way would be waited for, and the lock must not go before its last write.
    os._exit(0)


def _listen(place: wire.MeetingPlace) -> Listener:
    if place.family != "AF_UNIX":
        return Listener(place.address, place.family, authkey=place.authkey)
    # What lies there was left by a worker that was killed: the lock says that it is gone.
    Path(place.address).unlink(missing_ok=True)
    old_mask = os.umask(0o177)
    try:
        return Listener(place.address, place.family, backlog=64)
    finally:
        os.umask(old_mask)


def end_on_signals(end: Callable[[], None]) -> None:
    """Leave in order where the system asks for it: `end` is called once, from a thread of its own.

    A handler runs in the main thread, between any two of its steps: between its look at "has it ended?" and its wait,
    where what it tells is lost; or not at all, as that thread sleeps on when the signal comes beside it. So the handler
    does nothing, and what the interpreter writes down at once, in whatever thread, is read.
    """
    reader, writer = os.pipe()
    if os.name != "nt":
        os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)

    def wait_for_one() -> None:
        os.read(reader, 1)
        end()

    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, lambda _number, _frame: None)
    threading.Thread(target=wait_for_one, name="victor-signals", daemon=True).start()


def _say(word: str) -> None:
    """Tell whoever started the worker how that went, then leave its standard output alone."""
    with contextlib.suppress(OSError):  # it has not waited
        sys.stdout.write(word + "\n")
        sys.stdout.flush()
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, sys.stdout.fileno())
    os.close(quiet)
