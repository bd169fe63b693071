"""The factory's connections for httpx2, which the anthropic and openai libraries use."""

import asyncio
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore2
import httpx2

from victor_server.egress import guard
from victor_server.egress.connections import Timeouts
from victor_server.egress.gate import Gate
from victor_server.egress.limits import KEEP_ALIVE_S, MAX_CONNECTIONS, MAX_IDLE, MAX_REDIRECTS, time_for_each
from victor_server.egress.plain_stream import connect_plain


def httpx2_client(gate: Gate, context: ssl.SSLContext | None, timeouts: Timeouts) -> httpx2.AsyncClient:
    """A client that reaches the gate's destination and nothing else."""

    async def check(request: httpx2.Request) -> None:
        await _check(gate, request.url)

    limits = httpx2.Timeout(timeouts.read_s, connect=timeouts.connect_s, pool=timeouts.connect_s)
    return httpx2.AsyncClient(
        transport=_Transport(gate, context),
        timeout=limits,
        trust_env=False,
        follow_redirects=True,
        max_redirects=MAX_REDIRECTS,
        # Before anything that others hook in: what a server sends its callers away to is blocked, and on record.
        event_hooks={"request": [check]},
    )


async def _check(gate: Gate, url: httpx2.URL) -> None:
    await gate.check_request(url.scheme, url.raw_host.decode("ascii"), url.port)


class _Transport(httpx2.AsyncHTTPTransport):
    """httpx2's own transport around a pool whose connections pass the gate."""

    def __init__(self, gate: Gate, context: ssl.SSLContext | None) -> None:
        # Not the parent's: it would make a pool with the library's own way to the network.
        self._gate = gate
        self._pool = _pool(gate, context)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await _check(self._gate, request.url)
        return await super().handle_async_request(request)


def _pool(gate: Gate, context: ssl.SSLContext | None) -> httpcore2.AsyncConnectionPool:
    common: dict[str, Any] = {
        "ssl_context": context,
        "max_connections": MAX_CONNECTIONS,
        "max_keepalive_connections": MAX_IDLE,
        "keepalive_expiry": KEEP_ALIVE_S,
        "network_backend": _Backend(gate),
    }
    if gate.proxy is None:
        return httpcore2.AsyncConnectionPool(**common)
    place = gate.proxy.destination
    return httpcore2.AsyncHTTPProxy(
        proxy_url=httpcore2.URL(scheme=place.scheme, host=place.host, port=place.port, target="/"),
        proxy_auth=gate.proxy.credentials,
        proxy_ssl_context=context if place.scheme == "https" else None,
        **common,
    )


class _Backend(httpcore2.AsyncNetworkBackend):
    """Connects to addresses that the gate has checked, and to no name."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._is_plain = gate.proxy is None and gate.destination.scheme == "http"
        self._with_tls = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the library's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Open a connection to the first allowed address that answers. Raises httpcore2's errors and OfflineBlocked."""
        try:
            addresses = await self._gate.addresses(host, port, timeout)
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout("looking the name up took too long") from error
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError("the name could not be looked up") from error
        failed: Exception = httpcore2.ConnectError("no address")
        for address in addresses:
            try:
                with guard.announced(address, port):
                    return await self._connect(
                        address, port, time_for_each(timeout, len(addresses)), socket_options
                    )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
        raise failed

    async def _connect(
        self, address: str, port: int, timeout_s: float | None, socket_options: Iterable[Any] | None
    ) -> httpcore2.AsyncNetworkStream:
        if self._is_plain:
            return await connect_plain(address, port, timeout_s, socket_options)
        return await self._with_tls.connect_tcp(address, port, timeout_s, None, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109  # the library's signature
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Never: raises OfflineBlocked."""
        await self._gate.block_socket(path)
        raise AssertionError("unreachable")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
