"""What outlasts a socket: who it is, the calls that run, and the frames that may have to be sent again."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from victor_server.team.connection.bucket import Bucket
from victor_server.team.connection.frames import counted
from victor_server.team.connection.ring import Ring
from victor_server.team.connection.socket import Socket
from victor_server.team.principal import Principal


class Session:
    """One edge. It belongs to this replica; elsewhere it is unknown, and the edge asks what became of its calls."""

    __slots__ = (
        "_max_waiting",
        "_tasks",
        "calls",
        "detached_at",
        "frames",
        "id",
        "install",
        "is_lost",
        "last_id",
        "principal",
        "ring",
        "socket",
    )

    def __init__(
        self,
        id: str,  # noqa: A002 - it is what it is called on the wire
        principal: Principal,
        install: str | None,
        ring: Ring,
        frames: Bucket,
        max_waiting: int,
    ) -> None:
        self.id = id
        self.principal = principal
        self.install = install
        self.ring = ring
        self.frames = frames
        self.socket: Socket | None = None
        self.detached_at = 0.0
        self.last_id = 0
        self.is_lost = False
        """More frames waited than are kept: it cannot go on."""
        self.calls: dict[str, asyncio.Task[None]] | None = None
        self._tasks: set[asyncio.Task[None]] | None = None
        self._max_waiting = max_waiting

    @property
    def n_tasks(self) -> int:
        """How many requests are being answered."""
        return len(self._tasks or ())

    def push(self, body: str) -> None:
        """Send a counted frame; it is kept until the edge has it, within bounds."""
        if self.is_lost:
            return
        self.ring.add(counted(self.ring.last + 1, body))
        if self.ring.n_unsent > self._max_waiting:
            self.is_lost = True
        elif self.socket is not None:
            self.socket.out.pump()

    def begin(self, work: Coroutine[Any, Any, None], call_id: str = "") -> None:
        """Do `work` for this session: a call goes on while the edge is away, and ends with the session."""
        task = asyncio.ensure_future(work)
        self._tasks = self._tasks or set()
        self._tasks.add(task)
        if call_id:
            self.calls = self.calls or {}
            self.calls[call_id] = task
        task.add_done_callback(lambda done: self._ended(done, call_id))

    def running_call(self, call_id: str) -> "asyncio.Task[None] | None":
        """The call of this id, if it runs here."""
        return (self.calls or {}).get(call_id)

    async def end(self) -> None:
        """End all that runs for it."""
        tasks = [task for task in self._tasks or () if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _ended(self, task: "asyncio.Task[None]", call_id: str) -> None:
        if self._tasks is not None:
            self._tasks.discard(task)
            self._tasks = self._tasks or None
        if call_id and self.calls is not None and self.calls.get(call_id) is task:
            del self.calls[call_id]
            self.calls = self.calls or None
