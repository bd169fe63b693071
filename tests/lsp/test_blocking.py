"""Blocking work beside the event loop."""

import asyncio
import threading

import pytest

from victor_server.lsp.background import Background, Later
from victor_server.lsp.blocking import BlockingPool, CancelToken, DaemonExecutor


async def test_result_and_error_come_back() -> None:
    """What the work returns or raises is returned or raised where it is awaited; the pool goes on after an error."""
    pool = BlockingPool(n_threads=1)
    assert await pool.run_blocking(threading.get_ident) != threading.get_ident()
    with pytest.raises(ZeroDivisionError):
        await pool.run_blocking(lambda: 1 // 0)
    assert await pool.run_blocking(lambda: 7) == 7
    pool.close()


async def test_cancelled_work_is_told_and_waiting_work_never_begins() -> None:
    """Cancelling the wait sets the token of work that runs, and drops work that waits for a thread."""
    pool, began, release = BlockingPool(n_threads=1), threading.Event(), threading.Event()
    token = CancelToken()
    seen: list[object] = []

    def work() -> None:
        began.set()
        release.wait(20)
        seen.append(token.cancelled)

    running = asyncio.create_task(pool.run_blocking(work, token))
    waiting = asyncio.create_task(pool.run_blocking(lambda: seen.append("must not run")))
    assert await asyncio.to_thread(began.wait, 20)
    for task in (running, waiting):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    release.set()
    assert await pool.run_blocking(lambda: 1) == 1
    assert seen == [True]
    pool.close()


async def test_hanging_work_does_not_hold_others_up() -> None:
    """There is more than one thread, and closing waits for none."""
    pool, release = BlockingPool(n_threads=2), threading.Event()
    hanging = asyncio.create_task(pool.run_blocking(lambda: release.wait(20)))
    assert await pool.run_blocking(lambda: 1) == 1
    pool.close()
    release.set()
    assert await hanging


async def test_latest_call_wins() -> None:
    """Calls under one key are made once, the last one; others are not touched; dropped ones are never made."""
    later, made, done = Later(0.001), [], asyncio.Event()
    for number in range(5):
        later.call("a", lambda number=number: made.append(number))  # type: ignore[misc]  # a lambda's default
    later.call("gone", lambda: made.append("gone"))
    later.drop("gone")
    later.call("b", done.set)
    await done.wait()
    assert made == [4]
    later.call("c", lambda: made.append("c"))
    later.close()


async def test_background_ends_and_tells_of_failures(caplog: pytest.LogCaptureFixture) -> None:
    """What still runs at the end is cancelled and waited for; what failed stands in the log."""
    background, cleaned = Background(), []

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.append(True)

    async def failing() -> None:
        raise ValueError

    background.start(endless())
    background.start(failing())
    await asyncio.sleep(0)
    await background.close()
    assert cleaned == [True]
    assert "ValueError" in caplog.text


async def test_threads_of_the_loop_hold_nothing_up() -> None:
    """What `asyncio.to_thread` runs gives its result or error; the end does not wait for what hangs."""
    loop = asyncio.get_running_loop()
    loop.set_default_executor(DaemonExecutor())
    assert await asyncio.to_thread(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await asyncio.to_thread(divmod, 7, 0)
    never, begun = threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        never.wait()

    hanging = asyncio.ensure_future(asyncio.to_thread(hang))
    await asyncio.to_thread(begun.wait)
    await loop.shutdown_default_executor()
    assert not hanging.done()
    hanging.cancel()
    never.set()


async def test_short_calls_share_a_thread() -> None:
    """One call after the other needs no second thread; one that hangs takes none from those behind it."""
    executor = DaemonExecutor()
    loop = asyncio.get_running_loop()
    release, begun = threading.Event(), threading.Event()

    def hang() -> int:
        begun.set()
        release.wait()
        return threading.get_ident()

    first = executor.submit(hang)
    begun.wait()
    others = [await loop.run_in_executor(executor, threading.get_ident) for _ in range(50)]
    release.set()
    assert len(set(others)) < len(others)
    assert first.result() not in others
    executor.shutdown()
    assert await loop.run_in_executor(executor, divmod, 7, 2) == (3, 1)
