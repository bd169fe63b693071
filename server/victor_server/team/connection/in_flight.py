"""Counts the requests over HTTP that are being answered, for whoever waits until the last of them is."""

import asyncio
import contextlib
from collections.abc import Iterator


class InFlight:
    """How many there are. A connection that idles between two requests has none."""

    def __init__(self) -> None:
        self._n = 0
        self._none = asyncio.Event()
        self._none.set()

    @property
    def n(self) -> int:
        """How many are being answered now."""
        return self._n

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """Within this, there is one more."""
        self._n += 1
        self._none.clear()
        try:
            yield
        finally:
            self._n -= 1
            if not self._n:
                self._none.set()

    async def ended(self) -> None:
        """Wait for a moment without any."""
        await self._none.wait()
