"""The worker's process: what signals do to it."""

import signal
import threading
from collections.abc import Iterator

import pytest

from victor_indexer.service import end_on_signals

_NAMES = [name for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name)]


@pytest.fixture(autouse=True)
def own_handlers() -> Iterator[None]:
    """Put the test runner's handlers back."""
    before = {name: signal.getsignal(getattr(signal, name)) for name in _NAMES}
    yield
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
