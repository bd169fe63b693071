"""What the audit log holds of changes that a person takes back."""

from collections.abc import Sequence
from pathlib import Path

from victor_server.audit.journal import Journal

TAKEN_BACK = "changes_taken_back"


def record_restore(journal: Journal, title: str, paths: Sequence[Path]) -> None:
    """Record it before it is done. Blocks. Raises AuditFailed, and then it must not be done."""
    journal.record(TAKEN_BACK, files_accessed=[str(path) for path in paths], title=title)
