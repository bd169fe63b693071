"""One open session as this window has it: what was told so far, and the turn that runs."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from victor_server.agent.run_events import Answered, Thought
from victor_server.agent.text_kinds import KeptText, ShownText
from victor_server.features.chat.batches import Batches
from victor_server.features.chat.kept_answer import KeptAnswer
from victor_server.features.chat.model import Asked, ChatEvent, ChatUpdate, Prompted
from victor_server.features.chat.stored import NOTED, from_stored, kept_without_secrets, to_stored
from victor_server.history.model import ChatSession, StoredEvent
from victor_server.secrets.redaction.session import RedactionSession

_MAX_TITLE = 60


@dataclass(slots=True)
class Running:
    """A turn that is being answered. The end of `updates` is None; `cancelled` once nobody wants the answer."""

    turn_id: str
    asked: Asked
    batches: Batches
    words: KeptAnswer
    updates: "asyncio.Queue[ChatUpdate | None]" = field(default_factory=asyncio.Queue)
    steer: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)
    task: "asyncio.Task[None] | None" = None
    cancelled: bool = False

    async def cancel(self) -> None:
        """End the turn, once; returns when it has ended."""
        if self.task is None:
            return
        if not self.cancelled and not self.task.done():
            self.cancelled = True
            self.task.cancel()
        await asyncio.wait([self.task])


@dataclass(slots=True)
class Conversation:
    """`kept` is all that was told, on disk or not yet. `last_asked` is the last question as it was written."""

    session: ChatSession
    redaction: RedactionSession = field(repr=False)
    kept: list[StoredEvent] = field(default_factory=list, repr=False)
    profile: str = ""
    last_asked: Asked | None = None
    running: Running | None = None
    is_unsaved: bool = False

    @property
    def root(self) -> Path | None:
        """The session's workspace."""
        return Path(self.session.workspace) if self.session.workspace else None

    def take(self, turn_id: str, event: ChatEvent) -> tuple[StoredEvent, ChatUpdate]:
        """Number an event, as it is kept and as it is shown."""
        kind, data = to_stored(event)
        seq = self.kept[-1].seq + 1 if self.kept else 1
        stored = StoredEvent(seq, turn_id, kind, kept_without_secrets(event, data, self.redaction))
        self.kept.append(stored)
        if isinstance(event, Prompted):
            self.session = replace(self.session, n_turns=self.session.n_turns + 1)
        self.session = replace(self.session, updated=time.time())
        return stored, ChatUpdate(self.session.id, turn_id, seq, event)

    def has_noted(self, text: str) -> bool:
        """Whether a sentence was said in this conversation before."""
        return any(each.kind == NOTED and each.data["text"] == text for each in self.kept)

    def retitle(self, title: str) -> None:
        """Give the session another title."""
        self.session = replace(self.session, title=title)


def updates_of(session_id: str, kept: Sequence[StoredEvent], after_seq: int) -> list[ChatUpdate]:
    """What was kept, as it is shown again; what cannot be read is left out.

    Text that followed on text comes in one piece, under the number of its last one.
    """
    updates: list[ChatUpdate] = []
    pieces: list[str] = []
    for each in kept:
        event = from_stored(each.kind, each.data) if each.seq > after_seq else None
        if event is None:
            continue
        update = ChatUpdate(session_id, each.turn_id, each.seq, event)
        if not (isinstance(event, Answered | Thought) and _goes_on(updates, update)):
            _join(updates, pieces)
            updates.append(update)
            pieces = [event.kept] if isinstance(event, Answered | Thought) else []
        else:
            pieces.append(event.kept)
            updates[-1] = update
    _join(updates, pieces)
    return updates


def _goes_on(updates: Sequence[ChatUpdate], update: ChatUpdate) -> bool:
    last = updates[-1] if updates else None
    return last is not None and last.turn_id == update.turn_id and type(last.event) is type(update.event)


def _join(updates: list[ChatUpdate], pieces: Sequence[str]) -> None:
    """Give the last update the text of all its pieces."""
    if len(pieces) > 1:
        last, text = updates[-1], "".join(pieces)
        whole = Answered if isinstance(last.event, Answered) else Thought
        updates[-1] = replace(last, event=whole(ShownText(text), KeptText(text)))


def last_question(kept: Sequence[StoredEvent]) -> tuple[str, Prompted] | None:
    """The turn that was begun last, and its question."""
    for each in reversed(kept):
        event = from_stored(each.kind, each.data)
        if isinstance(event, Prompted):
            return each.turn_id, event
    return None


def title_of(kept: str) -> str:
    """A title for a session that begins with this question: its first line, cut at a word."""
    line = " ".join((kept.strip().splitlines() or [""])[0].split())
    if len(line) <= _MAX_TITLE:
        return line
    return line[:_MAX_TITLE].rsplit(" ", 1)[0] + "…"
