"""Reads JSON documents of identity providers, through the one factory of outward connections."""

from typing import Any, Protocol

from victor_server.egress.connections import Connections, Timeouts
from victor_server.egress.post import get_json
from victor_server.errors import Unavailable

_TIME_LIMIT_S = 10.0


class Fetch(Protocol):
    """Reads the JSON document at an address. Raises `Unavailable`, `OfflineBlocked`."""

    async def __call__(self, url: str) -> Any:
        """Its value."""
        ...


def fetch_over(connections: Connections) -> Fetch:
    """The real one: redirects are not followed, answers are bounded."""

    async def fetch(url: str) -> Any:
        timeouts = Timeouts(connect_s=5.0, read_s=_TIME_LIMIT_S)
        client = connections.httpx2_client(url, purpose="the identity provider", timeouts=timeouts)
        async with client:
            answered = await get_json(client, url, time_s=_TIME_LIMIT_S)
        if answered.status != 200:
            raise Unavailable(f"The identity provider answers with status {answered.status}.", "Try again.")
        return answered.body

    return fetch
