"""A real backend on a real socket, and the edge that attaches to it through a proxy that tests can cut."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from team_backend import RunningBackend, running_backend

from victor_server.egress.factory import Egress
from victor_server.policy.policy import Policy
from victor_server.remote import policy
from victor_server.remote.membership import Membership, join, write_membership
from victor_server.remote.outbox import Outbox
from victor_server.remote.rpc import BackendClient, GivenToken
from victor_server.remote.team import Team

TIME_LIMIT_S = 20.0


@dataclass
class Wire:
    """A proxy of plain TCP. `up` False: it takes nothing, and what it carries is cut."""

    target: int
    port: int = 0
    up: bool = True
    held: set[asyncio.Task[None]] = field(default_factory=set)
    n_connections: int = 0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        task = asyncio.current_task()
        assert task is not None
        self.held.add(task)
        self.n_connections += 1
        other = None
        try:
            if not self.up:
                return
            far_reader, other = await asyncio.open_connection("127.0.0.1", self.target)
            async with asyncio.TaskGroup() as group:
                group.create_task(_copy(reader, other))
                group.create_task(_copy(far_reader, writer))
        except (asyncio.CancelledError, OSError, ExceptionGroup):
            pass
        finally:
            self.held.discard(task)
            for each in (writer, other):
                if each is not None:
                    each.transport.abort()

    async def cut(self) -> None:
        """End all that it carries, and take nothing more."""
        self.up = False
        for task in tuple(self.held):
            task.cancel()
        await asyncio.gather(*self.held, return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(65_536):
        writer.write(piece)
        await writer.drain()
    raise ConnectionError


@dataclass
class Attached:
    """Both ends, and what is between."""

    backend: RunningBackend
    wire: Wire
    url: str
    home: Path
    token: str
    recorded: list[str] = field(default_factory=list)
    changes: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, team: Team, *states: str) -> None:
        """Wait until the connection is in one of these states."""
        async with asyncio.timeout(TIME_LIMIT_S):
            while team.link.state not in states:
                self.changes.clear()
                await self.changes.wait()

    def team(self, member: Membership, token: str = "") -> Team:
        """The edge's side, not begun yet."""
        outbox = Outbox(self.home / "outbox.db")
        outbox.belong_to(member.id)
        return Team(
            self.home,
            member,
            self.egress(),
            GivenToken(token or self.token),
            outbox,
            lambda action, **_: self.recorded.append(action),
            self.changes.set,
        )

    def egress(self) -> Egress:
        """Connections of a person who restricts nothing."""
        return Egress(Policy(), record=lambda _: None, environment={})

    async def joined(self, token: str = "") -> Membership:
        """What a login comes to."""
        client = BackendClient(self.egress(), self.url, GivenToken(token or self.token))
        try:
            member, signed = await join(client)
        finally:
            await client.close()
        write_membership(self.home, member)
        policy.adopt(self.home, signed, member, 0)
        return member


@contextlib.asynccontextmanager
async def attached(folder: Path, **changed: Any) -> AsyncIterator[Attached]:
    """A backend with one developer, reached through a wire."""
    (folder / "backend").mkdir()
    (folder / "home").mkdir()
    async with running_backend(folder / "backend", **changed) as backend:
        config = uvicorn.Config(
            backend.app, host="127.0.0.1", port=0, ws="websockets-sansio", lifespan="off", log_config=None
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server._serve())
        async with asyncio.timeout(TIME_LIMIT_S):
            while not server.started:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0)
        wire = Wire(server.servers[0].sockets[0].getsockname()[1])
        listener = await asyncio.start_server(wire.carry, "127.0.0.1", 0)
        wire.port = listener.sockets[0].getsockname()[1]
        token = await backend.token("developer", "ada")
        try:
            url = f"http://127.0.0.1:{wire.port}"
            yield Attached(backend, wire, url, folder / "home", token)
        finally:
            listener.close()
            await wire.cut()
            server.should_exit = server.force_exit = True
            await asyncio.gather(serving, return_exceptions=True)
