"""Builds what the LSP edge works with, for one set of settings."""

import asyncio
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from victor_server.compose.budget_gauge import BudgetGauge
from victor_server.compose.index import open_index
from victor_server.compose.window import Window
from victor_server.features.secrets_on_save.service import SecretsOnSave
from victor_server.settings.resolved import Settings

if TYPE_CHECKING:
    from victor_server.compose.agent import Agent
    from victor_server.ledger.model import BudgetState
    from victor_server.policy.policy import HoldsPolicy
    from victor_server.settings.profiles import Mode
    from victor_server.settings.stamp import Stamp


class Services:
    """Everything behind the edge. Opened at initialize and again whenever settings change."""

    def __init__(self, settings: Settings, window: Window) -> None:
        self.secrets = SecretsOnSave()
        self.index = open_index(settings)
        self.opened_agent: Agent | None = None
        self._opened_with: tuple[Stamp, ...] | None = None
        self._settings = settings
        self._window = window
        self._opening = asyncio.Lock()
        self._policy: HoldsPolicy | None = None
        self._mode: Mode | None = None
        self._member: Mapping[str, Any] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._callbacks: list[Callable[[], None]] = []
        self._gauge = BudgetGauge(settings.home / "ledger.db", settings.budget, self._tell)
        threading.Thread(target=self._look, name="victor-policy", daemon=True).start()

    @property
    def offline(self) -> bool:
        """Whether only this machine and listed hosts may be reached now; true until the policy is read."""
        return self._policy is None or self._policy.now().offline

    @property
    def mode(self) -> "Mode | None":
        """How free the agent is; None until that was read."""
        return self.opened_agent.chat.mode if self.opened_agent is not None else self._mode

    @property
    def budget(self) -> "BudgetState | None":
        """The budget that is nearest to its end, as it was last read; None where none is set."""
        return self._gauge.nearest

    @property
    def team(self) -> Mapping[str, Any]:
        """The team's backend, as a status shows it: `idle` until somebody needs it, empty where nobody logged in."""
        if self.opened_agent is None:
            return self._member
        team = self.opened_agent.team
        return {} if team is None else team.shown()

    def subscribe(self, callback: Callable[[], None]) -> None:
        """Call `callback` on the event loop whenever `offline`, `mode` or `budget` visibly changed by themselves."""
        self._loop = asyncio.get_running_loop()
        self._callbacks.append(callback)

    @property
    def is_stale(self) -> bool:
        """Whether other models are set up by now, here or by a login, than the agent was opened with."""
        from victor_server.compose.restrictions import state_of_models  # which a start need not load

        return self.opened_agent is not None and self._opened_with != state_of_models(self._settings.home)

    async def agent(self) -> "Agent":
        """The agent core, opened when it is first asked for."""
        async with self._opening:
            if self.opened_agent is None:
                self.opened_agent = await asyncio.to_thread(self._open_agent)
                self.opened_agent.begin()
            return self.opened_agent

    async def close(self) -> None:
        """Let go of the agent, of the worker's connection and of all roots."""
        async with self._opening:
            if self.opened_agent is not None:
                await self.opened_agent.close()
        await self.index.close()
        self._callbacks.clear()
        self._gauge.close()

    def _open_agent(self) -> "Agent":
        # Loaded here: an editor that asks no model does not wait for it.
        from victor_server.compose.agent import open_agent
        from victor_server.compose.restrictions import state_of_models
        from victor_server.features.context_index import ContextIndex

        index = ContextIndex(self.index) if self.index.enabled else None
        # Before it is read: what is written meanwhile counts as new.
        self._opened_with = state_of_models(self._settings.home)
        return open_agent(self._settings, os.environ, index, self._window, self._gauge.look, self._call_back)

    def _look(self) -> None:
        """What the status line shows, read while nobody waits for it."""
        from victor_server.compose.restrictions import current_policy, read_restrictions
        from victor_server.remote.journal import membership_of

        policy = current_policy(self._settings.home, os.environ)
        policy.now()
        self._policy = policy
        self._mode = read_restrictions(self._settings.home, os.environ)[0].profiles.mode
        member = membership_of(self._settings.home)
        if member is not None:
            self._member = member.shown()
        self._tell()
        self._gauge.look()

    def _tell(self) -> None:
        """From any thread."""
        loop = self._loop
        if loop is None:
            return
        with suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(self._call_back)

    def _call_back(self) -> None:
        for callback in tuple(self._callbacks):
            callback()


def open_services(settings: Settings, window: Window) -> Services:
    """Open services for `settings`; returns at once, the worker starts with the first root."""
    return Services(settings, window)
