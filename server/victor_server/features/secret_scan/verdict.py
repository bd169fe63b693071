"""What a report means for whoever waits for it: may it pass, and on whose word."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from victor_server.audit.account import account_name
from victor_server.audit.log import append
from victor_server.audit.record import Record
from victor_server.errors import AuditFailed, UsageError
from victor_server.features.secret_scan.report import Found, Report
from victor_server.settings.resolved import AuditSettings

REASONS = ("used-in-tests", "false-positive", "fix-later")
"""What may be said for letting a secret through."""

ACTION = "scan_secrets.bypass"


def blocking(report: Report, *, strict: bool) -> list[Found]:
    """The findings that may not pass: the certain ones, and with `strict` the possible ones as well."""
    return [each for each in report.findings if strict or each.finding.tier == "certain"]


def checked_reason(reason: str) -> str:
    """A reason as it stands in the audit log. Raises `UsageError` for any other."""
    if reason.strip() not in REASONS:
        raise UsageError(
            f"{reason!r} is no reason to pass over secrets.", f"Say one of: {', '.join(REASONS)}."
        )
    return reason.strip()


def record_bypass(settings: AuditSettings, passed: Sequence[Found], reason: str) -> None:
    """Write down who let which findings through, and why. Raises `AuditFailed`: then nothing may pass."""
    if not settings.enabled:
        fix = "Set VICTOR_AUDIT_LOG=true: what is let through must be recorded."
        raise AuditFailed("The audit log is switched off.", fix)
    record = Record(
        timestamp=datetime.now(UTC),
        user=account_name(),
        action=ACTION,
        session_id=os.urandom(16).hex(),
        success=True,
        files_accessed=sorted({each.path for each in passed}),
        details={"reason": reason, "findings": [_entry(each) for each in passed]},
    )
    append(settings.path, record)


def _entry(found: Found) -> dict[str, Any]:
    finding = found.finding
    return {
        "path": found.path,
        "line": finding.line + 1,
        "rule": finding.rule,
        "tier": finding.tier,
        "masked": finding.masked,
        "fingerprint": finding.fingerprint,
    }
