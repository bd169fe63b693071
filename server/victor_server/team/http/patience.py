"""HTTP/1.1 as uvicorn speaks it, with an end to patience: a connection that does not say what it wants is closed."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

HEAD_TIME_LIMIT_S = 10.0
"""From the first moment, or the first byte of a later request, to the end of its headers."""


class PatientProtocol(H11Protocol):
    """Closed where no request's head is whole in time. What was begun takes as long as it takes."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Somebody is there."""
        super().connection_made(transport)
        self._look()

    def data_received(self, data: bytes) -> None:
        """Some bytes came."""
        super().data_received(data)
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more."""
        self._stop()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: Any) -> None:
        """From here on another protocol has the connection; it has a time limit of its own."""
        self._stop()
        super().handle_websocket_upgrade(event)

    def _look(self) -> None:
        if self.transport.get_protocol() is not self or self._is_answering():
            self._stop()
        elif self._waiting is None:
            self._waiting = self.loop.call_later(HEAD_TIME_LIMIT_S, self._give_up)

    def _is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _give_up(self) -> None:
        self._waiting = None
        if not self._is_answering():
            self.transport.close()

    def _stop(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
