"""One server in one workspace: started when it is needed, kept, started again where it ended, and given up in the end."""

import asyncio
import contextlib
import importlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from victor_server.agent.mcp.model import ConnectionEnded, Listing, Result, Server
from victor_server.agent.mcp.process import Process, start_process
from victor_server.agent.mcp.servers_file import filled
from victor_server.agent.mcp.words import plain
from victor_server.agent.uninterrupted import uninterrupted
from victor_server.egress.connections import Connections
from victor_server.errors import Unavailable, VictorError
from victor_server.policy.policy import HoldsPolicy

if TYPE_CHECKING:
    from victor_server.agent.mcp.connection import Connection

START_TIME_LIMIT_S = 30.0
MAX_FAILURES = 5
_LONGEST_WAIT_S = 60.0
_SOUND_AFTER_S = 60.0
_MAX_COMPLAINT = 300

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What servers are started and asked with. `clock` is in seconds."""

    environment: Mapping[str, str]
    policy: HoldsPolicy
    connections: Connections
    clock: Callable[[], float]
    start_time_limit_s: float = START_TIME_LIMIT_S


class Running:
    """Use it from one event loop."""

    def __init__(self, server: Server, root: Path, around: Surroundings) -> None:
        self.server = server
        self._root = root
        self._around = around
        self._lock = asyncio.Lock()
        self._holding: asyncio.Task[None] | None = None
        self._leave, self._broken = asyncio.Event(), asyncio.Event()
        self._connection: Connection | None = None
        self._process: Process | None = None
        self._listing: Listing | None = None
        self._had_network = False
        self._n_failures = 0
        self._not_before = 0.0

    @property
    def has_changed(self) -> bool:
        """Whether it runs, and has said that its tools are not what they were."""
        return self._connection is not None and self._listing is None

    async def listed(self) -> Listing:
        """Its tools. Raises Unavailable, BadResponse, OfflineBlocked, SettingsError."""
        connection = await self._open()
        listing = self._listing
        if listing is None:
            listing = self._listing = await self._heard(connection.listed())
        return listing

    async def call(self, tool: str, arguments: Mapping[str, object]) -> Result:
        """What a tool gives back. Raises as `listed`."""
        connection = await self._open()
        return await self._heard(connection.call(tool, arguments))

    async def close(self) -> None:
        """End it."""
        self._leave.set()
        if self._holding is None:
            return
        if self._connection is None:
            self._holding.cancel()
        await asyncio.wait([self._holding])

    def let_go(self) -> None:
        """End it without waiting for that, from any thread."""
        if self._process is not None:
            self._process.let_go()
        if self._holding is not None and not self._holding.done():
            with contextlib.suppress(RuntimeError):  # its loop is gone, and it with it
                self._holding.get_loop().call_soon_threadsafe(self._holding.cancel)

    async def _heard(self, asking: Awaitable[T]) -> T:
        try:
            return await asking
        except ConnectionEnded:
            self._broken.set()
            if self._holding is not None:
                await asyncio.wait([self._holding])
            raise
        except Unavailable:
            # Whether it can still be used is not known: the next call begins anew. A process that lives is kept.
            if self._process is None:
                self._leave.set()
            raise

    async def _open(self) -> "Connection":
        async with self._lock:
            if self._connection is not None and self._may_stay() and not self._leave.is_set():
                return self._connection
            await self.close()
            self._refuse_too_soon()
            return await self._start()

    def _may_stay(self) -> bool:
        """A process that was started with the network ends where it may no longer have it."""
        return not self._had_network or self._around.policy.now().children_network

    def _refuse_too_soon(self) -> None:
        name = self.server.name
        if self._n_failures >= MAX_FAILURES:
            raise Unavailable(
                f"The MCP server {name} has ended {self._n_failures} times, and is not started again.",
                f"`victor mcp check {name}` shows why; it is tried again once its definition is another.",
            )
        left_s = self._not_before - self._around.clock()
        if left_s > 0:
            raise Unavailable(f"The MCP server {name} has ended; it is tried again in {left_s:.0f} s.")

    async def _start(self) -> "Connection":
        self._leave, self._broken = asyncio.Event(), asyncio.Event()
        ready: asyncio.Future[Connection] = asyncio.get_running_loop().create_future()
        self._holding = asyncio.create_task(self._hold(ready, self._leave))
        try:
            async with asyncio.timeout(self._around.start_time_limit_s):
                return await asyncio.shield(ready)
        except TimeoutError:
            self._holding.cancel()
            await asyncio.wait([self._holding])
            self._note_failure()
            raise Unavailable(
                f"The MCP server {self.server.name} did not start within {self._around.start_time_limit_s:g} s."
                f"{self._complaint()}"
            ) from None
        except asyncio.CancelledError:
            ready.add_done_callback(lambda done: done.cancelled() or done.exception())
            await uninterrupted(self.close())
            raise

    async def _hold(self, ready: "asyncio.Future[Connection]", leave: asyncio.Event) -> None:
        """Keep the connection open, in one task from its beginning to its end."""
        begun = self._around.clock()
        try:
            async with self._opened() as connection:
                self._connection, self._listing = connection, None
                ready.set_result(connection)
                await self._until_over(leave)
        except Exception as error:  # noqa: BLE001 - whatever a library makes of a server's faults
            if not ready.done():
                ready.set_exception(self._in_words(error))
                self._note_failure()
        else:
            if not leave.is_set():
                self._n_failures *= self._around.clock() - begun < _SOUND_AFTER_S
                self._note_failure()
        finally:
            self._connection = self._listing = None
            if not ready.done():  # not a cancel: that would be taken for one of whoever waits
                ready.set_exception(
                    Unavailable(f"The MCP server {self.server.name} was ended while it started.")
                )
                ready.exception()

    @asynccontextmanager
    async def _opened(self) -> AsyncGenerator["Connection", None]:
        library = await asyncio.to_thread(importlib.import_module, "victor_server.agent.mcp.connection")
        server = filled(self.server, self._around.environment)
        self._process = None
        if server.url:
            async with library.over_http(
                server, self._around.connections, self._root, self._forget
            ) as opened:
                yield opened
            return
        policy = self._around.policy.now()
        self._had_network = policy.children_network
        process = await start_process(server, self._root, self._around.environment, policy)
        self._process = process
        async with library.over_process(server, process, self._root, self._forget) as opened:
            yield opened

    async def _until_over(self, leave: asyncio.Event) -> None:
        """Until it shall end, or has."""
        waiting: list[asyncio.Task[object]] = [
            asyncio.create_task(leave.wait()),
            asyncio.create_task(self._broken.wait()),
        ]
        if self._process is not None:
            waiting.append(asyncio.create_task(self._process.process.wait()))
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()
            await asyncio.wait(waiting)

    def _forget(self) -> None:
        self._listing = None

    def _note_failure(self) -> None:
        self._n_failures += 1
        self._not_before = self._around.clock() + min(_LONGEST_WAIT_S, 2.0**self._n_failures)

    def _in_words(self, error: Exception) -> VictorError:
        first: BaseException = error
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        if isinstance(first, VictorError):
            return type(first)(f"{first.message}{self._complaint()}", first.fix)
        return Unavailable(
            f"The MCP server {self.server.name} cannot be used ({type(first).__name__}).{self._complaint()}"
        )

    def _complaint(self) -> str:
        """The last line that it wrote on its standard error: a person's only word on why it does not run."""
        said = self._process.complaint.strip().splitlines() if self._process is not None else []
        return f" It said: {plain(said[-1], _MAX_COMPLAINT)}" if said else ""
