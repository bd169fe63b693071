"""`victor chat` as a process whose answers are played: `program.py WORDS…`, its model set up by profiles.yaml."""

import asyncio
import sys
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

sys.path.insert(0, str(Path(__file__).parents[2]))

from scripted_chat import answering, scripted_chat

from victor_server.agent.permissions.model import Asker
from victor_server.agent.providers.open import open_provider
from victor_server.agent.providers.provider import Provider
from victor_server.agent.router.router import Router
from victor_server.agent.run_events import Routed, RunEvent
from victor_server.agent.services import AgentServices
from victor_server.agent.turn import Turn
from victor_server.cli.chat.start import run_chat
from victor_server.cli.failures import guarded
from victor_server.egress.connections import Connections
from victor_server.features.chat.chat import Chat
from victor_server.features.edits.desk import Desk
from victor_server.features.edits.disk_desk import DiskDesk
from victor_server.features.edits.reviews import Reviews
from victor_server.history.checkpoints import Checkpoints
from victor_server.policy.policy import Policy
from victor_server.settings.layer import Problem
from victor_server.settings.profiles import Mode, Profile
from victor_server.settings.profiles_file import read_profiles
from victor_server.settings.resolved import CheckpointSettings, Settings


@dataclass(frozen=True)
class Services:
    """What the greeting asks of the services."""

    router: Router
    own_keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Agent:
    """A real chat and a real router; only the turns are played."""

    chat: Chat
    router: Router
    problems: tuple[Problem, ...] = ()

    @property
    def services(self) -> AgentServices:
        """The router alone."""
        return cast(AgentServices, Services(self.router))

    @property
    def edits(self) -> Reviews:
        """There are none."""
        return Reviews(DiskDesk(), Checkpoints(Path("nowhere"), CheckpointSettings()))

    def begin(self) -> None:
        """There is no team to connect to."""

    def attach(self, desk: Desk, asker: Asker | None = None) -> None:
        """Nothing is asked here."""

    async def set_mode(self, mode: Mode) -> None:
        """The chat's."""
        self.chat.mode = mode

    async def close(self) -> None:
        """Let go of everything."""
        await self.chat.close()
        await self.router.close()


async def play(turn: Turn) -> AsyncGenerator[RunEvent, None]:
    """Answers with markdown; `hang` is answered without an end, `echo …` with what follows."""
    word, _, rest = turn.prompt.partition(" ")
    text = rest if word == "echo" else f"# Answer\n\nto **{turn.prompt}**\n"
    async for event in answering(*text.splitlines(keepends=True))(turn):
        yield event
        if word == "hang" and isinstance(event, Routed):
            await asyncio.Event().wait()


def open_agent(settings: Settings, environment: Mapping[str, str]) -> Agent:
    """What `compose` would open."""
    profiles = read_profiles(settings.home, environment).profiles
    no_connections = cast(Connections, None)  # the scripted provider makes none

    def opened(profile: Profile, base_url: str) -> Provider:
        return open_provider(profile, base_url, no_connections, home=settings.home)

    router = Router(profiles, Policy(), opened, lambda _: None, time.monotonic, lambda: 0.5)
    return Agent(scripted_chat(settings.home, *[play] * 100), router)


if __name__ == "__main__":
    sys.exit(guarded(lambda: run_chat(sys.argv[1:], open_agent), json="--json" in sys.argv))
