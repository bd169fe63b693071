"""Opens a plain connection to a gate's destination: directly, or through its proxy by CONNECT."""

import asyncio
import base64
import contextlib
import socket
import ssl

from victor_server.egress import guard
from victor_server.egress.gate import Gate
from victor_server.egress.limits import time_for_each
from victor_server.egress.proxies import Proxy
from victor_server.policy.hosts import Destination

_MAX_HEAD_BYTES = 16_384
_MAX_PIECE_BYTES = 65_536


async def open_tcp(gate: Gate, context: ssl.SSLContext | None, within_s: float) -> socket.socket:
    """A connected socket, behind which the destination is. Raises OfflineBlocked, OSError, TimeoutError."""
    told = gate.destination if gate.proxy is None else gate.proxy.destination
    sock = await _connected(gate, told, within_s)
    if gate.proxy is None:
        return sock
    try:
        if told.scheme == "https":
            return await _through_tls(sock, context, gate.proxy, gate.destination)
        await _ask_plainly(sock, gate.proxy, gate.destination)
    except BaseException:
        sock.close()
        raise
    return sock


async def _connected(gate: Gate, told: Destination, within_s: float) -> socket.socket:
    """To the first allowed address that answers."""
    addresses = await gate.addresses(told.host, told.port, within_s)
    failed: OSError = ConnectionError("no address")
    for address in addresses:
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        try:
            with guard.announced(address, told.port):
                async with asyncio.timeout(time_for_each(within_s, len(addresses))):
                    await asyncio.get_running_loop().sock_connect(sock, (address, told.port))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:  # a TimeoutError too
            sock.close()
            failed = error
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise failed


async def _ask_plainly(sock: socket.socket, proxy: Proxy, destination: Destination) -> None:
    """Byte by byte at the end: what follows the proxy's head is the destination's, and stays in the socket."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(sock, _connect_head(proxy, destination))
    head = bytearray()
    while not head.endswith(b"\r\n\r\n"):
        piece = await loop.sock_recv(sock, 1)
        if not piece or len(head) > _MAX_HEAD_BYTES:
            raise ConnectionError("the proxy broke off")
        head += piece
    _check_head(bytes(head))


async def _through_tls(
    sock: socket.socket, context: ssl.SSLContext | None, proxy: Proxy, destination: Destination
) -> socket.socket:
    """One end of a pair of sockets; what is written there goes to the proxy, inside of its TLS."""
    reader, writer = await asyncio.open_connection(
        sock=sock, ssl=context, server_hostname=proxy.destination.host, limit=_MAX_HEAD_BYTES
    )
    try:
        writer.write(_connect_head(proxy, destination))
        await writer.drain()
        _check_head(await reader.readuntil(b"\r\n\r\n"))
    except (asyncio.LimitOverrunError, asyncio.IncompleteReadError):
        writer.transport.abort()
        raise ConnectionError("the proxy broke off") from None
    except BaseException:
        writer.transport.abort()  # nothing of it is to be said goodbye to
        raise
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    task = asyncio.create_task(_pump(theirs, reader, writer), name="victor-proxy")
    _pumps.add(task)
    task.add_done_callback(_pumps.discard)
    return ours


_pumps: set[asyncio.Task[None]] = set()
"""The event loop keeps no tasks alive by itself."""


async def _pump(inside: socket.socket, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    inner_reader, inner_writer = await asyncio.open_connection(sock=inside)
    with contextlib.suppress(OSError):
        one = asyncio.create_task(_copy(reader, inner_writer))
        other = asyncio.create_task(_copy(inner_reader, writer))
        await asyncio.wait((one, other), return_when=asyncio.FIRST_COMPLETED)
        for task in (one, other):
            task.cancel()
        await asyncio.gather(one, other, return_exceptions=True)
    writer.close()
    inner_writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_MAX_PIECE_BYTES):
        writer.write(piece)
        await writer.drain()


def _connect_head(proxy: Proxy, destination: Destination) -> bytes:
    lines = [f"CONNECT {destination} HTTP/1.1", f"Host: {destination}", "User-Agent: victor"]
    if proxy.credentials is not None:
        told = base64.b64encode(":".join(proxy.credentials).encode()).decode("ascii")
        lines.append(f"Proxy-Authorization: Basic {told}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def _check_head(head: bytes) -> None:
    words = head.split(b"\r\n", 1)[0].split(b" ")
    if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].startswith(b"2"):
        raise ConnectionError("the proxy lets nothing through")
