"""Turns with a scripted model over real services: what is asked, what is told."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

from agent_services import close, scripted, services_in

from victor_server.agent.context.piece import Context, Piece
from victor_server.agent.events import ModelEvent
from victor_server.agent.messages import ModelRequest, ToolResultPart
from victor_server.agent.providers.estimate import tokens_of_request
from victor_server.agent.providers.provider import Provider
from victor_server.agent.providers.scripted import ScriptedProvider
from victor_server.agent.run_events import Answered, RunEvent, ToolEnded, TurnEnded
from victor_server.agent.services import AgentServices
from victor_server.agent.turn import Turn, run_turn
from victor_server.errors import ContextTooLong, VictorError
from victor_server.secrets.redaction.session import RedactionSession
from victor_server.settings.profiles import Profile


class Heard(ScriptedProvider):
    """A scripted model that remembers what it was asked; it may hold less than it says, or refuse tools."""

    requests: list[ModelRequest]
    holds: int | None = None
    refuses_tools: VictorError | None = None

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """The next reply."""
        self.requests.append(request)
        if self.holds is not None and tokens_of_request(request) > self.holds:
            raise ContextTooLong("It does not fit.")
        if self.refuses_tools is not None and request.tools:
            raise self.refuses_tools
        async with aclosing(super().stream(request)) as events:
            async for event in events:
                yield event


@asynccontextmanager
async def model(
    home: Path,
    *replies: Any,
    holds: int | None = None,
    refuses_tools: VictorError | None = None,
    kind: type[Heard] = Heard,
    **more: Any,
) -> AsyncIterator[tuple[AgentServices, list[ModelRequest]]]:
    """Services with one scripted model, and what it is asked."""
    requests: list[ModelRequest] = []

    def open_server(profile: Profile, _url: str) -> Provider:
        assert profile.script is not None
        provider = kind(profile.script, context_tokens=profile.context_tokens)
        provider.requests, provider.holds, provider.refuses_tools = requests, holds, refuses_tools
        return provider

    services = services_in(home, scripted(home, *replies, **more), open_server=open_server)
    try:
        yield services, requests
    finally:
        await close(services)


def turn(prompt: str = "What?", pieces: Sequence[Piece] = (), **more: Any) -> Turn:
    """A question."""
    given: dict[str, Any] = {
        "session_id": "s",
        "turn_id": "t",
        "root": None,
        "task": "chat",
        "earlier": (),
        "context": Context(pieces),
        "profile": "",
        "redaction": RedactionSession(),
    }
    return Turn(prompt=prompt, **{**given, **more})


async def events_of(asked: Turn, services: AgentServices) -> list[RunEvent]:
    """Everything that a turn tells; the last is its end, and the only one."""
    async with aclosing(run_turn(asked, services)) as events:
        told = [event async for event in events]
    assert [isinstance(event, TurnEnded) for event in told].index(True) == len(told) - 1
    return told


def end_of(events: Sequence[RunEvent]) -> TurnEnded:
    """How it ended."""
    assert isinstance(events[-1], TurnEnded)
    return events[-1]


def said(events: Sequence[RunEvent]) -> str:
    """The answer as it is kept."""
    return "".join(event.kept for event in events if isinstance(event, Answered))


def call(name: str = "clock", **arguments: Any) -> dict[str, Any]:
    """A model that asks for a tool, as a script has it."""
    return {"tool": {"name": name, "arguments": arguments}}


def results(request: ModelRequest) -> list[ToolResultPart]:
    """What the model is told that its last tools gave."""
    last = [message for message in request.messages if message.role == "tool"][-1]
    return [part for part in last.parts if isinstance(part, ToolResultPart)]


def ended(events: Sequence[RunEvent]) -> list[ToolEnded]:
    """How the calls ended, in the order in which they did."""
    return [event for event in events if isinstance(event, ToolEnded)]
