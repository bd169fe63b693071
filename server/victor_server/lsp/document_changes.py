"""Tells who wants to know that a document has become another one: opened, changed, lost or closed."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class DocumentChanges:
    """Used on the event loop."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[str], None]] = []
        self._waiting: dict[str, asyncio.Event] = {}

    def listen(self, callback: Callable[[str], None]) -> None:
        """Call `callback` with the document's URI at each change, before the next message is looked at."""
        self._listeners.append(callback)

    @contextmanager
    def listening(self, callback: Callable[[str], None]) -> Iterator[None]:
        """The same for a while."""
        self._listeners.append(callback)
        try:
            yield
        finally:
            self._listeners.remove(callback)

    def tell(self, uri: str) -> None:
        """A document is another one now."""
        if event := self._waiting.pop(uri, None):
            event.set()
        for listener in tuple(self._listeners):
            listener(uri)

    async def next(self, uri: str) -> None:
        """Wait for the next change of a document."""
        await self._waiting.setdefault(uri, asyncio.Event()).wait()
