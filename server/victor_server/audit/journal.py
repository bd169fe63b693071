"""What the rest of Victor writes its audit records through: one person's log, or none where it is switched off."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from victor_server.audit.log import append
from victor_server.audit.record import Record
from victor_server.settings.resolved import AuditSettings

MAX_NAME = 1_000
"""Characters of a name (a file, a model) that are recorded; a hostile one must not fill the log."""
MAX_FILES = 500
"""Files that one record names; `n_files_accessed` says how many there were."""


@dataclass(frozen=True, slots=True)
class Journal:
    """The audit log that `settings` names, written to for `user`. May be used from several threads."""

    settings: AuditSettings
    user: str
    forward: Callable[[Record], None] | None = None
    """Who else is told of each record: what keeps it for the team's backend. Raises `AuditFailed`."""

    def record(
        self,
        action: str,
        *,
        session_id: str = "",
        success: bool = True,
        provider: str | None = None,
        model: str | None = None,
        tool_calls: Sequence[Mapping[str, Any]] = (),
        files_accessed: Sequence[str] = (),
        **details: Any,
    ) -> None:
        """Write down what was done; on disk when this returns. Blocks: call it in a thread.

        `details` are what JSON knows, and hold no contents and no secrets. Without a session the record gets one of
        its own. Does nothing where the log is switched off and nobody else is told. Raises `AuditFailed`: then it is
        not on record everywhere, and what had to be recorded must not happen.
        """
        if not self.settings.enabled and self.forward is None:
            return
        if len(files_accessed) > MAX_FILES:
            details["n_files_accessed"] = len(files_accessed)
        record = Record(
            timestamp=datetime.now(UTC),
            user=self.user,
            action=action,
            session_id=session_id or uuid.uuid4().hex,
            success=success,
            provider=provider,
            model=None if model is None else model[:MAX_NAME],
            tool_calls=tool_calls,
            files_accessed=[path[:MAX_NAME] for path in files_accessed[:MAX_FILES]],
            details=details,
        )
        if self.settings.enabled:
            append(self.settings.path, record)
        if self.forward is not None:
            self.forward(record)
