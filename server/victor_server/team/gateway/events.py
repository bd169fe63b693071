"""What a call tells while it runs."""

from dataclasses import dataclass

from victor_server.agent.events import ModelEvent
from victor_server.protocol import CallStatus


@dataclass(frozen=True, slots=True)
class Routed:
    """Who answers: a name of `models/list`, its provider, what that one calls it, and where it is."""

    model: str
    provider: str
    upstream: str = ""
    region: str = ""


GatewayEvent = Routed | ModelEvent | CallStatus
"""Routed, the answer as it comes, then CallStatus exactly once and last."""
