"""Closes calls whose replica is gone: nobody knows what they have used, so all that was set aside is charged."""

import json

from victor_server.ledger.model import Spent
from victor_server.protocol import CallState
from victor_server.team.audit.event import AuditEvent
from victor_server.team.gateway import lines
from victor_server.team.gateway.lines import Ending
from victor_server.team.store.database import Row, Transaction

LOST = "The replica that made this call is gone."


async def reap(tx: Transaction, row: Row, now_us: int) -> AuditEvent | None:
    """Close a lost call. What is to be recorded of it; None where somebody closed it before."""
    ending = _ending(row, now_us)
    closed = await lines.close(tx, row, ending)
    return None if closed is None else _event(row, ending)


def _ending(row: Row, now_us: int) -> Ending:
    """The bound holds input and output together; they are charged as one."""
    has_said = bool(row["has_said"])
    spent = Spent("failed", int(row["reserved_tokens"]), 0, counted=False)
    nano = int(row["reserved_nano"]) if row["price"] is not None else None
    state: CallState = "interrupted" if has_said else "failed"
    return Ending(state, spent, nano, int(row["n_events"]), has_said, now_us, "interrupted", LOST)


def _event(row: Row, ending: Ending) -> AuditEvent:
    details = {
        "call_id": row["call_id"],
        "state": ending.state,
        "reaped": True,
        "charged_tokens": ending.spent.input_tokens,
        "cost_nano": ending.nano,
        "redacted": json.loads(row["details"]).get("redacted", {}),
    }
    personal = {"user": row["subject"], "session_id": row["session_id"], "details": details}
    return AuditEvent(
        "model_call.end", row["subject"], False, row["provider"], row["model"], personal=personal
    )
