"""Follows one call over as many connections as it takes: what may be asked again is, what may not ends as interrupted."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, Protocol

from victor_server.egress.web_socket import SocketClosed
from victor_server.errors import Conflict, Draining, NotFound, VictorError
from victor_server.protocol import CallRef, CallStatus, Shape, WireEvent
from victor_server.remote.conversation import Conversation
from victor_server.remote.rpc import read_result
from victor_server.remote.running_calls import Interrupted, Lost, Resumed, RunningCall

_TRIES = 5


class Connected(Protocol):
    """What a call needs of the link."""

    async def ready(self) -> Conversation:
        """The conversation."""
        ...

    async def ask(self, method: str, params: Shape) -> Any:
        """An answer."""
        ...


async def answers_of(call: RunningCall, link: Connected) -> AsyncGenerator[WireEvent | CallStatus]:
    """Every event of the call once, then its status. See `Link.call`."""
    tasks: list[asyncio.Task[None]] = []
    is_over = False
    try:
        for attempt in range(_TRIES):
            talk = await link.ready()
            while not call.items.empty():
                call.items.get_nowait()  # what older connections said of themselves
            tasks.append(asyncio.create_task(_started(call, talk, is_repeat=attempt > 0)))
            async for answer in _until_lost(call, link):
                is_over = isinstance(answer, CallStatus)
                yield answer
                if is_over:
                    return
            if call.has_said or not await _may_be_repeated(call, link):
                is_over = True
                raise Interrupted
        raise Interrupted
    except VictorError:
        is_over = True
        raise
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if not is_over:
            _let_go(call, link)


async def _until_lost(call: RunningCall, link: Connected) -> AsyncGenerator[WireEvent | CallStatus]:
    """What comes, until the status, or until the connection is lost for good."""
    while True:
        match await call.items.get():
            case VictorError() as error:
                raise error
            case Lost():
                return
            case Resumed():
                if not call.has_said and not await _has_arrived(call, link):
                    return
            case CallStatus() as status:
                yield status
                return
            case WireEvent() as event:
                yield event


async def _started(call: RunningCall, talk: Conversation, *, is_repeat: bool) -> None:
    """Ask, and put the answer behind the events, which come by themselves. A lost connection says so otherwise."""
    try:
        answer = await talk.request("call/start", call.start, lasts=True)
        status: CallStatus = read_result("call/start", answer)
        call.put(status)
    except SocketClosed:
        return
    except Draining:
        call.put(Lost())  # the next replica takes it
    except Conflict as error:
        call.put(Interrupted() if is_repeat else error)
    except VictorError as error:
        call.put(error)


async def _has_arrived(call: RunningCall, link: Connected) -> bool:
    try:
        await link.ask("call/status", CallRef(call_id=call.start.call_id))
    except NotFound:
        return False
    return True


async def _may_be_repeated(call: RunningCall, link: Connected) -> bool:
    """Whether the backend has said nothing of an answer yet that would be charged again."""
    try:
        status: CallStatus = await link.ask("call/status", CallRef(call_id=call.start.call_id))
    except NotFound:
        return True
    return status.n_events == 0 and status.state != "done"


def _let_go(call: RunningCall, link: Connected) -> None:
    """Whoever asked wants no more of it: the backend is told, without anybody waiting for that."""

    async def cancel() -> None:
        try:
            async with asyncio.timeout(5.0):
                await link.ask("call/cancel", CallRef(call_id=call.start.call_id))
        except (VictorError, TimeoutError):
            return  # its lease runs out

    task = asyncio.create_task(cancel())
    _cancels.add(task)
    task.add_done_callback(_cancels.discard)


_cancels: set[asyncio.Task[None]] = set()
"""The event loop keeps no tasks alive by itself."""
