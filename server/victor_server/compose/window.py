"""One window: what is kept while settings change and agents come and go."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from victor_server.audit.journal import Journal
    from victor_server.compose.kept import Kept
    from victor_server.policy.policy import HoldsPolicy
    from victor_server.settings.resolved import Settings


class Window:
    """Begins with nothing, and loads nothing."""

    def __init__(self) -> None:
        self._kept: Kept | None = None

    def kept(self, settings: "Settings", journal: "Journal", policy: "HoldsPolicy") -> "Kept":
        """What is kept for these settings; begun anew where they are of another home or another log. Blocks."""
        from victor_server.compose.kept import Kept  # with the first agent, not with the window

        if self._kept is None or not self._kept.fits(settings, journal):
            self.close()
            self._kept = Kept(settings, journal, policy)
        return self._kept

    def close(self) -> None:
        """Let go of the files; nothing is kept any more."""
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.close()
