"""Runs a model in a process of our own: for machines without a model server."""

import asyncio
import os
import subprocess
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from victor_server.agent.events import ModelEvent
from victor_server.agent.messages import ModelRequest
from victor_server.agent.providers.capabilities import DIALECTS
from victor_server.agent.providers.embedded_model import EmbeddedModel, find_model
from victor_server.agent.providers.embedded_server import (
    EmbeddedServer,
    end_process,
    load_embedded,
    spawn_embedded,
)
from victor_server.agent.providers.estimate import tokens_of_request
from victor_server.agent.providers.openai_compatible import OpenAICore
from victor_server.agent.providers.provider import Capabilities, ModelInfo, PullProgress
from victor_server.agent.providers.server_address import ServerAddress
from victor_server.agent.providers.streaming import Lazily
from victor_server.egress.connections import Connections
from victor_server.errors import UsageError
from victor_server.settings.profiles import Profile

CONTEXT_TOKENS = 8192
"""Where the profile says nothing of it: more costs memory that nobody asked to spend."""


@dataclass(frozen=True, slots=True)
class _Running:
    server: EmbeddedServer
    core: OpenAICore


class EmbeddedProvider:
    """Implements `Provider`. The child is started by the first call, and again by the next if it has died.

    Each window has a child of its own; their models share memory, as the system maps a file once.
    """

    name = "embedded"
    is_local = True

    def __init__(self, profile: Profile, connections: Connections, *, home: Path) -> None:
        self._profile = profile
        self._connections = connections
        self._home = home
        self._model = Lazily(lambda: find_model(profile.model, home))
        self._running: _Running | None = None
        self._starting: asyncio.Task[_Running] | None = None
        self._spawned: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        """The model's file, or that it is the demo model."""
        model = self._model.made
        return f"{model.shown if model else self._profile.model}, in a process of Victor's own"

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """A streamed answer of the child."""
        running = await self._run()
        async with aclosing(running.core.stream(request)) as events:
            async for event in events:
                yield event

    async def capabilities(self, model: str) -> Capabilities:
        """From the file, without starting anything. The demo model is too small to call tools."""
        found = await self._model.get()
        return Capabilities(
            context_tokens=self._context_tokens(found),
            tools=not found.is_demo,
            json_schema=True,
            fim=not found.is_demo,
            prompt_caching=True,
            counts_tokens=True,
        )

    async def count_tokens(self, request: ModelRequest) -> int:
        """Counted by the child while it runs; before that estimated, as loading a model may take a while."""
        if self._running and self._running.server.is_alive:
            return await self._running.core.count_tokens(request)
        return tokens_of_request(request)

    async def models(self) -> Sequence[ModelInfo]:
        """The one that the profile names."""
        found = await self._model.get()
        return (ModelInfo(self._profile.model, found.about.size_bytes, self._context_tokens(found)),)

    async def check(self) -> None:
        """Raise what is wrong with library or file; the child, if it runs, is asked too."""
        await self._model.get()
        if self._running and self._running.server.is_alive:
            await self._running.core.check()

    async def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Raise UsageError: the person brings the file."""
        raise UsageError("An embedded model is a file: nothing is fetched.", "Name a GGUF file in `model`.")
        yield  # makes this a generator

    async def close(self) -> None:
        """End the child; open streams end with it."""
        starting, self._starting = self._starting, None
        if starting and not starting.done():
            if self._spawned:
                self._spawned.kill()  # nobody waits for a model that nobody wants
            await asyncio.wait({starting})
        await self._end()

    async def _run(self) -> _Running:
        """The running child. Who is cancelled while it starts leaves it to the next call."""
        if self._running and self._running.server.is_alive:
            return self._running
        if self._starting is None or self._starting.done():
            self._starting = asyncio.ensure_future(self._start())
            self._starting.add_done_callback(_heard)
        return await asyncio.shield(self._starting)

    async def _start(self) -> _Running:
        await self._end()
        model = await self._model.get()
        alias = self._profile.model
        self._spawned = await asyncio.to_thread(spawn_embedded, model.file.parent, os.environ)
        server = await asyncio.to_thread(
            load_embedded, self._spawned, model.file, alias, self._context_tokens(model)
        )
        address = ServerAddress(
            "embedded", f"{server.address}/v1", self._profile.name, alias, self._profile.timeout_s, server.key
        )
        self._running = _Running(server, OpenAICore(address, DIALECTS["llamacpp"], self._connections))
        return self._running

    async def _end(self) -> None:
        running, self._running = self._running, None
        if running:
            await running.core.close()
            await asyncio.to_thread(end_process, running.server.process)

    def _context_tokens(self, model: EmbeddedModel) -> int:
        wanted = self._profile.context_tokens or CONTEXT_TOKENS
        return min(wanted, model.about.context_tokens or wanted)


def _heard(starting: "asyncio.Task[_Running]") -> None:
    """Nobody may be left to hear why a start failed; the next call begins another and hears it."""
    if not starting.cancelled():
        starting.exception()
