"""Says and changes which folders are trusted; each change is in the audit log."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from victor_server.audit.journal import Journal
from victor_server.errors import UsageError, VictorError
from victor_server.settings.trust import RESTRICTED, TrustEntry, TrustStore

GRANTED = "trust_granted"
REVOKED = "trust_revoked"


@dataclass(frozen=True, slots=True)
class TrustState:
    """Whether a folder is trusted: `path` without links, `reason` in words for a person."""

    path: str
    trusted: bool
    reason: str


class Trust:
    """One person's word on folders. May be used from several threads; each method reads the disk.

    `restricted`: the editor does not trust what it has open. Then nothing is trusted, and nothing can be.
    """

    def __init__(self, store: TrustStore, journal: Journal, *, restricted: bool = False) -> None:
        self._store = store
        self._journal = journal
        self._restricted = restricted

    def is_trusted(self, folder: Path) -> bool:
        """Whether a folder's own settings and instructions count. Never raises."""
        return not self._restricted and self._store.is_trusted(folder)

    def state(self, folder: Path) -> TrustState:
        """Whether a folder is trusted, and why. Never raises."""
        why = RESTRICTED if self._restricted else self._store.why(folder)
        return TrustState(os.path.realpath(folder), why.startswith("trusted"), why)

    def listed(self) -> Sequence[TrustEntry]:
        """Everything that was said. Raises SettingsError."""
        return self._store.listed()

    def grant(self, folder: Path) -> TrustState:
        """Trust a folder, once that is recorded. Raises UsageError, SettingsError, AuditFailed."""
        if self._restricted:
            raise UsageError("The editor restricts this folder.", "Trust it in the editor first.")
        path = os.path.realpath(folder)
        self._journal.record(GRANTED, folder=path)
        try:
            self._store.set(folder, True)
        except VictorError:
            self._journal.record(GRANTED, success=False, folder=path)
            raise
        return self.state(folder)

    def revoke(self, folder: Path) -> TrustState:
        """Trust a folder no more, whether that can be recorded or not. Raises SettingsError, AuditFailed."""
        self._store.set(folder, False)
        self._journal.record(REVOKED, folder=os.path.realpath(folder))
        return self.state(folder)
