"""Builds what outlasts a change of settings: edits under review, the way back from them, and remembered answers."""

from collections.abc import Callable
from functools import partial

from victor_server.agent.mcp.running import Surroundings
from victor_server.agent.mcp.servers import McpServers
from victor_server.agent.permissions.permissions import RulePermissions
from victor_server.audit.journal import Journal
from victor_server.compose.checkpoints import checkpoints_of
from victor_server.features.checkpoints.record import record_restore
from victor_server.features.checkpoints.restore import Restoring
from victor_server.features.edits.disk_desk import DiskDesk
from victor_server.features.edits.model import EditSet
from victor_server.features.edits.reviews import Reviews
from victor_server.policy.current_private_files import CurrentPrivateFiles
from victor_server.policy.policy import HoldsPolicy
from victor_server.settings.profiles import Mode
from victor_server.settings.resolved import Settings
from victor_server.settings.trust import trusts


class Kept:
    """What one window keeps while agents come and go. `mode` is that of the chats that are open now."""

    def __init__(self, settings: Settings, journal: Journal, policy: HoldsPolicy) -> None:
        self._made_for = _made_for(settings, journal)
        self._home = settings.home
        self._is_trusted = trusts(settings.home, restricted=settings.restricted)
        self._mcp: McpServers | None = None
        self.mode: Callable[[], Mode] = _careful
        self._store = checkpoints_of(settings)
        desk = DiskDesk()
        self.reviews = Reviews(desk, self._store, partial(_record, journal))
        self.checkpoints = Restoring(self._store, desk, self.reviews, partial(record_restore, journal))
        self.permissions = RulePermissions(
            settings.home,
            journal,
            lambda: self.mode(),
            CurrentPrivateFiles(policy),
            self._is_trusted,
            restricted=settings.restricted,
        )

    def fits(self, settings: Settings, journal: Journal) -> bool:
        """Whether an agent with these settings can go on with it."""
        return self._made_for == _made_for(settings, journal)

    def mcp(self, around: Surroundings) -> McpServers:
        """The servers of the window, which go on while settings change."""
        if self._mcp is None:
            self._mcp = McpServers(self._home, around, self._is_trusted)
        return self._mcp

    async def end_servers(self) -> None:
        """End the servers, and wait until they have."""
        if self._mcp is not None:
            await self._mcp.close()

    def close(self) -> None:
        """Let go of the files and of servers; what is under review stays in the checkpoints as far as it was applied."""
        if self._mcp is not None:
            self._mcp.let_go()
        self._store.close()


def _careful() -> Mode:
    return "ask"


def _made_for(settings: Settings, journal: Journal) -> tuple[object, ...]:
    return settings.home, settings.checkpoints, settings.restricted, journal


def _record(journal: Journal, edits: EditSet, how: str, n_hunks: int) -> None:
    origin = edits.origin
    journal.record(
        "edit_decided",
        session_id=origin.session_id,
        files_accessed=[str(path) for file in edits.files for path in (file.path, file.to) if path],
        decision=how,
        n_hunks=n_hunks,
        edit=edits.id,
        turn_id=origin.turn_id,
        tool_call=origin.call_id[:200],
        assist=origin.assist,
    )
