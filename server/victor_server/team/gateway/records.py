"""What the audit log is told of calls: that one begins, how it ended, that it was refused."""

from collections.abc import Mapping

from victor_server.errors import VictorError
from victor_server.protocol import CallStart
from victor_server.team.audit.event import AuditEvent
from victor_server.team.gateway.admission import Admitted
from victor_server.team.gateway.lines import Ending, Opening


def begin_events(opening: Opening, admitted: Admitted) -> list[AuditEvent]:
    """The record of a call that is about to begin, and of the tools that were taken from it."""
    details = {
        "call_id": opening.call_id,
        "task": opening.task,
        "upstream": opening.upstream,
        "max_output_tokens": admitted.request.max_output_tokens,
        "redacted": dict(admitted.redacted),
    }
    files = list(admitted.start.files)
    events = [_event(opening, "model_call.begin", True, details, files)]
    if admitted.stripped:
        stripped = {"tools": admitted.stripped, "call_id": opening.call_id}
        events.append(_event(opening, "tools.stripped", True, stripped))
    return events


def end_event(opening: Opening, ending: Ending) -> AuditEvent:
    """The record of a call's end."""
    details = {
        "call_id": opening.call_id,
        "state": ending.state,
        "input_tokens": ending.spent.input_tokens,
        "output_tokens": ending.spent.output_tokens,
        "cost_nano": ending.nano,
        "cached": ending.cached,
        "error": ending.error,
    }
    return _event(opening, "model_call.end", ending.state == "done", details)


def refused_event(start: CallStart, subject: str, error: VictorError) -> AuditEvent:
    """The record of what somebody was not allowed."""
    personal = {
        "user": subject,
        "session_id": start.session_id,
        "details": {"call_id": start.call_id, "kind": error.kind},
    }
    return AuditEvent("model_call.refused", subject, success=False, personal=personal)


def _event(
    opening: Opening,
    action: str,
    success: bool,
    details: Mapping[str, object],
    files: list[str] | None = None,
) -> AuditEvent:
    personal = {
        "user": opening.subject,
        "session_id": opening.session_id,
        "files_accessed": files or [],
        "details": details,
    }
    return AuditEvent(action, opening.subject, success, opening.provider, opening.model, personal=personal)
