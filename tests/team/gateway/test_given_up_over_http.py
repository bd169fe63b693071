"""Calls over HTTP that nobody reads: they end at once, whenever the client goes."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from pathlib import Path

from starlette.types import Message
from team_backend import running_backend, scripted

from victor_server.agent.events import ModelEvent
from victor_server.protocol import CallStart, CallStatus, WireMessage, WireRequest, WireText
from victor_server.team.http.model_calls import EventStream, begun, start_of


def _start() -> CallStart:
    message = WireMessage(role="user", parts=(WireText(text="hello"),))
    request = WireRequest(model="small", messages=(message,), max_output_tokens=50)
    return start_of("call-0001", request.model_dump(mode="json"), "")


async def test_an_answer_of_which_nothing_is_read(tmp_path: Path) -> None:
    """It had begun, and its client was gone before the first line: nothing stays open or set aside."""
    async with running_backend(tmp_path, models=(scripted(tmp_path, [{"text": "a"}, {"text": "b"}]),)) as it:
        principal = await it.backend.identity.authenticate(await it.token("developer"))
        _, events = await begun(it.backend, principal, _start())
        assert (await it.backend.gateway.status(principal, "call-0001")).state == "open"
        await events.aclose()
        assert (await it.backend.gateway.status(principal, "call-0001")).state == "cancelled"


async def test_an_answer_that_cannot_be_begun_to_be_sent(tmp_path: Path) -> None:
    """The connection breaks with the headers: the call ends before the answer does."""

    async def receive() -> Message:
        return await asyncio.Future[Message]()

    async def send(_: Message) -> None:
        raise ConnectionResetError

    async with running_backend(tmp_path, models=(scripted(tmp_path, [{"text": "a"}, {"text": "b"}]),)) as it:
        principal = await it.backend.identity.authenticate(await it.token("developer"))
        _, events = await begun(it.backend, principal, _start())
        told: list[ModelEvent | CallStatus] = []

        async def lines() -> AsyncGenerator[bytes, None]:
            async for event in events:
                told.append(event)
                yield b""

        with contextlib.suppress(ConnectionResetError):
            await EventStream(events, lines())({"type": "http"}, receive, send)
        assert told == []
        assert (await it.backend.gateway.status(principal, "call-0001")).state == "cancelled"
