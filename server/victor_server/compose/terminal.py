"""Builds what a chat in the terminal works with: the agent core over the index that editors use too."""

from collections.abc import Mapping
from pathlib import Path

from victor_server.compose.agent import Agent
from victor_server.compose.index import open_index
from victor_server.compose.window import Window
from victor_server.features.context_index import ContextIndex
from victor_server.settings.resolved import Settings


class TerminalAgent(Agent):
    """The agent core, whose first question starts to serve its folder's index."""

    def __init__(self, settings: Settings, environment: Mapping[str, str], window: Window) -> None:
        index = open_index(settings)
        self._index = ContextIndex(index, opens=True, user_folder=_user_folder())
        super().__init__(settings, environment, self._index if index.enabled else None, window)

    async def close(self) -> None:
        """End what runs, and let go of the index too."""
        try:
            await super().close()
        finally:
            await self._index.close()


def open_terminal(settings: Settings, environment: Mapping[str, str], window: Window) -> TerminalAgent:
    """The agent of one terminal. Blocks; raises `AuditFailed` as `open_agent`."""
    return TerminalAgent(settings, environment, window)


def _user_folder() -> Path | None:
    try:
        return Path.home().resolve()
    except (OSError, RuntimeError):
        return None
