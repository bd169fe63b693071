"""Connections without a policy, for tests of what is on the other side of them."""

import ssl
from functools import cache
from typing import TYPE_CHECKING

from victor_server.egress.connections import Timeouts

if TYPE_CHECKING:
    import httpx
    import httpx2


class DirectConnections:
    """Implements `Connections`: wherever it is told to, past every proxy."""

    def httpx2_client(self, base_url: str, *, purpose: str, timeouts: Timeouts) -> "httpx2.AsyncClient":
        """A client."""
        import httpx2

        timeout = httpx2.Timeout(timeouts.read_s, connect=timeouts.connect_s)
        return httpx2.AsyncClient(timeout=timeout, trust_env=False, verify=_tls())

    def httpx_transport(
        self, base_url: str, *, purpose: str, timeouts: Timeouts
    ) -> "httpx.AsyncBaseTransport":
        """A transport."""
        import httpx

        return httpx.AsyncHTTPTransport(trust_env=False, verify=_tls())


@cache
def _tls() -> ssl.SSLContext:
    """Reading the system's certificates takes longer than most tests."""
    return ssl.create_default_context()
