"""Model calls for tests: one question, all that it tells, and models that are watched."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

from agent_services import (
    close,
    services_in,
)

from victor_server.agent.calls.call import CallEvent, ModelCall, new_call_id
from victor_server.agent.events import ModelEvent, Stopped, TextDelta
from victor_server.agent.messages import ModelRequest, user
from victor_server.agent.model_call import call_model
from victor_server.agent.providers.provider import Capabilities, Provider
from victor_server.agent.providers.scripted import ScriptedProvider
from victor_server.agent.receipt import Receipt, from_data
from victor_server.agent.services import AgentServices
from victor_server.secrets.redaction.session import RedactionSession
from victor_server.settings.profiles import Profile


@asynccontextmanager
async def opened(home: Path, *profiles: Profile, **more: Any) -> AsyncIterator[AgentServices]:
    """Services that are closed again."""
    services = services_in(home, *profiles, **more)
    try:
        yield services
    finally:
        await close(services)


def call(text: str = "What is this?", **more: Any) -> ModelCall:
    """One question."""
    given: dict[str, Any] = {
        "id": new_call_id(),
        "session_id": "s",
        "turn_id": "t",
        "workspace": "/w",
        "task": "chat",
        "profile": "",
        "redaction": RedactionSession(),
        "messages": (user(text),),
    }
    return ModelCall(**{**given, **more})


async def events_of(
    asked: ModelCall, services: AgentServices, told: list[CallEvent] | None = None
) -> list[CallEvent]:
    """Everything that a call tells; `told` has it too, where the call raises."""
    told = [] if told is None else told
    async with aclosing(call_model(asked, services)) as events:
        async for event in events:
            told.append(event)
    return told


def text_of(events: list[CallEvent]) -> str:
    """The answer."""
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def at_once(services: AgentServices) -> Callable[..., float | None]:
    """The router's word on trying again, without the wait."""
    asked = services.router.retry_wait_s

    def wait(*failed: Any) -> float | None:
        return None if asked(*failed) is None else 0.0

    return wait


class Watched(ScriptedProvider):
    """A scripted model that hangs after its script, and tells when its stream was closed."""

    def __init__(self, profile: Profile) -> None:
        assert profile.script is not None
        super().__init__(profile.script)
        self.closed = 0
        self.requests: list[ModelRequest] = []
        self.counted = 0
        self.asked = asyncio.Event()

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """The script's events but the last, then silence."""
        self.requests.append(request)
        self.asked.set()
        try:
            async for event in super().stream(request):
                if isinstance(event, Stopped):
                    break
                yield event
            await asyncio.Event().wait()
        finally:
            self.closed += 1

    async def capabilities(self, model: str) -> Capabilities:
        """It counts tokens."""
        return Capabilities(context_tokens=200_000, counts_tokens=True)

    async def count_tokens(self, request: ModelRequest) -> int:
        """Very few."""
        self.counted += 1
        return 3


def watching(profiles: list[Watched]) -> Callable[[Profile, str], Provider]:
    """Opens models that are watched."""

    def open_server(profile: Profile, _url: str) -> Provider:
        profiles.append(Watched(profile))
        return profiles[-1]

    return open_server


async def models_asked(models: list[Watched]) -> None:
    """Wait until a model was asked."""
    while not models:
        await asyncio.to_thread(lambda: None)
    await models[0].asked.wait()


def receipts_of_all(services: AgentServices) -> list[Receipt]:
    """Every receipt."""
    return [from_data(stored.data) for stored in services.history.receipts(limit=1_000)]
