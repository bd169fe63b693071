"""All sessions of this replica: who may go on where they were, and what is looked at now and then for all of them."""

import asyncio
import logging
import random
import secrets
import time
from collections.abc import Callable, Coroutine

from victor_server.errors import Unauthenticated, VictorError
from victor_server.protocol import CloseCode, Draining, Heartbeat, Resume, SignedHead
from victor_server.team.backend import Backend
from victor_server.team.connection.bucket import Bucket
from victor_server.team.connection.frames import notice, notice_body
from victor_server.team.connection.in_flight import InFlight
from victor_server.team.connection.ring import Ring
from victor_server.team.connection.session import Session
from victor_server.team.connection.socket import Socket
from victor_server.team.principal import Principal

_log = logging.getLogger(__name__)

TICK_S = 0.5
SLOW_S = 30.0
"""An edge that takes nothing for so long is slow, and closed."""

POLICY_AGES = 1 / 3
"""A policy that is older than this part of its time is told anew: two may get lost."""

SILENT_HEARTBEATS = 3
HEAD_S = 5.0
RETRY_MS = (100, 1_000)


class Hub:
    """The sessions by their id. `run` looks after them until it is cancelled. `epoch` is of this process alone.

    `in_flight`: who is answered over HTTP meanwhile.
    """

    def __init__(
        self,
        backend: Backend,
        *,
        clock: Callable[[], float] = time.monotonic,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1_000,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.backend = backend
        self.clock = clock
        self.epoch = secrets.token_urlsafe(12)
        self.sessions: dict[str, Session] = {}
        self.in_flight = InFlight()
        self._now_us = now_us
        self._jitter = jitter
        self._heads: dict[str, tuple[float, SignedHead | None]] = {}
        self._checked_at = clock()
        self._ending: set[asyncio.Task[None]] = set()

    def open(self, principal: Principal, install: str | None) -> Session:
        """A new session."""
        limits, sessions = self.backend.settings.limits, self.backend.settings.sessions
        session = Session(
            secrets.token_urlsafe(16),
            principal,
            install,
            Ring(sessions.ring_frames),
            Bucket(limits.frames_per_second, self.clock),
            limits.max_queued_frames,
        )
        self.sessions[session.id] = session
        return session

    def resumed(self, principal: Principal, asked: Resume) -> Session | None:
        """The session that is asked for, if it is here, theirs, and holds what they missed."""
        session = self.sessions.get(asked.session)
        if session is None or session.is_lost or asked.epoch != self.epoch:
            return None
        if (session.principal.tenant, session.principal.subject) != (principal.tenant, principal.subject):
            return None
        return session if session.ring.rewind(asked.last_seq) else None

    async def attach(self, session: Session, socket: Socket) -> None:
        """From now on the session speaks by this socket; another that it had is closed."""
        before, session.socket = session.socket, socket
        if before is not None:
            before.out.stop()
            await before.close(CloseCode.REPLACED, "the session goes on elsewhere")

    def detach(self, session: Session, socket: Socket) -> None:
        """The socket is gone; the session waits for another for a while."""
        if session.socket is socket:
            session.socket = None
            session.detached_at = self.clock()

    async def end(self, session: Session, code: int, reason: str) -> None:
        """End a session for good, with its calls and its socket."""
        self.sessions.pop(session.id, None)
        socket, session.socket = session.socket, None
        session.is_lost = True
        if socket is not None:
            await socket.close(code, reason)
        await session.end()

    async def head(self, tenant: str) -> SignedHead | None:
        """The newest head of the tenant's log, some seconds old at most; None where it cannot be read."""
        at, head = self._heads.get(tenant, (-HEAD_S, None))
        if self.clock() - at >= HEAD_S:
            try:
                head = await self.backend.audit.head(tenant)
            except VictorError as error:
                _log.warning("the head of an audit log cannot be read: %s", error.kind)
            self._heads[tenant] = (self.clock(), head)
        return head

    async def run(self) -> None:
        """Look after the sessions for ever."""
        while True:
            await asyncio.sleep(TICK_S)
            try:
                await self.tick()
            except Exception as error:  # noqa: BLE001 - whatever it is, the other connections go on
                _log.error("a bug in looking after connections: %s", type(error).__name__)

    async def tick(self) -> None:
        """Look once at all of them: who is slow, silent, expired or away for too long; who is to hear from us."""
        if self.clock() - self._checked_at >= self.backend.settings.sessions.recheck_s:
            self._checked_at = self.clock()
            await self._recheck()
        now, now_us = self.clock(), self._now_us()
        for session in tuple(self.sessions.values()):
            socket = session.socket
            if session.is_lost:
                self._end_soon(session, CloseCode.SLOW, "too many frames wait")
            elif session.principal.expires_us <= now_us:
                self._end_soon(session, CloseCode.NOT_AUTHENTICATED, "the token has expired")
            elif socket is not None:
                await self._look_at(session, socket, now)
            elif now - session.detached_at > self.backend.settings.sessions.resume_s:
                self._end_soon(session, CloseCode.RESTART, "away for too long")

    async def drain(self, within_s: float) -> None:
        """Take no new calls, tell everybody, wait for those that run and for answers over HTTP, then `close`."""
        self.backend.draining = True
        for session in self.sessions.values():
            self._tell_draining(session, within_s)
        running = [task for session in self.sessions.values() for task in (session.calls or {}).values()]
        answered = asyncio.ensure_future(self.in_flight.ended())
        try:
            await asyncio.wait((*running, answered), timeout=within_s)
        finally:
            answered.cancel()
        await self.close()

    @property
    def n_running(self) -> int:
        """How many calls and answers over HTTP run."""
        return sum(len(session.calls or {}) for session in self.sessions.values()) + self.in_flight.n

    async def close(self) -> None:
        """End all sessions with 1012, and what runs for them."""
        await asyncio.gather(
            *(self.end(each, CloseCode.RESTART, "restart") for each in tuple(self.sessions.values()))
        )
        if self._ending:
            await asyncio.wait(tuple(self._ending))

    def retry_ms(self) -> int:
        """When an edge should come again: not all of them at once."""
        least, most = RETRY_MS
        return least + round(self._jitter() * (most - least))

    async def _look_at(self, session: Session, socket: Socket, now: float) -> None:
        heartbeat_s = self.backend.settings.sessions.heartbeat_s
        waiting_since = socket.out.waiting_since
        if waiting_since is not None and now - waiting_since > SLOW_S:
            self._close_soon(session, socket, "takes nothing")
        elif now - socket.heard_at > heartbeat_s * SILENT_HEARTBEATS:
            self._close_soon(session, socket, "says nothing")
        elif now - socket.told_policy_at >= self.backend.settings.sessions.policy_s * POLICY_AGES:
            socket.told_policy_at = now
            await self._tell_policy_anew(session)
        elif now - socket.told_at >= heartbeat_s:
            socket.told_at = now
            head = await self.head(session.principal.tenant)
            is_new = head is not None and head.size != socket.told_head
            if head is not None:
                socket.told_head = head.size
            socket.out.tell(
                notice("heartbeat", Heartbeat(last_seq=session.ring.last, head=head if is_new else None))
            )

    async def _tell_policy_anew(self, session: Session) -> None:
        """Before it runs out at an edge that stays attached for longer than a policy holds."""
        try:
            policy = await self.backend.policies.signed(session.principal)
        except VictorError as error:
            _log.warning("a policy cannot be told anew: %s", error.kind)
            return
        session.push(notice_body("policy/changed", policy.model_dump_json()))

    async def _recheck(self) -> None:
        """Ask once for each tenant whether anything has changed; only then for each session."""
        by_tenant: dict[str, list[Session]] = {}
        for session in self.sessions.values():
            by_tenant.setdefault(session.principal.tenant, []).append(session)
        for tenant, sessions in by_tenant.items():
            try:
                revision = await self.backend.identity.revision(tenant)
                for session in sessions:
                    if session.principal.revision != revision:
                        await self._look_up(session)
            except VictorError as error:
                _log.warning("who may be attached cannot be looked up: %s", error.kind)

    async def _look_up(self, session: Session) -> None:
        before = session.principal
        try:
            now = await self.backend.identity.recheck(before)
        except Unauthenticated:
            self._end_soon(session, CloseCode.NOT_AUTHENTICATED, "revoked")
            return
        if (now.role, now.permissions, now.teams) != (before.role, before.permissions, before.teams):
            # It comes back at once, with what it may do now; no call goes on under rights that are gone.
            self._end_soon(session, CloseCode.RESTART, "the role has changed")
            return
        policy = await self.backend.policies.signed(now)
        session.principal = now  # not before: where the policy cannot be read, it is looked up again
        session.push(notice_body("policy/changed", policy.model_dump_json()))

    def _tell_draining(self, session: Session, within_s: float) -> None:
        if session.socket is not None:
            session.socket.out.tell(notice("draining", Draining(retry_ms=self.retry_ms(), within_s=within_s)))

    def _close_soon(self, session: Session, socket: Socket, reason: str) -> None:
        self.detach(session, socket)
        self._soon(socket.close(CloseCode.SLOW, reason))

    def _end_soon(self, session: Session, code: int, reason: str) -> None:
        self.sessions.pop(session.id, None)
        self._soon(self.end(session, code, reason))

    def _soon(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.ensure_future(work)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
