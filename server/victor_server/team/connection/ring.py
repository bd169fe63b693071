"""Keeps the last frames of a session: those that wait to be sent, and those that may have to be sent again."""

from collections import deque

MAX_BYTES = 4_000_000
"""Of what was sent already; what waits is bounded by the number of frames."""


class Ring:
    """Frames by their number, of which `sent` is the last that a socket took. Bounded by count and by bytes.

    What waits to be sent is never dropped: whoever fills it looks at `n_unsent` and ends the session instead.
    """

    __slots__ = ("_bytes", "_frames", "_furthest", "_max_frames", "last", "sent")

    def __init__(self, max_frames: int) -> None:
        self._frames: deque[str] | None = None  # an idle session keeps none, and there are thousands
        self._max_frames = max_frames
        self._bytes = 0
        self.last = 0
        self.sent = 0
        self._furthest = 0

    @property
    def n_waiting(self) -> int:
        """How many frames are to be sent, some of them again."""
        return self.last - self.sent

    @property
    def n_unsent(self) -> int:
        """How many frames no socket took yet."""
        return self.last - self._furthest

    @property
    def first(self) -> int:
        """The number of the oldest frame that is kept; one more than `last` where there is none."""
        return self.last + 1 - len(self._frames or ())

    def add(self, frame: str) -> None:
        """Keep the next frame, `last + 1`."""
        if self._frames is None:
            self._frames = deque()
        self._frames.append(frame)
        self._bytes += len(frame)
        self.last += 1
        self._forget()

    def take(self) -> str | None:
        """The next frame to be sent, None if there is none."""
        if self._frames is None or self.sent >= self.last:
            return None
        frame = self._frames[self.sent + 1 - self.first]
        self.sent += 1
        self._furthest = max(self._furthest, self.sent)
        self._forget()
        return frame

    def rewind(self, last_seq: int) -> bool:
        """Send again what came after `last_seq`. False: it is not all here, or was never sent."""
        if not self.first - 1 <= last_seq <= self.sent:
            return False
        self.sent = last_seq
        return True

    def acknowledge(self, last_seq: int) -> None:
        """The edge has all up to `last_seq`: it will not ask for it again."""
        while self._frames and self.first <= min(last_seq, self.sent):
            self._drop()
        if not self._frames:
            self._frames = None

    def _forget(self) -> None:
        frames = self._frames
        while frames and self.first <= self.sent and self._is_full(len(frames)):
            self._drop()

    def _is_full(self, n_frames: int) -> bool:
        return n_frames > self._max_frames or self._bytes > MAX_BYTES

    def _drop(self) -> None:
        if self._frames:
            self._bytes -= len(self._frames.popleft())
