"""Writes what happens in chats to the history: in order, beside the event loop, and again where it failed."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from victor_server.errors import HistoryFailed, VictorError
from victor_server.history.history import History
from victor_server.history.model import PROMPT, ChatSession, StoredEvent

logger = logging.getLogger(__name__)

KEEP_S = 0.15
"""What is shown is on its way to the disk after this time at the latest; questions are there before they are sent."""


@dataclass(frozen=True, slots=True)
class Create:
    """A session that could not be made yet."""

    session: ChatSession


@dataclass(frozen=True, slots=True)
class Begin:
    """A turn begins."""

    session_id: str
    event: StoredEvent


@dataclass(frozen=True, slots=True)
class Tell:
    """Events of one turn, in order."""

    session_id: str
    turn_id: str
    events: list[StoredEvent]


@dataclass(frozen=True, slots=True)
class End:
    """A turn is over."""

    session_id: str
    turn_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rename:
    """A session gets a title."""

    session_id: str
    title: str


Write = Create | Begin | Tell | End | Rename


class Keeper:
    """Used on the event loop. `trouble` is why nothing can be kept now; what waits meanwhile is kept in memory."""

    def __init__(self, history: History, keep_s: float = KEEP_S) -> None:
        self._history = history
        self._keep_s = keep_s
        self._writes: list[Write] = []
        self._turn = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self.trouble: HistoryFailed | None = None

    def add(self, write: Write) -> None:
        """Have `write` written soon. While writing fails it is not tried again before the next `flush`."""
        self._writes.append(write)
        if self._timer is None and self.trouble is None:
            self._timer = asyncio.get_running_loop().call_later(self._keep_s, self._start)

    def tell(self, session_id: str, event: StoredEvent) -> None:
        """Have an event written soon; the one of a question begins its turn."""
        if event.kind == PROMPT:
            self.add(Begin(session_id, event))
            return
        last = self._writes[-1] if self._writes else None
        if isinstance(last, Tell) and (last.session_id, last.turn_id) == (session_id, event.turn_id):
            last.events.append(event)
        else:
            self.add(Tell(session_id, event.turn_id, [event]))

    async def flush(self) -> None:
        """Write everything that waits, before this returns. Never raises HistoryFailed: that is `trouble` then."""
        # A cancelled wait must not lose what was taken out to be written.
        await asyncio.shield(asyncio.get_running_loop().create_task(self._flush()))

    async def receipts(self, session_id: str, turn_id: str) -> Sequence[str]:
        """The receipts of a turn's last calls, the oldest first; none where the history cannot be read."""
        try:
            found = await asyncio.to_thread(self._history.receipts, session_id)
        except VictorError:
            return ()
        return [each.id for each in reversed(found) if each.turn_id == turn_id]

    async def forget(self, session_id: str) -> None:
        """Write nothing more of a session."""
        async with self._turn:
            self._writes = [each for each in self._writes if _session_of(each) != session_id]

    async def close(self) -> None:
        """Write what waits, and stop."""
        await self.flush()
        self._stop_timer()

    async def _flush(self) -> None:
        async with self._turn:
            self._stop_timer()
            writes, self._writes = self._writes, []
            if writes:
                n_done, self.trouble = await asyncio.to_thread(_write_all, self._history, writes)
                self._writes = [*writes[n_done:], *self._writes]

    def _start(self) -> None:
        self._timer = None
        self._task = asyncio.get_running_loop().create_task(self._flush())

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _write_all(history: History, writes: Sequence[Write]) -> tuple[int, HistoryFailed | None]:
    """How many were dealt with, and what stopped the next one. Runs in a thread."""
    for number, write in enumerate(writes):
        try:
            _write(history, write)
        except HistoryFailed as error:
            return number, error
        except VictorError as error:
            # Deleted meanwhile by other means than ours: there is nothing left to write to.
            logger.warning("a chat is not kept: %s", error.message)
    return len(writes), None


def _write(history: History, write: Write) -> None:
    match write:
        case Create(session):
            history.create(session.workspace, session.title, session_id=session.id)
        case Begin(session_id, event):
            history.begin_turn(session_id, event.turn_id, event.data, seq=event.seq)
        case Tell(session_id, turn_id, events):
            data: list[tuple[str, Mapping[str, Any]]] = [(each.kind, each.data) for each in events]
            history.append(session_id, turn_id, data, first_seq=events[0].seq)
        case End(session_id, turn_id, reason):
            history.end_turn(session_id, turn_id, reason)
        case Rename(session_id, title):
            history.rename(session_id, title)
        case never:
            assert_never(never)


def _session_of(write: Write) -> str:
    return write.session.id if isinstance(write, Create) else write.session_id
