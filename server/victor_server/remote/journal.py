"""The audit log of a person who has a team's backend: each record is kept for the backend too."""

import logging
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from victor_server.audit.account import account_name
from victor_server.audit.journal import Journal
from victor_server.audit.record import Record
from victor_server.errors import AuditFailed, HistoryFailed, SettingsError
from victor_server.policy.team_policy import MEMBERSHIP_FILE, TEAM_PROVIDER
from victor_server.settings.home import may_exist
from victor_server.settings.resolved import Settings

if TYPE_CHECKING:
    from victor_server.remote.membership import Membership
    from victor_server.remote.outbox import EventKind, Outbox

_log = logging.getLogger(__name__)


def open_journal(settings: Settings) -> Journal:
    """This person's journal. Blocks. Raises `AuditFailed` where the backend is to be told and could not be."""
    journal = Journal(settings.audit, account_name())
    member = membership_of(settings.home)
    return journal if member is None else forwarding(journal, member, open_outbox(settings.home, member))


def membership_of(home: Path) -> "Membership | None":
    """The backend that the person belongs to; None for none, and where it is not known any more (the policy is closed
    then, and says so).
    """
    if not may_exist(home / MEMBERSHIP_FILE):
        return None
    from victor_server.remote.membership import read_membership  # for those who have a backend

    try:
        return read_membership(home)
    except SettingsError as error:
        _log.warning("%s", error.message)
        return None


def open_outbox(home: Path, member: "Membership") -> "Outbox":
    """The outbox, from now on for `member`. Raises `AuditFailed`: what must be told of could not be."""
    from victor_server.remote.outbox import FILE_NAME, Outbox

    try:
        outbox = Outbox(home / FILE_NAME)
        outbox.belong_to(member.id)
    except HistoryFailed as error:
        raise AuditFailed(error.message, error.fix) from error
    return outbox


def forwarding(journal: Journal, member: "Membership", outbox: "Outbox") -> Journal:
    """The same journal, whose records the backend of `member` is told of too. Equal where the backend is."""
    return replace(journal, forward=_Forward(member.id, outbox))


@dataclass(frozen=True, slots=True)
class _Forward:
    backend: str
    outbox: "Outbox" = field(compare=False)

    def __call__(self, record: Record) -> None:
        usage = _usage_body(record)
        events: list[tuple[EventKind, dict[str, object]]] = [("audit", _audit_body(record))]
        if usage is not None:
            events.append(("usage", usage))
        try:
            self.outbox.append_all(events)
        except HistoryFailed as error:
            raise AuditFailed(error.message, error.fix) from error


def _audit_body(record: Record) -> dict[str, object]:
    return {
        "at_us": int(record.timestamp.timestamp() * 1e6),
        "user": record.user,
        "action": record.action,
        "session_id": record.session_id,
        "success": record.success,
        "provider": record.provider or "",
        "model": record.model or "",
        "tool_calls": [dict(call) for call in record.tool_calls],
        "files_accessed": list(record.files_accessed),
        "details": dict(record.details),
    }


def _usage_body(record: Record) -> dict[str, object] | None:
    """A call that the edge made by itself. What went through the backend is on the backend's own account."""
    details = record.details
    if (
        record.action != "model_call.end"
        or record.provider == TEAM_PROVIDER
        or details.get("outcome") == "not_sent"
    ):
        return None
    cost_usd = details.get("cost_usd")
    return {
        "at_us": int(record.timestamp.timestamp() * 1e6),
        "provider": record.provider or "",
        "model": (record.model or "")[:300],
        "input_tokens": int(details.get("input_tokens") or 0),
        "output_tokens": int(details.get("output_tokens") or 0),
        "cost_nano": None if cost_usd is None else round(float(cost_usd) * 1e9),
    }
