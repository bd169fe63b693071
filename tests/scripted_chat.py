"""A real chat over a real history, whose answers a test plays."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path

from victor_server.agent.context.piece import Context, Piece
from victor_server.agent.events import Usage
from victor_server.agent.router.decision import Decision
from victor_server.agent.run_events import (
    Answered,
    ContextChosen,
    Metered,
    ReceiptWritten,
    Routed,
    RunEvent,
    TurnEnded,
)
from victor_server.agent.text_kinds import KeptText, ShownText
from victor_server.agent.turn import Turn
from victor_server.features.chat.chat import Chat
from victor_server.features.chat.model import Asked, Completion, Ports
from victor_server.history.history import History

Play = Callable[[Turn], AsyncGenerator[RunEvent, None]]

DECISION = Decision("chat", "default", "scripted", "small", "", "Profile default answers.", False)


def answering(*pieces: str, end: TurnEnded | None = None) -> Play:
    """An answer in these pieces, with everything around it that a turn tells."""

    async def play(turn: Turn) -> AsyncGenerator[RunEvent, None]:
        yield ContextChosen(turn.context)
        yield Routed(DECISION)
        for piece in pieces:
            yield Answered(ShownText(piece), KeptText(piece))
        yield Metered(Usage(1200, 34), 0.0)
        yield ReceiptWritten("receipt-1")
        yield end or TurnEnded("end_turn")

    return play


def hanging(*pieces: str, begun: asyncio.Event) -> Play:
    """An answer that begins and does not end by itself."""

    async def play(_turn: Turn) -> AsyncGenerator[RunEvent, None]:
        yield Routed(DECISION)
        for piece in pieces:
            yield Answered(ShownText(piece), KeptText(piece))
        begun.set()
        await asyncio.Event().wait()

    return play


def scripted_chat(home: Path, *plays: Play, asked: list[Asked] | None = None) -> Chat:
    """A chat that plays these answers in turn; what it is asked goes to `asked`."""
    left = list(plays)

    def answer(turn: Turn) -> AsyncGenerator[RunEvent, None]:
        return left.pop(0)(turn)

    async def gather(question: Asked) -> Context:
        if asked is not None:
            asked.append(question)
        return Context(tuple(question.attached))

    async def complete(before: str, _root: Path | None, _around: object) -> Sequence[Completion]:
        return [Completion(before.rindex("@"), "@src/app.py", "app.py", "file")] if "@" in before else []

    ports = Ports(answer, gather, local={}, complete=complete)
    return Chat(History(home / "sessions.db"), ports, batch_s=0)


def piece(path: str, n_tokens: int = 10) -> Piece:
    """A file that the model is shown."""
    return Piece("file", path, 0, 3, "mentioned", n_tokens, "text")
