"""The factory's WebSocket connections: to one destination, after the policy was asked and its name looked up."""

import asyncio
import importlib
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from victor_server.egress.connections import Timeouts
from victor_server.egress.gate import Gate
from victor_server.egress.tunnel import open_tcp
from victor_server.egress.unreachable import unreachable
from victor_server.errors import Unavailable

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

CLOSE_TIME_LIMIT_S = 2.0


class SocketClosed(Unavailable):
    """The connection is over. `code` is that of WebSocket's close frame, 1006 where none came."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"The connection was closed ({code}).")
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class WebSocketAsked:
    """What a connection is opened as. Compression is off: it costs both ends memory, and mixes secrets with what is known."""

    path: str
    subprotocol: str
    max_frame_bytes: int


class WebSocket:
    """One open connection."""

    def __init__(self, connection: "ClientConnection") -> None:
        self._connection = connection

    async def send(self, text: str) -> None:
        """Send a frame; waits while the other end takes none. Raises SocketClosed."""
        from websockets.exceptions import ConnectionClosed

        try:
            await self._connection.send(text)
        except ConnectionClosed as error:
            raise _closed(error) from None

    async def receive(self) -> str:
        """The next frame. Raises SocketClosed."""
        from websockets.exceptions import ConnectionClosed

        try:
            frame = await self._connection.recv()
        except ConnectionClosed as error:
            raise _closed(error) from None
        if not isinstance(frame, str):
            raise SocketClosed(1003, "a frame is not of text")
        return frame

    async def close(self, code: int = 1000) -> None:
        """End it; never raises for a connection that is gone."""
        await self._connection.close(code)


async def open_web_socket(
    gate: Gate, context: ssl.SSLContext | None, timeouts: Timeouts, asked: WebSocketAsked
) -> WebSocket:
    """Connect to the gate's destination and to nothing else; redirects are not followed.

    Raises OfflineBlocked where the policy does not allow it, Unavailable where nobody answers as a WebSocket does.
    """
    client = await asyncio.to_thread(importlib.import_module, "websockets.asyncio.client")
    from websockets.exceptions import InvalidHandshake

    told = gate.destination
    await gate.check_request(told.scheme, told.host, told.port)
    scheme = "wss" if told.scheme == "https" else "ws"
    try:
        async with asyncio.timeout(timeouts.connect_s):
            sock = await open_tcp(gate, context, timeouts.connect_s)
            try:
                connection = await client.connect(
                    f"{scheme}://{told}{urlsplit(asked.path).path}",
                    sock=sock,
                    proxy=None,
                    compression=None,
                    subprotocols=[asked.subprotocol],
                    max_size=asked.max_frame_bytes,
                    ping_interval=None,  # the protocol above has a heartbeat of its own
                    close_timeout=CLOSE_TIME_LIMIT_S,
                    open_timeout=None,
                    user_agent_header="victor",
                    **({"ssl": context, "server_hostname": told.host} if scheme == "wss" else {}),
                )
            except BaseException:
                sock.close()
                raise
    except TimeoutError:
        raise Unavailable(f"{told} did not answer within {timeouts.connect_s:g} s.", "Try again.") from None
    except InvalidHandshake as error:
        raise Unavailable(f"{told} answers, but takes no connection ({_status(error)}).") from None
    except (OSError, EOFError, ValueError) as error:
        raise unreachable(str(told), error) from None
    if connection.subprotocol != asked.subprotocol:
        await connection.close(1002)
        raise Unavailable(f"{told} answers, but does not speak {asked.subprotocol}.", "Check the address.")
    return WebSocket(connection)


def _status(error: Exception) -> str:
    status = getattr(getattr(error, "response", None), "status_code", None)
    return type(error).__name__ if status is None else f"status {status}"


def _closed(error: Exception) -> SocketClosed:
    received = getattr(error, "rcvd", None)
    return SocketClosed(1006) if received is None else SocketClosed(received.code, received.reason[:200])
