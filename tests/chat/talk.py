"""A chat over a real history and real redaction, whose answers a test writes down."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from victor_server.agent.context.piece import Context
from victor_server.agent.run_events import Answered, RunEvent, TurnEnded
from victor_server.agent.text_kinds import KeptText, ShownText
from victor_server.agent.turn import Turn
from victor_server.features.chat.chat import Chat
from victor_server.features.chat.model import Asked, ChatUpdate, Ports
from victor_server.history.history import History

Reply = Callable[[Turn], AsyncGenerator[RunEvent, None]]


def said(text: str) -> Answered:
    """A piece of an answer."""
    return Answered(ShownText(text), KeptText(text))


def saying(*texts: str, end: TurnEnded | None = None) -> Reply:
    """An answer in these pieces."""

    async def reply(_: Turn) -> AsyncGenerator[RunEvent, None]:
        for text in texts:
            yield said(text)
        yield end or TurnEnded("end_turn")

    return reply


@dataclass(slots=True)
class Hanging:
    """An answer that begins and never ends by itself; `closed` once it was closed in order."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    closed: bool = False

    async def __call__(self, turn: Turn) -> AsyncGenerator[RunEvent, None]:
        try:
            yield said("so far")
            self.begun.set()
            await asyncio.Event().wait()
        finally:
            self.closed = True


@dataclass(slots=True)
class Talk:
    """`reply` answers each turn; `turns` are those that were asked. `deleted` are the sessions that were."""

    file: Path
    reply: Reply = field(default_factory=lambda: saying("Because."))
    context: Context = field(default_factory=Context)
    turns: list[Turn] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    local: dict[str, Any] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)

    def ports(self) -> Ports:
        """What the chat is given."""

        async def answer(turn: Turn) -> AsyncGenerator[RunEvent, None]:
            self.turns.append(turn)
            stream = self.reply(turn)
            try:
                async for event in stream:
                    yield event
            finally:
                await stream.aclose()

        async def gather(asked: Asked) -> Context:
            self.asked.append(asked)
            return self.context

        return Ports(answer, gather, local=self.local, deleted=self.deleted.append)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Chat]:
        """A window."""
        history = History(self.file)
        chat = Chat(history, self.ports(), **self.options)
        try:
            yield chat
        finally:
            await chat.close()
            history.close()


async def told(updates: AsyncGenerator[ChatUpdate, None]) -> list[ChatUpdate]:
    """All updates of a turn."""
    return [update async for update in updates]


def shown(updates: Sequence[ChatUpdate]) -> str:
    """The answer's text."""
    return "".join(update.event.shown for update in updates if isinstance(update.event, Answered))


def end_of(updates: Sequence[ChatUpdate]) -> TurnEnded:
    """How the turn ended: the last update says so, and no other."""
    ends = [update.event for update in updates if isinstance(update.event, TurnEnded)]
    assert len(ends) == 1
    assert updates[-1].event is ends[0]
    return ends[0]
