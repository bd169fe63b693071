"""How long an edge waits before it tries its backend again: chance spreads all edges, and none is long away."""

from collections.abc import Callable

FIRST_S = 0.2
MOST_S = 0.9
"""A backend that is back has its edges back within a second; a try is one connection that it refuses cheaply."""
LONG_MOST_S = 15.0
LONG_AFTER_S = 600.0
"""A backend that has been away for so long is asked less often, until somebody needs it."""


class Backoff:
    """The waits of one edge. `random` gives numbers from 0 to 1, `clock` seconds that only grow."""

    def __init__(self, random: Callable[[], float], clock: Callable[[], float]) -> None:
        self._random = random
        self._clock = clock
        self._failures = 0
        self._away_since: float | None = None

    def succeeded(self) -> None:
        """The backend took us."""
        self._failures, self._away_since = 0, None

    def away_s(self) -> float:
        """For how long the backend has been away, 0 if it is there."""
        return 0.0 if self._away_since is None else self._clock() - self._away_since

    def next_wait_s(self, retry_s: float | None = None) -> float:
        """The next wait: any time up to a bound that doubles. `retry_s`: the bound that the backend asked for."""
        if self._away_since is None:
            self._away_since = self._clock()
        self._failures += 1
        if retry_s is not None:
            return self._random() * min(retry_s, LONG_MOST_S)
        most_s = LONG_MOST_S if self.away_s() > LONG_AFTER_S else MOST_S
        return self._random() * min(most_s, FIRST_S * 2.0 ** min(self._failures - 1, 16))
