"""Answers what an edge asks over its connection: each request as a task of the session, a call with its events."""

import asyncio
import time
from collections.abc import AsyncGenerator

from victor_server.agent.events import ModelEvent
from victor_server.errors import Conflict, Draining, TooMany, VictorError
from victor_server.protocol import METHODS, CallStart, CallStatus, Shape
from victor_server.team.backend import Backend
from victor_server.team.connection.call_events import events_body
from victor_server.team.connection.frames import Frame, failure_body, result_body
from victor_server.team.connection.session import Session
from victor_server.team.dispatch import Request, answer, authorise, read_params
from victor_server.team.failures import failure_of
from victor_server.team.gateway.events import GatewayEvent, Routed
from victor_server.telemetry.request_names import name_by_trace, named_within, tell_answered

MAX_AT_ONCE = 64
"""Requests of one session that are being answered; an edge asks for a handful."""

DRAINING_RETRY_S = 1.0


def begin_answer(backend: Backend, session: Session, frame: Frame, number: int) -> None:
    """Answer a request, sooner or later. Never fails: what goes wrong is the answer."""
    if session.n_tasks >= MAX_AT_ONCE:
        refused = TooMany("Too many requests of this connection are waiting.", "Ask again.", retry_after_s=1)
        session.push(failure_body(number, failure_of(refused)))
        return
    with named_within(number):  # what is begun in here keeps the name
        if METHODS.get(frame.method) is not None and METHODS[frame.method].streams:
            _begin_call(backend, session, frame, number)
        else:
            session.begin(_answer(backend, session, frame, number))


def _begin_call(backend: Backend, session: Session, frame: Frame, number: int) -> None:
    try:
        start = _call_start(backend, session, frame)
    except VictorError as error:
        _failed(backend, session, number, error)
        return
    session.begin(_call(backend, session, start, number), start.call_id)


def _call_start(backend: Backend, session: Session, frame: Frame) -> CallStart:
    authorise(session.principal, frame.method)
    start = read_params(CallStart, frame.params)
    assert isinstance(start, CallStart)  # noqa: S101 - what `read_params` was asked for
    if backend.draining:
        raise Draining("The backend is about to end.", "Ask another one.", retry_after_s=DRAINING_RETRY_S)
    if session.running_call(start.call_id) is not None:
        raise Conflict("A call of this id runs already.", "Wait for it, or ask for its status.")
    return start


async def _answer(backend: Backend, session: Session, frame: Frame, number: int) -> None:
    begun = time.perf_counter()
    status = 200
    try:
        result = await _result(backend, session, frame)
        session.push(result_body(number, result))
    except Exception as error:  # noqa: BLE001 - the edge of the backend: whatever it is, it is told as an answer
        status = _failed(backend, session, number, error)
    _count(backend, frame.method if frame.method in METHODS else "unknown", status, begun)


async def _result(backend: Backend, session: Session, frame: Frame) -> Shape:
    if frame.method == "call/cancel":
        running = session.running_call(str(frame.params.get("call_id", "")))
        authorise(session.principal, frame.method)
        if running is not None:
            running.cancel()
            await asyncio.wait((running,))
    return await answer(backend, Request(session.principal, frame.method, frame.params))


async def _call(backend: Backend, session: Session, start: CallStart, number: int) -> None:
    name_by_trace(start.traceparent)
    begun = time.perf_counter()
    status = 200
    events = backend.gateway.call(session.principal, start)
    try:
        told = await _tell_events(session, start.call_id, events)
        if told is not None:
            session.push(result_body(number, told))
    except asyncio.CancelledError:
        await events.aclose()
        await _tell_cancelled(backend, session, start, number)
        raise
    except Exception as error:  # noqa: BLE001 - see `_answer`
        status = _failed(backend, session, number, error)
    finally:
        await events.aclose()
    _count(backend, "call/start", status, begun)


def _count(backend: Backend, method: str, status: int, begun: float) -> None:
    backend.metrics.request(method, status, time.perf_counter() - begun)
    tell_answered(method, status)


async def _tell_events(
    session: Session, call_id: str, events: AsyncGenerator[GatewayEvent, None]
) -> CallStatus | None:
    """Events go out together that come within one turn of the event loop: each frame costs both ends."""
    waiting: list[Routed | ModelEvent] = []
    n_events = 0
    loop = asyncio.get_running_loop()

    def flush() -> None:
        nonlocal n_events
        if waiting:
            session.push(events_body(call_id, n_events, waiting))
            n_events += len(waiting)
            waiting.clear()

    try:
        async for event in events:
            if isinstance(event, CallStatus):
                return event
            if not waiting:
                loop.call_soon(flush)
            waiting.append(event)
    finally:
        flush()
    return None


async def _tell_cancelled(backend: Backend, session: Session, start: CallStart, number: int) -> None:
    try:
        session.push(result_body(number, await backend.gateway.status(session.principal, start.call_id)))
    except Exception as error:  # noqa: BLE001 - see `_answer`
        _failed(backend, session, number, error)


def _failed(backend: Backend, session: Session, number: int, error: Exception) -> int:
    failure = failure_of(error)
    backend.metrics.error(failure.kind)
    session.push(failure_body(number, failure))
    return failure.status
