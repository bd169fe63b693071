"""The edge's one connection to its backend: opened when it is first needed, and brought back whenever it is lost."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import ValidationError

from victor_server.egress.web_socket import SocketClosed
from victor_server.errors import Forbidden, Unauthenticated, Unavailable, VictorError
from victor_server.protocol import (
    AuthOk,
    CallEvents,
    CallStart,
    CallStatus,
    CloseCode,
    Draining,
    Heartbeat,
    Shape,
    SignedHead,
    SignedPolicy,
    WireEvent,
)
from victor_server.remote.answering import answers_of
from victor_server.remote.backoff import Backoff
from victor_server.remote.conversation import Conversation, Ears, OpenSocket, Session
from victor_server.remote.rpc import Credentials, read_result
from victor_server.remote.running_calls import Lost, Resumed, RunningCalls

LinkState = Literal["idle", "connecting", "attached", "away", "login_needed", "draining"]

WAIT_S = 20.0
"""Whoever asks waits so long for a connection that is being brought back."""

GIVE_UP_S = 60.0
"""After so long without a connection the calls that ran on it count as lost."""

_OTHERWISE_S = 15.0
_KNOWN_AWAY_S = 5.0
_SHORT_WAIT_S = 2.0
_FIRST_WAIT_S = 4.0
_ASK_TRIES = 3


@dataclass(frozen=True, slots=True)
class LinkPorts:
    """What a link works with. `heard_*` are called on the event loop and must not wait; `sleep` is for tests to hold."""

    open: OpenSocket
    credentials: Credentials
    install: Callable[[], Awaitable[str]]
    heard_policy: Callable[[SignedPolicy], None]
    heard_head: Callable[[SignedHead], None]
    changed: Callable[[], None]
    random: Callable[[], float]
    clock: Callable[[], float]
    now_us: Callable[[], int]
    sleep: Callable[[float], Awaitable[None]] = field(default=asyncio.sleep)


class Link:
    """One per process. Its coroutines run on one event loop; close it."""

    def __init__(self, ports: LinkPorts) -> None:
        self.state: LinkState = "idle"
        self.failure: VictorError | None = None
        self.known: AuthOk | None = None
        self._ports = ports
        self._session = Session()
        self._backoff = Backoff(ports.random, ports.clock)
        self._calls = RunningCalls()
        self._talk: Conversation | None = None
        self._attached = asyncio.Event()
        self._hurry = asyncio.Event()
        self._retry_s: float | None = None
        self._refused_token = ""
        self._work: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Connect, and stay connected; without it the first question does."""
        if self._work is None:
            self._work = asyncio.create_task(self._stay(), name="victor-attach")

    async def ask(self, method: str, params: Shape) -> Any:
        """The answer to something that may be asked twice: where the connection ends meanwhile, it is asked again."""
        failure: VictorError = Unavailable("The team's backend was lost.", "Try again.")
        for _ in range(_ASK_TRIES):
            talk = await self.ready()
            try:
                return read_result(method, await talk.request(method, params))
            except SocketClosed as error:
                failure = Unavailable(f"The team's backend was lost: {error.message}", "Try again.")
        raise failure

    async def call(self, start: CallStart) -> AsyncGenerator[WireEvent | CallStatus]:
        """Ask a model: events, then one CallStatus. Closing it ends the call at the backend.

        Where the connection is lost before the answer begins, the call is asked again under its id; after that it goes
        on where it was, or raises Interrupted. Raises what the backend says, and Unavailable.
        """
        running = self._calls.begin(start)
        try:
            async with contextlib.aclosing(answers_of(running, self)) as answers:
                async for answer in answers:
                    yield answer
        finally:
            self._calls.end(running)

    async def ready(self, within_s: float = WAIT_S) -> Conversation:
        """The conversation, as soon as there is one; a backend that is known to be away is waited for shortly only.

        Raises Unauthenticated, Forbidden, Unavailable."""
        self.begin()
        if self._talk is None or not self._attached.is_set():
            if self.state == "login_needed" and self.failure is not None:
                raise self.failure
            self._hurry.set()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._patience_s(within_s)):
                    await self._attached.wait()
        if self._talk is None or not self._attached.is_set():
            raise self.failure or Unavailable("The team's backend does not answer.", "Try again later.")
        return self._talk

    def _patience_s(self, within_s: float) -> float:
        if self.away_s() > _KNOWN_AWAY_S:
            return _SHORT_WAIT_S
        return within_s if self.known is not None else min(within_s, _FIRST_WAIT_S)

    def away_s(self) -> float:
        """For how long the backend has been away; 0 while it is there."""
        return self._backoff.away_s()

    async def close(self) -> None:
        """End the connection; calls that run are lost."""
        work, self._work = self._work, None
        if work is not None:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
        self._calls.tell_all(Lost())

    async def _stay(self) -> None:
        try:
            while True:
                await self._once()
                wait_s = self._backoff.next_wait_s(self._retry_s)
                if self.failure is not None and not isinstance(self.failure, Unavailable):
                    wait_s = _OTHERWISE_S  # it will not have changed by itself within a second
                self._retry_s = None
                if self._backoff.away_s() > GIVE_UP_S:
                    self._session.forget()
                    self._calls.tell_all(Lost())
                await self._pause(wait_s)
        finally:
            self._attached.set()  # nobody waits for what will not come
            self._talk = None

    async def _pause(self, wait_s: float) -> None:
        """A while, or less where somebody needs the connection now and has not waited for a second yet."""
        self._hurry.clear()
        if wait_s <= 1.0:
            await self._ports.sleep(wait_s)
            return
        hurried = asyncio.ensure_future(self._hurry.wait())
        slept = asyncio.ensure_future(self._ports.sleep(wait_s))
        try:
            await asyncio.wait((hurried, slept), return_when=asyncio.FIRST_COMPLETED)
        finally:
            hurried.cancel()
            slept.cancel()

    async def _once(self) -> None:
        """One connection, until it ends; what ended it decides how it goes on."""
        self._attached.clear()
        try:
            if self.state != "login_needed":
                self._is("connecting")
            elif await self._ports.credentials.token() == self._refused_token:
                return
            await self._converse()
        except SocketClosed as error:
            await self._closed(error)
        except (Unauthenticated, Forbidden) as error:
            await self._not_taken(error)
        except (VictorError, OSError, ValidationError) as error:
            known = isinstance(error, VictorError)
            self._failed(
                error if isinstance(error, VictorError) else Unavailable(f"({type(error).__name__})")
            )
            if not known:
                self._session.forget()

    async def _converse(self) -> None:
        socket = await self._ports.open()
        try:
            ears = Ears(self._heard, self._is_known, self._ports.now_us)
            install = await self._ports.install()
            talk = Conversation(socket, self._session, self._ports.credentials, install, ears)
            known = await talk.greet()
            self._is_attached(talk, known)
            await talk.run()
        finally:
            self._attached.clear()
            self._talk = None
            await socket.close()

    def _is_attached(self, talk: Conversation, known: AuthOk) -> None:
        self._talk, self._refused_token, self.failure = talk, "", None
        self._backoff.succeeded()
        self._calls.tell_all(Resumed() if known.resumed else Lost())
        self._is("attached")
        self._attached.set()

    def _is_known(self, known: AuthOk) -> None:
        self.known = known
        self._ports.heard_policy(known.policy)
        if known.head is not None:
            self._ports.heard_head(known.head)

    def _heard(self, name: str, params: Mapping[str, Any]) -> None:
        """A notice; one that is not known here is for a later Victor."""
        if name == "call/events":
            self._calls.took(CallEvents.model_validate(params))
        elif name == "heartbeat":
            head = Heartbeat.model_validate(params).head
            if head is not None:
                self._ports.heard_head(head)
        elif name == "policy/changed":
            self._ports.heard_policy(SignedPolicy.model_validate(params))
        elif name == "draining":
            self._retry_s = Draining.model_validate(params).retry_ms / 1_000
            self._attached.clear()  # new calls wait for the next replica; those that run go on
            self._is("draining")

    async def _closed(self, error: SocketClosed) -> None:
        if error.code == CloseCode.NOT_AUTHENTICATED:
            await self._not_taken(
                Unauthenticated("The team's backend does not know us any more.", "victor login")
            )
        elif error.code == CloseCode.FORBIDDEN:
            await self._not_taken(
                Forbidden("The team's backend does not let us in.", "Ask an administrator.")
            )
        else:
            if error.code in (CloseCode.REPLACED, CloseCode.BAD_FRAME, CloseCode.TOO_LARGE):
                self._session.forget()
            self._failed(Unavailable(f"The team's backend is away: {error.message}", "It is tried again."))

    async def _not_taken(self, error: VictorError) -> None:
        """Another token is tried once; after that somebody must log in, and it is said once."""
        try:
            token = await self._ports.credentials.token()
            if isinstance(error, Unauthenticated) and not self._refused_token:
                self._refused_token = token
                await self._ports.credentials.renewed()
                self._retry_s = 0.0
                return
            self._refused_token = token
        except Unauthenticated as needed:
            error = needed
        except VictorError as other:
            self._refused_token = ""
            self._failed(other)
            return
        self._session.forget()
        self._calls.tell_all(error)
        self.failure = error
        self._is("login_needed")
        self._attached.set()  # nobody waits for what somebody must do

    def _failed(self, error: VictorError) -> None:
        self.failure = error
        self._is("away")

    def _is(self, state: LinkState) -> None:
        if state != self.state:
            self.state = state
            self._ports.changed()
