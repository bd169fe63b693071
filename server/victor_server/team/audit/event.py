"""What the rest of the backend hands to the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from victor_server.audit.leaf import Source


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Somebody did something. `action`, `provider`, `model` and `success` stand in the chain for everybody to read;
    `personal` (user, session_id, tool_calls, files_accessed, and whatever else JSON knows) is sealed with the
    subject's own key. `at_us` None: now. `names`: others to whom it was done. Each gets a pseudonym with it, which stands
    where `personal["details"]["subject"]` has the name: an erasure, which is kept by pseudonym, leaves none of it, also in
    a backup.
    """

    action: str
    subject: str
    success: bool = True
    provider: str = ""
    model: str = ""
    source: Source = "gateway"
    personal: Mapping[str, Any] = field(default_factory=dict)
    at_us: int | None = None
    names: tuple[str, ...] = ()
