"""`/v1/attach`: takes a WebSocket, and hears one edge out until it ends."""

import asyncio
import contextlib
from collections.abc import Mapping, MutableMapping
from typing import Any

from victor_server.errors import UsageError
from victor_server.protocol import SUBPROTOCOL, CloseCode, Credit, Heartbeat
from victor_server.team.connection.frames import BadFrame, Frame, read_frame
from victor_server.team.connection.handshake import authenticate_again, greet
from victor_server.team.connection.hub import Hub
from victor_server.team.connection.requests import begin_answer
from victor_server.team.connection.session import Session
from victor_server.team.connection.socket import Gone, Receive, Send, Socket, Unreadable
from victor_server.team.dispatch import read_params


async def attach(hub: Hub, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
    """One connection, from the first byte to the last. Never fails."""
    await receive()  # websocket.connect
    refusal = _refusal(hub, scope)
    with contextlib.suppress(OSError):
        if refusal is not None:
            await refuse(send, *refusal)
            return
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
        await _converse(hub, Socket(receive, send, hub.clock, hub.backend.settings.limits.max_frame_bytes))


async def refuse(send: Send, status: int, message: str) -> None:
    """Say no before it is a WebSocket."""
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    if status == 503:
        headers.append((b"retry-after", b"1"))
    start: MutableMapping[str, Any] = {"status": status, "headers": headers}
    await send({"type": "websocket.http.response.start", **start})
    await send({"type": "websocket.http.response.body", "body": message.encode()})


def _refusal(hub: Hub, scope: Mapping[str, Any]) -> tuple[int, str] | None:
    if scope.get("query_string"):
        return 400, "Nothing belongs into the address; the token is said in the first frame."
    origins = [value.decode("latin-1") for name, value in scope["headers"] if name == b"origin"]
    allowed = hub.backend.settings.listen.allowed_origins
    if any(origin not in allowed for origin in origins):
        return 403, "Pages of this origin may not connect."
    if SUBPROTOCOL not in scope.get("subprotocols", ()):
        return 400, f"The subprotocol {SUBPROTOCOL} is spoken here, and no other."
    if hub.backend.draining:
        return 503, "The backend is about to end."
    return None


async def _converse(hub: Hub, socket: Socket) -> None:
    session: Session | None = None
    hub.backend.metrics.connected()
    try:
        session = await greet(hub, socket)
        while session is not None and not socket.closed:
            await _hear(hub, session, socket, await socket.text())
    except Gone:
        return
    except Unreadable as error:
        await _close(hub, session, socket, error.code, error.reason)
    except BadFrame as error:
        await _close(hub, session, socket, CloseCode.BAD_FRAME, error.reason)
    except asyncio.CancelledError:
        # The server ends, or an edge that took nothing was dropped: there is nobody to tell.
        socket.out.stop()
    finally:
        if session is not None:
            hub.detach(session, socket)
        hub.backend.metrics.disconnected(socket.closed or 1006)
    with contextlib.suppress(asyncio.CancelledError):
        await socket.drain()


async def _close(hub: Hub, session: Session | None, socket: Socket, code: CloseCode, reason: str) -> None:
    """An edge that sends what is none of the protocol cannot go on where it was: nobody knows what it meant."""
    if session is not None and session.socket is socket:
        await hub.end(session, code, reason)
    await socket.close(code, reason)


async def _hear(hub: Hub, session: Session, socket: Socket, text: str) -> None:
    socket.heard_at = hub.clock()
    if socket.closed or session.socket is not socket:
        return
    if not session.frames.take():
        await _close(hub, session, socket, CloseCode.TOO_MANY, "too many frames a second")
        return
    frame = read_frame(text)
    if frame.id is not None:
        if frame.id <= session.last_id:
            raise BadFrame("ids must rise")
        session.last_id = frame.id
        begin_answer(hub.backend, session, frame, frame.id)
    else:
        await _hear_notice(hub, session, socket, frame)


async def _hear_notice(hub: Hub, session: Session, socket: Socket, frame: Frame) -> None:
    """Those that an edge sends; others are for a later backend."""
    try:
        if frame.method == "heartbeat":
            told = read_params(Heartbeat, frame.params)
            if isinstance(told, Heartbeat):
                session.ring.acknowledge(told.last_seq)
        elif frame.method == "credit":
            given = read_params(Credit, frame.params)
            if isinstance(given, Credit):
                socket.out.credit(given.frames)
        elif frame.method == "auth":
            await authenticate_again(hub, session, socket, frame)
    except UsageError:
        raise BadFrame(f"the params of {frame.method} are not right") from None
