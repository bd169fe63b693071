"""Counts how often something happens: a token bucket that holds a second's worth."""

from collections.abc import Callable


class Bucket:
    """Lets `per_second` pass a second, and as many at once. 0: no limit."""

    __slots__ = ("_at", "_clock", "_left", "_per_second")

    def __init__(self, per_second: int, clock: Callable[[], float]) -> None:
        self._per_second = per_second
        self._clock = clock
        self._left = float(per_second)
        self._at = clock()

    def take(self) -> bool:
        """Whether one more may pass now."""
        if not self._per_second:
            return True
        now = self._clock()
        self._left = min(float(self._per_second), self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
