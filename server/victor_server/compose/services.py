"""Builds what the LSP edge works with, for one set of settings."""

import asyncio
import os
import threading
from typing import TYPE_CHECKING

from victor_server.compose.index import open_index
from victor_server.compose.window import Window
from victor_server.features.secrets_on_save.service import SecretsOnSave
from victor_server.settings.resolved import Settings

if TYPE_CHECKING:
    from victor_server.compose.agent import Agent
    from victor_server.policy.current import CurrentPolicy


class Services:
    """Everything behind the edge. Opened at initialize and again whenever settings change."""

    def __init__(self, settings: Settings, window: Window) -> None:
        self.secrets = SecretsOnSave()
        self.index = open_index(settings)
        self.opened_agent: Agent | None = None
        self._opened_with: tuple[int, int, int] | None = None
        self._settings = settings
        self._window = window
        self._opening = asyncio.Lock()
        self._policy: CurrentPolicy | None = None
        threading.Thread(target=self._read_policy, name="victor-policy", daemon=True).start()

    @property
    def offline(self) -> bool:
        """Whether only this machine and listed hosts may be reached now; true until the policy is read."""
        return self._policy is None or self._policy.now().offline

    @property
    def is_stale(self) -> bool:
        """Whether `profiles.yaml` is another by now than the one that the agent was opened with."""
        from victor_server.settings.profiles_file import state_of_file  # which a start need not load

        return self.opened_agent is not None and self._opened_with != state_of_file(self._settings.home)

    async def agent(self) -> "Agent":
        """The agent core, opened when it is first asked for."""
        async with self._opening:
            if self.opened_agent is None:
                self.opened_agent = await asyncio.to_thread(self._open_agent)
            return self.opened_agent

    async def close(self) -> None:
        """Let go of the agent, of the worker's connection and of all roots."""
        async with self._opening:
            if self.opened_agent is not None:
                await self.opened_agent.close()
        await self.index.close()

    def _open_agent(self) -> "Agent":
        # Loaded here: an editor that asks no model does not wait for it.
        from victor_server.compose.agent import open_agent
        from victor_server.features.context_index import ContextIndex
        from victor_server.settings.profiles_file import state_of_file

        index = ContextIndex(self.index) if self.index.enabled else None
        # Before it is read: what is written meanwhile counts as new.
        self._opened_with = state_of_file(self._settings.home)
        return open_agent(self._settings, os.environ, index, self._window)

    def _read_policy(self) -> None:
        from victor_server.compose.restrictions import current_policy

        policy = current_policy(self._settings.home, os.environ)
        policy.now()
        self._policy = policy


def open_services(settings: Settings, window: Window) -> Services:
    """Open services for `settings`; returns at once, the worker starts with the first root."""
    return Services(settings, window)
