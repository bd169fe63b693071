"""HTTP/1.1 as uvicorn speaks it, with an end to patience: who neither says what they want nor takes it is let go."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

HEAD_TIME_LIMIT_S = 10.0
"""From the first moment, or the first byte of a later request, to the end of its headers."""

MAX_HEAD_BYTES = 65_536
"""Of a request's line and headers; the parser has no limit of its own."""

READING_TIME_LIMIT_S = 30.0
"""Whoever takes not a byte of what waits for so long is gone, whatever their machine says."""


class PatientProtocol(HttpToolsProtocol):
    """Closed where no request's head is whole in time, or nobody takes the answer: a call of a model would wait with it,
    and hold what was set aside. What goes on takes as long as it takes.
    """

    _waiting: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _n_head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Somebody is there."""
        super().connection_made(transport)
        self._look()

    def data_received(self, data: bytes) -> None:
        """Some bytes came."""
        super().data_received(data)
        self._look()
        self._n_head = self._n_head + len(data) if self._waiting else 0
        if self._n_head > MAX_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The headers are too large.")

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more."""
        self._stop()
        self._stop_unread()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        """From here on another protocol has the connection; it has a time limit of its own."""
        self._stop()
        super().handle_websocket_upgrade()

    def pause_writing(self) -> None:
        """More waits than is kept for somebody."""
        super().pause_writing()
        self._look_unread(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """They take it."""
        self._stop_unread()
        super().resume_writing()

    def _look_unread(self, n_bytes: int) -> None:
        self._unread = self.loop.call_later(READING_TIME_LIMIT_S, self._drop_unread, n_bytes)

    def _drop_unread(self, n_before: int) -> None:
        """Nothing is added meanwhile: what is written waits for `resume_writing`."""
        n_bytes = self.transport.get_write_buffer_size()
        if n_bytes < n_before:
            self._look_unread(n_bytes)
        else:
            self.transport.abort()  # `close` would wait for them, too

    def _stop_unread(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

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
