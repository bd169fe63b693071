"""A word on the terminal that a scan goes on, once it has taken a while."""

import sys
import time

_SILENT_S = 1.0
_BETWEEN_S = 0.2


class Progress:
    """Counts on stderr, on one line that `close` takes away again. Silent where nobody watches."""

    def __init__(self) -> None:
        self._n_texts = 0
        self._shown = False
        self._next = time.monotonic() + _SILENT_S if sys.stderr.isatty() else float("inf")

    def step(self) -> None:
        """One more text was looked at."""
        self._n_texts += 1
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _BETWEEN_S
            self._shown = True
            print(f"\rscanning for secrets: {self._n_texts:,}", end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Take the line away."""
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
