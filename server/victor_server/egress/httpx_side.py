"""The factory's connections for httpx, which the ollama library uses: the twin of `httpx2_side`."""

import asyncio
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from victor_server.egress import guard
from victor_server.egress.connections import Timeouts
from victor_server.egress.gate import Gate
from victor_server.egress.limits import KEEP_ALIVE_S, MAX_CONNECTIONS, MAX_IDLE, time_for_each


def httpx_transport(
    gate: Gate, context: ssl.SSLContext | None, timeouts: Timeouts
) -> httpx.AsyncBaseTransport:
    """A transport that reaches the gate's destination and nothing else."""
    return _Transport(gate, context, timeouts)


class _Transport(httpx.AsyncHTTPTransport):
    """httpx's own transport around a pool whose connections pass the gate."""

    def __init__(self, gate: Gate, context: ssl.SSLContext | None, timeouts: Timeouts) -> None:
        # Not the parent's: it would make a pool with the library's own way to the network.
        self._gate = gate
        self._timeouts = timeouts
        self._pool = _pool(gate, context)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        await self._gate.check_request(url.scheme, url.raw_host.decode("ascii"), url.port)
        waits = {"connect": self._timeouts.connect_s, "pool": self._timeouts.connect_s}
        waits |= {"read": self._timeouts.read_s, "write": self._timeouts.read_s}
        # The client around a transport is somebody else's and has times of its own.
        request.extensions = {**request.extensions, "timeout": waits}
        return await super().handle_async_request(request)


def _pool(gate: Gate, context: ssl.SSLContext | None) -> httpcore.AsyncConnectionPool:
    common: dict[str, Any] = {
        "ssl_context": context,
        "max_connections": MAX_CONNECTIONS,
        "max_keepalive_connections": MAX_IDLE,
        "keepalive_expiry": KEEP_ALIVE_S,
        "network_backend": _Backend(gate),
    }
    if gate.proxy is None:
        return httpcore.AsyncConnectionPool(**common)
    place = gate.proxy.destination
    return httpcore.AsyncHTTPProxy(
        proxy_url=httpcore.URL(scheme=place.scheme, host=place.host, port=place.port, target="/"),
        proxy_auth=gate.proxy.credentials,
        proxy_ssl_context=context if place.scheme == "https" else None,
        **common,
    )


class _Backend(httpcore.AsyncNetworkBackend):
    """Connects to addresses that the gate has checked, and to no name."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._below = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the library's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Open a connection to the first allowed address that answers. Raises httpcore's errors and OfflineBlocked."""
        try:
            addresses = await self._gate.addresses(host, port, timeout)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("looking the name up took too long") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("the name could not be looked up") from error
        failed: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            try:
                with guard.announced(address, port):
                    return await self._below.connect_tcp(
                        address, port, time_for_each(timeout, len(addresses)), None, socket_options
                    )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109  # the library's signature
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Never: raises OfflineBlocked."""
        await self._gate.block_socket(path)
        raise AssertionError("unreachable")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
