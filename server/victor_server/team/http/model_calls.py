"""Makes calls of models for tools that speak a vendor's HTTP: who asks, the call, the stream of its events."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Mapping
from contextlib import aclosing
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from victor_server.agent.events import ModelEvent
from victor_server.agent.providers.script import ERRORS
from victor_server.errors import Conflict, ProviderUnavailable, RateLimited, UsageError, VictorError
from victor_server.protocol import CallId, CallStart, CallStatus
from victor_server.team.backend import Backend
from victor_server.team.dispatch import read_params
from victor_server.team.gateway.events import GatewayEvent, Routed
from victor_server.team.json_reading import read_json
from victor_server.team.principal import Principal

T = TypeVar("T")
_CALL_ID: TypeAdapter[str] = TypeAdapter(CallId)
CALL_HEADERS: Mapping[str, Any] = {"idempotency-key": CallId, "traceparent": str}

MOST_LINES_AT_ONCE = 256
"""No more lines of an answer wait for a client that reads slowly; its model waits with it."""


class Events:
    """What a call says from its first event on, and at last its status. `aclose` ends the call, begun to be read or not."""

    def __init__(self, first: ModelEvent, calls: AsyncGenerator[GatewayEvent, None]) -> None:
        self._first: ModelEvent | None = first
        self._calls = calls

    def __aiter__(self) -> AsyncIterator[ModelEvent | CallStatus]:
        """Itself."""
        return self

    async def __anext__(self) -> ModelEvent | CallStatus:
        """The next one."""
        if self._first is not None:
            first, self._first = self._first, None
            return first
        while isinstance(event := await anext(self._calls), Routed):
            pass
        return event

    async def aclose(self) -> None:
        """Cancel it where it runs; it is charged and on record then."""
        await self._calls.aclose()


def call_id_of(request: Request) -> str:
    """The Idempotency-Key of a request, or a new name. Raises `UsageError`."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return secrets.token_hex(16)
    try:
        return _CALL_ID.validate_python(key)
    except ValidationError:
        raise UsageError(
            "The Idempotency-Key is not one.", "Use 8 to 100 letters, digits, dots, dashes or colons."
        ) from None


def start_of(call_id: str, request: Mapping[str, Any], traceparent: str) -> CallStart:
    """The call. Raises `UsageError`."""
    document = {"call_id": call_id, "request": request, "traceparent": traceparent[:128]}
    return cast("CallStart", read_params(CallStart, document))


async def begun(backend: Backend, principal: Principal, start: CallStart) -> tuple[Routed, Events]:
    """The call once it has said something. Raises what kept it from that, so that it is told by HTTP's status."""
    if backend.draining:
        raise ProviderUnavailable("The backend is about to end.", "Ask again: another replica answers.")
    calls = backend.gateway.call(principal, start)
    try:
        routed, first = await anext(calls), None
        if isinstance(routed, Routed):
            first = await anext(calls)
            if not isinstance(first, CallStatus) and not isinstance(first, Routed):
                return routed, Events(first, calls)
        raise _failure(first if isinstance(first, CallStatus) else routed)
    except BaseException:
        await calls.aclose()
        raise


def _failure(ended: GatewayEvent) -> VictorError:
    if not isinstance(ended, CallStatus) or ended.state == "done":
        return Conflict(
            "This request was answered before, and the answer is not kept.", "Use a new Idempotency-Key."
        )
    return failure_of_status(ended)


def failure_of_status(status: CallStatus) -> VictorError:
    """The error that a call ended with."""
    message = status.message or f"The call ended as {status.state}."
    if status.error == RateLimited.kind:
        return RateLimited(message)
    return ERRORS.get(status.error, ProviderUnavailable)(message)


async def unless_gone(request: Request, work: Awaitable[T]) -> T | None:
    """What `work` gives; it is cancelled, and None is given, once the client has gone."""
    return await _unless_gone(request.receive, work)


class EventStream(Response):
    """Server-sent events, made of `events`. A client that goes away cancels the call, and it is settled before this ends."""

    def __init__(self, events: Events, lines: AsyncGenerator[bytes, None]) -> None:
        super().__init__(media_type="text/event-stream", headers={"cache-control": "no-store"})
        del self.headers["content-length"]
        self._events = events
        self._lines = lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        async with aclosing(self._events):
            await _unless_gone(receive, self._send(send))

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async with aclosing(_together(self._lines)) as pieces:
            async for piece in pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _together(lines: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """The lines, those that are there at the same moment as one: what a write costs is the call, not its length."""
    ready: list[bytes] = []
    came, taken = asyncio.Event(), asyncio.Event()

    async def gather() -> None:
        try:
            async with aclosing(lines):
                async for line in lines:
                    ready.append(line)
                    came.set()
                    if len(ready) >= MOST_LINES_AT_ONCE:
                        taken.clear()
                        await taken.wait()
        finally:
            came.set()

    gathering = asyncio.create_task(gather())
    try:
        while not gathering.done() or ready:
            await came.wait()
            came.clear()
            if ready:
                piece = b"".join(ready)
                ready.clear()
                taken.set()
                yield piece
        await gathering
    finally:
        gathering.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await gathering


async def _unless_gone(receive: Receive, work: Awaitable[T]) -> T | None:
    working = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait({working, gone}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        return None
    finally:
        for task in (working, gone):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def sse(document: Mapping[str, Any], name: str = "") -> bytes:
    """One event."""
    head = f"event: {name}\n".encode() if name else b""
    return head + b"data: " + to_json(document) + b"\n\n"


def text_of(content: object) -> str:
    """The text of a message's content: a text, or a list of parts. Raises `UsageError` for anything else."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list) and all(isinstance(part, dict) for part in content):
        parts = [part.get("text") for part in content]
        if all(isinstance(part, str) for part in parts):
            return "".join(map(str, parts))
    raise UsageError("Only text can be sent.", "Leave pictures, sound and files out.")


def json_object(text: object) -> dict[str, Any]:
    """The arguments of a tool. Raises `UsageError`."""
    try:
        document = read_json(text) if isinstance(text, str) else text
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise UsageError("A tool's arguments are no JSON object.", "Send them as the model gave them.")
    return document


def objects(value: object, name: str) -> list[dict[str, Any]]:
    """A list of JSON objects. Raises `UsageError`."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise UsageError(f"{name} is no list of objects.", "See the vendor's documentation.")
    return value
