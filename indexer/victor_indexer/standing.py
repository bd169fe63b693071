"""Where one workspace's index stands: put together from what its threads report, and told when it has changed."""

import threading
import time
from collections.abc import Callable

from victor_indexer.errors import IndexerError
from victor_indexer.model import IndexState, Status

_TELL_EVERY_S = 0.25


class Standing:
    """Safe from any thread. Listeners hear each state and sentence in order, counts now and then.

    `ready` is only told while `at_rest()`: not while something that somebody has saved still waits.
    """

    def __init__(self, root: str, on_status: Callable[[Status], None], at_rest: Callable[[], bool]) -> None:
        self._root = root
        self._on_status = on_status
        self._at_rest = at_rest
        self._lock = threading.Lock()  # also held while telling, so that the last word is the newest
        self._state: IndexState = "scanning"
        self._done = 0
        self._total = 0
        self._paused = False
        self._notes: dict[str, str] = {}
        self._troubles: dict[str, str] = {}
        self._told: Status | None = None
        self._told_at = 0.0

    @property
    def status(self) -> Status:
        """Where the index stands now."""
        with self._lock:
            return self._status()

    @property
    def is_ready(self) -> bool:
        """Whether the index was found current when somebody last looked, a pause or trouble apart."""
        return self._state == "ready"

    def move(self, state: IndexState, done: int | None = None, total: int | None = None) -> None:
        """The work has come so far."""
        with self._lock:
            self._state = state
            self._done = self._done if done is None else done
            self._total = self._total if total is None else total
            self._tell()

    def pause(self, paused: bool) -> None:
        """The work rests, or goes on."""
        with self._lock:
            self._paused = paused
            self._tell()

    def note(self, subject: str, sentence: str) -> None:
        """Something a person may want to know about `subject`; "" takes it back."""
        with self._lock:
            self._notes[subject] = sentence
            self._tell()

    def trouble(self, part: str, error: IndexerError) -> None:
        """A part of the work fails; that stands until it is `relieved`, however often the work is tried again."""
        with self._lock:
            self._troubles[part] = f"{error.message} {error.fix}".strip()
            self._tell()

    def relieved(self, part: str) -> None:
        """That part works."""
        with self._lock:
            if self._troubles.pop(part, None):
                self._tell()

    def tell(self) -> None:
        """Tell once more: somebody has come who does not know."""
        with self._lock:
            self._told = None
            self._tell()

    def _status(self) -> Status:
        state: IndexState = "error" if self._troubles else "paused" if self._paused else self._state
        sentences = (*self._notes.values(), *dict.fromkeys(self._troubles.values()))
        return Status(self._root, state, self._done, self._total, " ".join(filter(None, sentences)))

    def _tell(self) -> None:
        status, told = self._status(), self._told
        if status == told or (status.state == "ready" and not self._at_rest()):
            return
        now = time.monotonic()
        moved = told is None or (told.state, told.detail) != (status.state, status.detail)
        if moved or now - self._told_at >= _TELL_EVERY_S:
            self._told, self._told_at = status, now
            self._on_status(status)
