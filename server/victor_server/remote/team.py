"""The team's backend as one process of the edge has it: connection, models, policy, outbox, all of one membership."""

import asyncio
import logging
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from victor_server.egress.connections import Timeouts
from victor_server.egress.web_socket import WebSocket, WebSocketAsked
from victor_server.errors import (
    ProviderAuth,
    ProviderUnavailable,
    RateLimited,
    StoreFailed,
    TooMany,
    Unauthenticated,
    Unavailable,
    VictorError,
)
from victor_server.protocol import (
    ATTACH_PATH,
    MAX_FRAME_BYTES,
    SUBPROTOCOL,
    CallStart,
    CallStatus,
    Empty,
    ModelOffer,
    ModelOffers,
    SignedHead,
    SignedPolicy,
    WireEvent,
)
from victor_server.remote import heads, policy
from victor_server.remote.attach import Link, LinkPorts, LinkState
from victor_server.remote.drain import Drainer
from victor_server.remote.failures import error_of
from victor_server.remote.membership import Membership
from victor_server.remote.outbox import Backlog, Outbox
from victor_server.remote.rpc import PURPOSE, Credentials
from victor_server.remote.running_calls import Interrupted

_log = logging.getLogger(__name__)

_OFFERS_HOLD_S = 60.0
_LAST_DRAIN_S = 2.0


class Sockets(Protocol):
    """Who opens the connection; see `egress.factory.Egress`."""

    async def web_socket(
        self, base_url: str, asked: WebSocketAsked, *, purpose: str, timeouts: Timeouts
    ) -> WebSocket:
        """A connection to the server at `base_url`."""
        ...


@dataclass(frozen=True, slots=True)
class TeamStatus:
    """What a person sees of it. `trouble` says why it does not answer, or what is wrong, "" if nothing is."""

    url: str
    state: LinkState
    tenant: str
    user: str
    backlog: Backlog
    policy_version: int
    trouble: str = ""


