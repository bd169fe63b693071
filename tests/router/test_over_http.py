"""Routing over real servers on loopback: calls go round a server that is not there, and their load is shared."""

import asyncio
import socket
from contextlib import aclosing
from pathlib import Path

from agent_services import close, services_in
from capturing_server import capturing_server
from direct_connections import DirectConnections

from victor_server.agent.calls.call import ModelCall, new_call_id
from victor_server.agent.events import TextDelta
from victor_server.agent.messages import user
from victor_server.agent.model_call import call_model
from victor_server.agent.providers.open import open_provider
from victor_server.agent.providers.provider import Provider
from victor_server.agent.run_events import Routed
from victor_server.agent.services import AgentServices
from victor_server.secrets.redaction.session import RedactionSession
from victor_server.settings.profiles import Profile


def open_server(profile: Profile, base_url: str) -> Provider:
    """The real provider of a profile."""
    return open_provider(profile, base_url, DirectConnections(), home=Path())


def nowhere() -> str:
    """An address on loopback where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


async def asked(services: AgentServices) -> tuple[str, list[str]]:
    """The answer to one question, and the servers that were asked for it."""
    call = ModelCall(new_call_id(), "s", "t", "", "chat", "", RedactionSession(), (user("What?"),))
    async with aclosing(call_model(call, services)) as events:
        told = [event async for event in events]
    servers = [event.decision.base_url for event in told if isinstance(event, Routed)]
    return "".join(event.text for event in told if isinstance(event, TextDelta)), servers


async def test_calls_go_round_a_server_that_is_gone(tmp_path: Path) -> None:
    """Of three servers one is not there: every question is answered, at once, and soon nobody asks it any more."""
    async with (
        capturing_server(lambda _: ["first"]) as first,
        capturing_server(lambda _: ["second"]) as second,
    ):
        gone = nowhere()
        profile = Profile("default", "openai-compatible", "m", (gone, first.url, second.url))
        services = services_in(tmp_path, profile, open_server=open_server)
        try:
            found = [await asked(services) for _ in range(12)]
            many = await asyncio.gather(*(asked(services) for _ in range(8)))
        finally:
            await close(services)
    assert {answer for answer, _ in [*found, *many]} <= {"first", "second"}
    assert sum(gone in servers for _, servers in [*found, *many]) <= 3
    assert all(len(servers) <= 2 for _, servers in [*found, *many])
    assert first.bodies
    assert second.bodies


async def test_nobody_is_there(tmp_path: Path) -> None:
    """Each server is asked once, and what the last of them did is told."""
    profile = Profile("default", "openai-compatible", "m", (nowhere(), nowhere()))
    services = services_in(tmp_path, profile, open_server=open_server)
    try:
        error = (await asyncio.gather(asked(services), return_exceptions=True))[0]
    finally:
        await close(services)
    assert getattr(error, "kind", "") == "provider_unavailable"
