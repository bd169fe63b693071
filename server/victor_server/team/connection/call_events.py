"""Writes the events of an answer as frames: they are most of what the backend sends, so no model of pydantic makes them."""

import json
from collections.abc import Sequence

from victor_server.agent.events import ModelEvent
from victor_server.team.connection.frames import notice_body
from victor_server.team.gateway.events import Routed
from victor_server.team.gateway.wire import to_wire

_write = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False).encode


def events_body(call_id: str, n: int, events: Sequence[Routed | ModelEvent]) -> str:
    """The body of `call/events`: these events, of which the first is number `n` of the call."""
    params = {"call_id": call_id, "n": n, "events": [to_wire(event) for event in events]}
    return notice_body("call/events", sound(_write(params)))


def sound(text: str) -> str:
    """`text` without halves of surrogate pairs, which a provider may send and no socket takes."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
