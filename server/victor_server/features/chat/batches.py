"""Joins the pieces of an answer, or of what a tool prints, that come in quick succession: the first goes out at once, the others every moment."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from victor_server.agent.run_events import Answered, Thought, ToolPrinted
from victor_server.agent.text_kinds import KeptText, ShownText
from victor_server.features.chat.model import ChatEvent

Text = Answered | Thought | ToolPrinted

BATCH_S = 0.03

_PATIENCE = 1.5
"""Text waits up to this many times longer for the next piece to take it along: a timer that fires on its own wakes an
idle process, which costs as much as a token."""


class Batches:
    """Hands events on in their order. Only text waits: it is handed on with the first piece that comes more than
    `batch_s` after the last time, and half as much later at the latest. Used on the event loop.
    """

    def __init__(self, hand_on: Callable[[ChatEvent], None], batch_s: float = BATCH_S) -> None:
        self._hand_on = hand_on
        self._batch_s = batch_s
        self._loop = asyncio.get_running_loop()
        self._waiting: list[Text] = []
        self._timer: asyncio.TimerHandle | None = None
        self._handed_on = -batch_s

    def put(self, event: ChatEvent) -> None:
        """Take an event."""
        if not isinstance(event, Answered | Thought | ToolPrinted):
            self.flush()
            self._hand_on(event)
            return
        if self._waiting and not _belong_together(self._waiting[0], event):
            self.flush()
        self._waiting.append(event)
        if self._loop.time() >= self._handed_on + self._batch_s:
            self.flush()
        elif self._timer is None:
            self._timer = self._loop.call_at(self._handed_on + _PATIENCE * self._batch_s, self.flush)

    def flush(self) -> None:
        """Hand on what waits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            joined = _joined(self._waiting)
            self._waiting = []
            self._handed_on = self._loop.time()
            self._hand_on(joined)


def _belong_together(one: Text, other: Text) -> bool:
    if isinstance(one, ToolPrinted) and isinstance(other, ToolPrinted):
        return one.id == other.id
    return type(one) is type(other)


def _joined(events: list[Text]) -> Text:
    first = events[0]
    if len(events) == 1:
        return first
    shown = ShownText("".join(event.shown for event in events))
    kept = KeptText("".join(event.kept for event in events))
    return replace(first, shown=shown, kept=kept)
