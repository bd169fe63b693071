"""Assists over everything that is real: router, ledger, audit log, permissions, reviews, checkpoints; scripted models."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from agent_services import close, scripted, services_in
from context_sources import MemoryIndex

from victor_server.agent.ask import ask_once
from victor_server.agent.context.git import Git
from victor_server.agent.context.sources import EditorSource
from victor_server.agent.events import ModelEvent
from victor_server.agent.messages import ModelRequest, text_of
from victor_server.agent.permissions.permissions import RulePermissions
from victor_server.agent.providers.provider import Provider
from victor_server.agent.providers.scripted import ScriptedProvider
from victor_server.agent.run_events import RunEvent
from victor_server.agent.services import AgentServices
from victor_server.features.assists.assist import Assist
from victor_server.features.assists.outcome import Outcome
from victor_server.features.assists.place import Place
from victor_server.features.assists.run import AssistPorts, run_assist
from victor_server.features.chat.context import ChatContext
from victor_server.features.edits.check import check_edit
from victor_server.features.edits.disk_desk import DiskDesk
from victor_server.features.edits.hunks import text_with
from victor_server.features.edits.model import FileEdit, Refusal
from victor_server.features.edits.reviews import Reviews
from victor_server.history.checkpoints import Checkpoints
from victor_server.policy.private_files import PrivateFiles
from victor_server.secrets.redaction.session import RedactionSession
from victor_server.settings.profiles import Mode, Profile
from victor_server.settings.resolved import CheckpointSettings, ValidationSettings


@dataclass(slots=True)
class Assisting:
    """What a run works with, and what it did: what models were asked, what was told."""

    root: Path
    services: AgentServices
    ports: AssistPorts
    reviews: Reviews
    requests: list[ModelRequest] = field(default_factory=list)
    told: list[RunEvent] = field(default_factory=list)
    mode: Mode = "build"
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, assist: Assist, place: Place, around: EditorSource | None = None) -> Outcome:
        """Run an assist to its end."""
        return await run_assist(assist, place, self.ports, around=around, told=self.hear)

    def hear(self, event: RunEvent) -> None:
        """Take note of what happens."""
        self.told.append(event)
        self.news.set()

    async def heard(self, kind: type[RunEvent]) -> None:
        """Wait until something of this kind has happened."""
        while not any(isinstance(event, kind) for event in self.told):
            self.news.clear()
            await self.news.wait()

    def asked(self, number: int = 0) -> str:
        """All that a model was told in one call, system prompt and all."""
        request = self.requests[number]
        return "\n".join([*(part.text for part in request.system), *map(text_of, request.messages)])


class _Listening(ScriptedProvider):
    """A scripted model whose requests are kept."""

    def __init__(self, profile: Profile, requests: list[ModelRequest]) -> None:
        assert profile.script is not None
        super().__init__(profile.script, context_tokens=profile.context_tokens)
        self._requests = requests

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """The script's next reply."""
        self._requests.append(request)
        async for event in super().stream(request):
            yield event


@asynccontextmanager
async def assisting(
    folder: Path,
    *replies: Any,
    index: MemoryIndex | None = None,
    strict: bool = False,
    **more: Any,
) -> AsyncIterator[Assisting]:
    """Everything below `folder`: VICTOR_HOME in `home`, the workspace in `work`. The model gives these replies."""
    home, root = folder / "home", folder / "work"
    home.mkdir(exist_ok=True)
    root.mkdir(exist_ok=True)
    requests: list[ModelRequest] = []

    def open_server(profile: Profile, _url: str) -> Provider:
        return _Listening(profile, requests)

    services = services_in(home, scripted(home, *replies), open_server=open_server, **more)
    private = PrivateFiles()
    context = ChatContext(services.router, private, lambda _: False, index, Git())
    reviews = Reviews(DiskDesk(), Checkpoints(home / "checkpoints", CheckpointSettings()))
    made: list[Assisting] = []

    def mode() -> Mode:
        return made[0].mode

    async def check(edit: FileEdit, at: Path) -> FileEdit | Refusal:
        name = edit.path.relative_to(at).as_posix()
        return await check_edit(edit, name, ValidationSettings(strict=strict))

    ports = AssistPorts(
        ask=partial(ask_once, services=services),
        gather=context.gather,
        redaction=RedactionSession,
        reviews=reviews,
        read=reviews.desk.read,
        check=check,
        permissions=RulePermissions(home, services.journal, mode, private),
        index=index,
    )
    made.append(Assisting(root, services, ports, reviews, requests))
    try:
        yield made[0]
    finally:
        await reviews.close()
        await close(services)


def after(edit: FileEdit) -> str:
    """What a file becomes if every hunk is accepted."""
    return text_with(edit.base or "", edit.hunks, {hunk.id for hunk in edit.hunks})


def block(path: str, search: str, replace: str) -> str:
    """A search and replace block, as a model writes it."""
    return f"{path}\n{'<' * 7} SEARCH\n{search}{'=' * 7}\n{replace}{'>' * 7} REPLACE\n"


def written(files: Sequence[FileEdit]) -> dict[str, str]:
    """What each file becomes, by its name."""
    return {each.path.name: after(each) for each in files}
