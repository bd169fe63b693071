"""Tells providers which trace a call belongs to, where there is one."""

from typing import Any

from victor_server.egress.connections import Connections, Timeouts
from victor_server.telemetry.tracing import traceparent


class PassingOn:
    """Connections whose requests carry the span that runs as W3C trace context; a trace holds no contents."""

    def __init__(self, below: Connections) -> None:
        self._below = below

    def httpx2_client(self, base_url: str, *, purpose: str, timeouts: Timeouts) -> Any:
        """See `Connections`."""
        client = self._below.httpx2_client(base_url, purpose=purpose, timeouts=timeouts)
        client.event_hooks["request"].append(_tell)
        return client

    def httpx_transport(self, base_url: str, *, purpose: str, timeouts: Timeouts) -> Any:
        """See `Connections`; what is asked through it carries nothing."""
        return self._below.httpx_transport(base_url, purpose=purpose, timeouts=timeouts)


async def _tell(request: Any) -> None:
    if trace := traceparent():
        request.headers["traceparent"] = trace
