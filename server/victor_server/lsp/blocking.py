"""Work that would hold up the event loop, on a few threads of our own that never hold up the end of the process."""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_Call = Callable[[], None]

_MOST_IDLE = 4
"""Threads that wait for the next call: to start one for each is most of what a short call costs."""


class CancelToken:
    """Tells work in another thread that nobody waits for it any more."""

    def __init__(self) -> None:
        self._event = threading.Event()

    @property
    def cancelled(self) -> bool:
        """True once `cancel` was called; long work looks here now and then, and stops."""
        return self._event.is_set()

    def cancel(self) -> None:
        """Call the work off: what has not begun never will."""
        self._event.set()


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[], Any]
    token: CancelToken
    done: Callable[[Any, BaseException | None], None]


class BlockingPool:
    """Up to `n_threads` daemon threads: one that hangs in a system call cannot keep the process alive."""

    def __init__(self, n_threads: int = 3) -> None:
        self._n_threads = n_threads
        self._threads: list[threading.Thread] = []
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()

    async def run_blocking(self, work: Callable[[], T], token: CancelToken | None = None) -> T:
        """What `work` returns or raises. Cancelling the wait cancels `token`, and with it work that has not begun."""
        token = token or CancelToken()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(work, token, _deliver_to(loop, future)))
        self._start_thread()
        try:
            return await future
        except asyncio.CancelledError:
            token.cancel()
            raise

    def close(self) -> None:
        """Let the threads go once they have nothing left to do; returns at once."""
        for _ in self._threads:
            self._jobs.put(None)
        self._threads.clear()

    def _start_thread(self) -> None:
        if len(self._threads) < self._n_threads:
            thread = threading.Thread(target=_work, args=(self._jobs,), name="victor-blocking", daemon=True)
            self._threads.append(thread)
            thread.start()


class DaemonExecutor(ThreadPoolExecutor):
    """What `asyncio.to_thread` runs on. The standard one is waited for at the end, however long a call hangs."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._n_idle = 0
        self._most_idle = _MOST_IDLE
        self._handed: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()

    def submit(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Run `work` at once, in a thread that is idle or else in a new one: a call that hangs holds no other up."""
        future: Future[T] = Future()
        call = partial(_call, partial(work, *args, **kwargs), future)
        with self._lock:
            is_idle = self._n_idle > 0
            self._n_idle -= is_idle
        if is_idle:
            self._handed.put(call)
        else:
            threading.Thread(target=self._run, args=(call,), name="victor-call", daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let idle threads go, and leave behind what still runs."""
        with self._lock:
            n_idle, self._n_idle, self._most_idle = self._n_idle, 0, 0
        for _ in range(n_idle):
            self._handed.put(None)

    def _run(self, call: "_Call | None") -> None:
        while call is not None:
            call()
            call = None  # its result may be large, and the next call far
            with self._lock:
                if self._n_idle >= self._most_idle:
                    return
                self._n_idle += 1
            call = self._handed.get()


def _call(work: Callable[[], Any], future: "Future[Any]") -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001 - it is raised again where the result is awaited
        future.set_exception(error)
    else:
        future.set_result(result)


def _work(jobs: "queue.SimpleQueue[_Job | None]") -> None:
    while (job := jobs.get()) is not None:
        if job.token.cancelled:
            continue
        try:
            result = job.work()
        except BaseException as error:  # noqa: BLE001 - it is raised again where the result is awaited
            job.done(None, error)
        else:
            job.done(result, None)


def _deliver_to(
    loop: asyncio.AbstractEventLoop, future: "asyncio.Future[Any]"
) -> Callable[[Any, BaseException | None], None]:
    def settle(result: Any, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def deliver(result: Any, error: BaseException | None) -> None:
        try:
            loop.call_soon_threadsafe(settle, result, error)
        except RuntimeError:
            # The loop is closed: the server has ended, nobody waits.
            pass

    return deliver
