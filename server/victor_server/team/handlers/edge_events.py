"""What an edge's events must be, and what becomes of each: a record of the audit log, or a line of the usage."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError

from victor_server.audit.encoding import canonical
from victor_server.errors import UsageError
from victor_server.protocol import EdgeEvent, Shape
from victor_server.team.audit.event import AuditEvent
from victor_server.team.principal import Principal

MAX_BODY_BYTES = 1_000_000
_LATEST_US = 4_102_444_800_000_000  # the year 2100: a time beyond it is no time

Moment = Annotated[int, Field(ge=0, le=_LATEST_US)]
Label = Annotated[str, StringConstraints(max_length=1_000)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]


class AuditBody(Shape):
    """A record of the edge's own audit log."""

    at_us: Moment
    user: Label
    action: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]{0,63}$")]
    session_id: Annotated[str, StringConstraints(max_length=200)]
    success: bool
    provider: Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    model: Annotated[str, StringConstraints(max_length=1_000, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    tool_calls: Annotated[tuple[Mapping[str, Any], ...], Field(max_length=1_000)] = ()
    files_accessed: Annotated[tuple[Label, ...], Field(max_length=1_000)] = ()
    details: Mapping[str, Any] = {}


class UsageBody(Shape):
    """A call that the edge made by itself. `cost_nano` None: nobody knows the price."""

    at_us: Moment
    provider: Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
    model: Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]
    input_tokens: Count
    output_tokens: Count
    cost_nano: Annotated[int, Field(ge=0, le=10**15)] | None = None


@dataclass(frozen=True, slots=True)
class Used:
    """What a call adds to the usage."""

    day: str
    provider: str
    model: str
    input_tokens: int
    output_tokens: int
    cost_nano: int | None


@dataclass(frozen=True, slots=True)
class Bad:
    """An event that is none, and why."""

    reason: str


def number_of(event: Mapping[str, Any]) -> int:
    """The event's place. Raises UsageError for one without: nobody could say what comes before it."""
    seq = event.get("seq")
    if isinstance(seq, bool) or not isinstance(seq, int) or not 1 <= seq < 2**62:
        raise UsageError("events: an event has no seq.", "See the protocol's documentation.")
    return seq


def read_event(event: Mapping[str, Any], principal: Principal, now_us: int) -> AuditEvent | Used | Bad:
    """What the event says. Times that the edge's clock has ahead of ours count as now; ours stands beside them."""
    try:
        known = EdgeEvent.model_validate(event)
        if len(canonical(dict(known.body))) > MAX_BODY_BYTES:
            return Bad("it is too long")
        return _READERS[known.kind](known.body, principal, now_us)
    except ValidationError as error:
        where = ".".join(map(str, error.errors(include_input=False, include_url=False)[0]["loc"]))[:100]
        return Bad(f"{where or 'it'} is not what it must be")
    except (ValueError, TypeError, RecursionError):
        return Bad("it holds what JSON does not know")


def quarantined(principal: Principal, install: str, seq: int, reason: str) -> AuditEvent:
    """The record that stands in the place of a bad event."""
    details = {"install": install, "seq": seq, "reason": reason}
    return AuditEvent(
        "edge.event_quarantined",
        principal.subject,
        success=False,
        source="edge",
        personal={"user": principal.subject, "details": details},
    )


def _audit(body: Mapping[str, Any], principal: Principal, now_us: int) -> AuditEvent:
    told = AuditBody.model_validate(body)
    personal = {
        "user": principal.subject,
        "edge_user": told.user,
        "session_id": told.session_id,
        "tool_calls": [dict(call) for call in told.tool_calls],
        "files_accessed": list(told.files_accessed),
        "details": dict(told.details),
    }
    return AuditEvent(
        told.action,
        principal.subject,
        success=told.success,
        provider=told.provider,
        model=told.model,
        source="edge",
        personal=personal,
        at_us=min(told.at_us, now_us),
    )


def _usage(body: Mapping[str, Any], principal: Principal, now_us: int) -> Used:
    told = UsageBody.model_validate(body)
    day = datetime.fromtimestamp(min(told.at_us, now_us) // 1_000_000, UTC).date().isoformat()
    return Used(day, told.provider, told.model, told.input_tokens, told.output_tokens, told.cost_nano)


_Reader = Callable[[Mapping[str, Any], Principal, int], AuditEvent | Used]
_READERS: Mapping[Literal["audit", "usage"], _Reader] = {"audit": _audit, "usage": _usage}
