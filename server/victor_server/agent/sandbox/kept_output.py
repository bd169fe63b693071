"""Keeps of a long output its beginning and its end, and counts what was between."""

from collections import deque

_HEAD_SHARE = 0.75


class KeptOutput:
    """Gives the first three quarters of `limit` bytes at once, and holds the last quarter until the end."""

    def __init__(self, limit: int) -> None:
        self._head_left = int(limit * _HEAD_SHARE)
        self._tail_limit = limit - self._head_left
        self._tail: deque[bytes] = deque()
        self._n_tail = 0
        self.n_bytes = 0
        self.n_left_out = 0

    def feed(self, data: bytes) -> bytes:
        """What of `data` is given at once."""
        self.n_bytes += len(data)
        head, rest = data[: self._head_left], data[self._head_left :]
        self._head_left -= len(head)
        if rest:
            self._hold(rest)
        return head

    def finish(self) -> bytes:
        """The end of what was printed, as far as it was not given yet."""
        tail = b"".join(self._tail)
        self._tail.clear()
        return tail

    def _hold(self, data: bytes) -> None:
        self._tail.append(data)
        self._n_tail += len(data)
        while self._n_tail > self._tail_limit:
            excess = self._n_tail - self._tail_limit
            oldest = self._tail.popleft()
            if len(oldest) > excess:
                self._tail.appendleft(oldest[excess:])
            dropped = min(excess, len(oldest))
            self._n_tail -= dropped
            self.n_left_out += dropped