class Team:
    """One per process. `begin` it on the event loop; `record` writes into this person's own audit log, in a thread."""

    def __init__(
        self,
        home: Path,
        member: Membership,
        sockets: Sockets,
        credentials: Credentials,
        outbox: Outbox,
        record: Callable[..., None],
        changed: Callable[[], None],
    ) -> None:
        self.member = member
        self.outbox = outbox
        self._home = home
        self._sockets = sockets
        self._record = record
        self._changed = changed
        self._trouble = ""
        self._version = 0
        self._head: SignedHead | None = None
        self._offers: tuple[float, Sequence[ModelOffer]] | None = None
        self._work: set[asyncio.Task[None]] = set()
        self.link = Link(self._ports(credentials))
        self._drainer = Drainer(outbox, home, self.link.ask)

    @property
    def url(self) -> str:
        """Where the backend is."""
        return self.member.url

    def begin(self) -> None:
        """Connect, and deliver what waits, from now on."""
        self.link.begin()
        self._drainer.begin()

    async def call(self, start: CallStart) -> AsyncGenerator[WireEvent, None]:
        """Ask a model; see `agent.providers.team.Backend`."""
        self.begin()
        try:
            async with aclosing(self.link.call(start)) as answers:
                async for answer in answers:
                    if isinstance(answer, WireEvent):
                        yield answer
                    else:
                        _check_done(answer)
        except VictorError as error:
            raise _for_router(error) from None

    async def offers(self) -> Sequence[ModelOffer]:
        """What the backend offers this person; kept for a minute."""
        if self._offers is not None and time.monotonic() - self._offers[0] < _OFFERS_HOLD_S:
            return self._offers[1]
        try:
            told: ModelOffers = await self.link.ask("models/list", Empty())
        except VictorError as error:
            raise _for_router(error) from None
        self._offers = (time.monotonic(), told.models)
        return told.models

    async def status(self) -> TeamStatus:
        """What a person sees of it."""
        backlog = await asyncio.to_thread(self.outbox.backlog)
        failure = "" if self.link.failure is None else self.link.failure.message
        return TeamStatus(
            url=self.url,
            state=self.link.state,
            tenant=self.member.tenant,
            user=self.member.subject,
            backlog=backlog,
            policy_version=self._version,
            trouble=self._trouble or failure,
        )

    def shown(self) -> Mapping[str, Any]:
        """The status as JSON knows it; costs nothing, and counts of the outbox as they were last looked at."""
        failure = "" if self.link.failure is None else self.link.failure.message
        return self.member.shown(
            self.link.state,
            backlog=self._drainer.n_waiting,
            policy=self._version,
            trouble=self._trouble or failure,
        )

    async def close(self) -> None:
        """Deliver what can be delivered at once, and let go."""
        if self.link.state == "attached":
            try:
                async with asyncio.timeout(_LAST_DRAIN_S):
                    await self._drainer.drain()
            except (VictorError, TimeoutError):
                _log.debug("the outbox keeps what has not arrived")
        await self._drainer.close()
        for task in tuple(self._work):
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)
        await self.link.close()
        await asyncio.to_thread(self.outbox.close)

    def _ports(self, credentials: Credentials) -> LinkPorts:
        return LinkPorts(
            open=self._open,
            credentials=credentials,
            install=lambda: asyncio.to_thread(self.outbox.install),
            heard_policy=self._heard_policy,
            heard_head=self._heard_head,
            changed=self._changed,
            random=random.random,
            clock=time.monotonic,
            now_us=lambda: time.time_ns() // 1_000,
        )

    async def _open(self) -> WebSocket:
        path = urlsplit(self.url).path.rstrip("/") + ATTACH_PATH
        asked = WebSocketAsked(path, SUBPROTOCOL, MAX_FRAME_BYTES)
        return await self._sockets.web_socket(
            self.url, asked, purpose=PURPOSE, timeouts=Timeouts(connect_s=10.0)
        )

    def _heard_policy(self, signed: SignedPolicy) -> None:
        self._start(self._take_policy(signed))

    async def _take_policy(self, signed: SignedPolicy) -> None:
        document = await asyncio.to_thread(
            policy.take, self._home, signed, self.member, time.time_ns() // 1_000
        )
        self._offers = None
        if document.version != self._version:
            self._version = document.version
            self._changed()

    def _heard_head(self, head: SignedHead) -> None:
        if head != self._head:
            self._head = head
            self._start(heads.follow(self._home, head, self.member, self.link.ask))

    def _start(self, work: "Awaitable[None]") -> None:
        task = asyncio.ensure_future(self._watched(work))
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _watched(self, work: "Awaitable[None]") -> None:
        """What goes wrong with policy or log is told loudly, and recorded here."""
        try:
            await work
        except Unavailable:
            self._head = None  # it is looked at again with the next one
        except VictorError as error:
            _log.error("team: %s", error.message)
            self._trouble = error.message
            self._changed()
            try:
                await asyncio.to_thread(
                    self._record, f"team.{error.kind}", success=False, reason=error.message
                )
            except VictorError as failed:
                _log.error("team: it could not be recorded: %s", failed.message)


def _check_done(status: CallStatus) -> None:
    """Raise what ended the call where it is not done."""
    if status.state == "done":
        return
    if status.state == "interrupted":
        raise Interrupted
    kind = status.error or (
        "provider_unavailable" if status.state in ("failed", "cancelled") else "forbidden"
    )
    raise error_of(kind, status.message or f"The call ended as {status.state}.")


def _for_router(error: VictorError) -> VictorError:
    """What the router may act on: where the backend itself does not answer, somebody else may."""
    match error:
        case TooMany():
            return RateLimited(error.message, error.fix, retry_after_s=error.retry_after_s)
        case Unauthenticated():
            return ProviderAuth(error.message, error.fix or "Log in again: victor login.")
        case Unavailable() | StoreFailed():
            return ProviderUnavailable(error.message, error.fix)
        case _:
            return error
