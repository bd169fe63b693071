"""The worker's process: what signals do to it."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from victor_indexer.service import end_on_signals

_NAMES = [name for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name)]


@pytest.fixture(autouse=True)
def own_handlers() -> Iterator[None]:
    """Put the test runner's handlers back."""
    before = {name: signal.getsignal(getattr(signal, name)) for name in _NAMES}
    yield
    signal.set_wakeup_fd(-1)
    for name, handler in before.items():
        signal.signal(getattr(signal, name), handler)


@pytest.mark.parametrize("name", _NAMES)
def test_a_signal_waits_for_the_lock(name: str) -> None:
    """Between the main thread's look at a flag and its wait for a change, no signal gets in: it would be missed."""
    changed = threading.Condition()
    ended = threading.Event()

    def end() -> None:
        with changed:
            ended.set()
            changed.notify_all()

    end_on_signals(end)
    with changed:
        signal.raise_signal(getattr(signal, name))
        assert not ended.is_set()
        assert changed.wait(timeout=20)
    assert ended.is_set()


@pytest.mark.skipif(not Path("/proc/self/wchan").exists(), reason="nobody says here what a thread waits for")
def test_a_signal_is_heard_while_the_main_thread_sleeps() -> None:
    """Python runs its handlers in the main thread alone, which need not wake up for a signal that came beside it."""
    ended = threading.Event()
    end_on_signals(ended.set)
    asleep = Path(f"/proc/self/task/{threading.get_native_id()}/wchan")
    reader, writer = os.pipe()
    heard = []

    def beside() -> None:
        while "pipe" not in asleep.read_text():
            os.sched_yield()
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
        heard.append(ended.wait(timeout=10))
        os.write(writer, b".")

    thread = threading.Thread(target=beside)
    thread.start()
    os.read(reader, 1)
    thread.join()
    os.close(reader)
    os.close(writer)
    assert heard == [True]
