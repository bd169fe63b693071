"""Makes every outward connection of the program."""

import asyncio
import logging
import ssl
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from victor_server.egress.connections import Timeouts
from victor_server.egress.gate import Gate, Resolve, open_gate, system_resolve
from victor_server.egress.model import Blocked
from victor_server.egress.proxies import proxy_for
from victor_server.policy.policy import HoldsPolicy

if TYPE_CHECKING:
    import httpx
    import httpx2

    from victor_server.egress.web_socket import WebSocket, WebSocketAsked


_TALKATIVE = ("httpx2", "httpx", "httpcore2", "httpcore", "openai", "anthropic", "websockets")


class Egress:
    """Clients that can reach what the policy allows, each one destination. Implements `Connections`.

    `record` is told of everything that is blocked, in a thread, before OfflineBlocked is raised. `environment` gives
    the proxies and SSL_CERT_FILE; it is read when a client is made. `resolve` looks names up.
    """

    def __init__(
        self,
        policy: HoldsPolicy,
        *,
        record: Callable[[Blocked], None],
        environment: Mapping[str, str],
        ca_file: Path | None = None,
        resolve: Resolve = system_resolve,
    ) -> None:
        self._policy = policy
        self._record = record
        self._environment = environment
        self._ca_file = ca_file
        self._resolve = resolve
        self._context: ssl.SSLContext | None = None
        self._lock = Lock()

    def httpx2_client(self, base_url: str, *, purpose: str, timeouts: Timeouts) -> "httpx2.AsyncClient":
        """A client for the server at `base_url`. Loads httpx2 and the system's certificates the first time.

        Raises SettingsError where the address, a proxy or a certificate file cannot be used. Its requests raise
        OfflineBlocked where the policy does not allow the destination, and httpx2's errors.
        """
        from victor_server.egress.httpx2_side import httpx2_client

        _keep_quiet()
        gate = self._gate(base_url, purpose)
        return httpx2_client(gate, self._context_for(gate), timeouts)

    def httpx_transport(
        self, base_url: str, *, purpose: str, timeouts: Timeouts
    ) -> "httpx.AsyncBaseTransport":
        """The same as a transport for httpx; `timeouts` replace those of the client that is made around it."""
        from victor_server.egress.httpx_side import httpx_transport

        _keep_quiet()
        gate = self._gate(base_url, purpose)
        return httpx_transport(gate, self._context_for(gate), timeouts)

    async def web_socket(
        self, base_url: str, asked: "WebSocketAsked", *, purpose: str, timeouts: Timeouts
    ) -> "WebSocket":
        """A connection to `asked.path` of the server at `base_url`; raises as `open_web_socket`, and SettingsError."""
        from victor_server.egress.web_socket import open_web_socket

        _keep_quiet()
        gate = self._gate(base_url, purpose)
        return await open_web_socket(gate, await asyncio.to_thread(self._context_for, gate), timeouts, asked)

    def _gate(self, base_url: str, purpose: str) -> Gate:
        proxy_of = partial(proxy_for, environment=self._environment)
        return open_gate(
            self._policy, base_url, purpose, proxy_of=proxy_of, record=self._record, resolve=self._resolve
        )

    def _context_for(self, gate: Gate) -> ssl.SSLContext | None:
        """Certificates are read where TLS is spoken, and once."""
        if "https" not in (gate.destination.scheme, gate.proxy.destination.scheme if gate.proxy else ""):
            return None
        from victor_server.egress.tls import tls_context

        with self._lock:
            if self._context is None:
                self._context = tls_context(self._ca_file, self._environment)
            return self._context


def _keep_quiet() -> None:
    """Libraries that write addresses, headers and whole requests into the log at DEBUG write none of it here.

    Each time: two of them set their own level when they are loaded, from variables of the environment.
    """
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
