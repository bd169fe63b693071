"""One connection to the backend, from the first frame to the last: who is who, then frames both ways."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from pydantic import ValidationError

from victor_server.egress.web_socket import SocketClosed
from victor_server.errors import BadResponse, Unauthenticated, Unavailable, VictorError
from victor_server.protocol import (
    VERSION,
    Auth,
    AuthInvalid,
    AuthOk,
    AuthRequired,
    Credit,
    Heartbeat,
    Resume,
    Shape,
)
from victor_server.remote.failures import error_of, error_of_data
from victor_server.remote.rpc import Credentials

CREDITS = 512
HANDSHAKE_TIME_LIMIT_S = 10.0
_SILENT_HEARTBEATS = 2.5
_LEAST_RENEW_S = 5.0
_SLEEP_AT_MOST_S = 3_600.0


class Socket(Protocol):
    """An open connection; see `egress.web_socket.WebSocket`."""

    async def send(self, text: str) -> None:
        """Send a frame. Raises SocketClosed."""
        ...

    async def receive(self) -> str:
        """The next one. Raises SocketClosed."""
        ...

    async def close(self, code: int = 1000) -> None:
        """End it."""
        ...


@dataclass(slots=True)
class Session:
    """What outlasts a connection: by it the backend knows what the next one has missed.

    Ids rise over all connections. Answers that are waited for beyond the end of one are in `lasting`.
    """

    name: str = ""
    epoch: str = ""
    last_seq: int = 0
    last_id: int = 0
    answers: "dict[int, asyncio.Future[Any]]" = field(default_factory=dict)
    lasting: set[int] = field(default_factory=set)

    def resume(self) -> Resume | None:
        """What to ask for, None where there is nothing to go on with."""
        if not self.name:
            return None
        return Resume(session=self.name, epoch=self.epoch, last_seq=self.last_seq)

    def forget(self) -> None:
        """There is nothing to go on with any more: what was missed never comes."""
        self.name, self.epoch, self.last_seq = "", "", 0
        self.lasting.clear()
        self.let_go()

    def let_go(self) -> None:
        """Whoever waits for an answer of the connection that ended hears of it, but for what lasts."""
        for number, waiting in self.answers.items():
            if number not in self.lasting and not waiting.done():
                waiting.set_exception(SocketClosed(1006))
                waiting.exception()  # whoever asked may be gone


@dataclass(frozen=True, slots=True)
class Ears:
    """Who hears what comes. `notice` is told of every notice but those of the conversation itself."""

    notice: Callable[[str, Mapping[str, Any]], None]
    is_known: Callable[[AuthOk], None]
    now_us: Callable[[], int]


@dataclass(slots=True)
class Conversation:
    """One connection. `greet` comes first, then `run` until it ends."""

    socket: Socket
    session: Session
    credentials: Credentials
    install: str
    ears: Ears
    _owed: int = 0
    _token: str = field(default="", repr=False)
    _known: AuthOk | None = None

    async def greet(self) -> AuthOk:
        """Say who we are. Raises Unauthenticated, Unavailable, SocketClosed, BadResponse."""
        try:
            async with asyncio.timeout(HANDSHAKE_TIME_LIMIT_S):
                return await self._greet()
        except TimeoutError:
            raise Unavailable("The team's backend did not greet us in time.", "Try again.") from None

    async def run(self) -> None:
        """Hear what comes until the connection ends. Raises SocketClosed and what `_hear` raises."""
        known = self._greeted()
        tasks = [asyncio.create_task(work) for work in (self._beat(known.heartbeat_s), self._stay_known())]
        try:
            while True:
                async with asyncio.timeout(known.heartbeat_s * _SILENT_HEARTBEATS):
                    text = await self.socket.receive()
                await self._hear(text)
        except TimeoutError:
            raise SocketClosed(1006, "nothing came for too long") from None
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.session.let_go()

    async def request(self, method: str, params: Shape, *, lasts: bool = False) -> Any:
        """Ask, and wait for the answer. Raises what the backend says, and SocketClosed where the connection ends:
        where `lasts`, only once it is known that what was missed never comes.
        """
        self.session.last_id += 1
        number = self.session.last_id
        waiting = self.session.answers[number] = asyncio.get_running_loop().create_future()
        if lasts:
            self.session.lasting.add(number)
        document = {"jsonrpc": "2.0", "id": number, "method": method, "params": _dumped(params)}
        try:
            await self._send(document)
            return await waiting
        finally:
            self.session.answers.pop(number, None)
            self.session.lasting.discard(number)

    async def tell(self, notice: str, params: Shape) -> None:
        """Say something that is not answered."""
        await self._send({"jsonrpc": "2.0", "method": notice, "params": _dumped(params)})

    async def _send(self, document: Mapping[str, Any]) -> None:
        text = json.dumps(document, separators=(",", ":"))
        limit = self._known.limits.max_frame_bytes if self._known is not None else 0
        if limit and len(text.encode()) > limit:
            raise error_of(
                "context_too_long",
                "The request is longer than what the team's backend takes at once.",
                "Ask with less context.",
            )
        await self.socket.send(text)

    async def _greet(self) -> AuthOk:
        required = _read(AuthRequired, await self._notice("auth_required"))
        if VERSION not in required.versions:
            raise Unavailable(
                f"The team's backend speaks other versions of the protocol ({', '.join(map(str, required.versions))})"
                f" than this Victor ({VERSION}).",
                "Update Victor, or the backend.",
            )
        self._token = await self.credentials.token()
        await self._say_who()
        while True:
            document = _document(await self.socket.receive())
            name, params = document.get("method"), _params(document)
            if name == "auth_invalid":
                raise _not_known(_read(AuthInvalid, params))
            if name == "auth_ok":
                known = self._is_known(_read(AuthOk, params))
                seq = document.get("seq")
                if not known.resumed and isinstance(seq, int):
                    self.session.last_seq = seq
                return known

    async def _say_who(self) -> None:
        auth = Auth(
            token=self._token,
            install=self.install or None,
            client="victor",
            resume=self.session.resume() if self._known is None else None,
            credits=CREDITS,
        )
        await self.tell("auth", auth)

    def _is_known(self, told: AuthOk) -> AuthOk:
        if self._known is None and not told.resumed:
            self.session.forget()
        self.session.name, self.session.epoch = told.session, told.epoch
        self._known = told
        self.ears.is_known(told)
        return told

    async def _hear(self, text: str) -> None:
        document = _document(text)
        if not await self._is_new(document):
            return
        if "method" not in document:
            self._answered(document)
            return
        name, params = str(document["method"]), _params(document)
        if name == "auth_ok":
            self._is_known(_read(AuthOk, params))
        elif name == "auth_invalid":
            raise _not_known(_read(AuthInvalid, params))
        else:
            self.ears.notice(name, params)

    async def _is_new(self, document: Mapping[str, Any]) -> bool:
        """Whether the frame was not there before. What is counted is paid for with credits, now and then."""
        seq = document.get("seq")
        if not isinstance(seq, int) or isinstance(seq, bool):
            return True
        self._owed += 1
        if self._owed * 2 >= CREDITS:
            owed, self._owed = self._owed, 0
            await self.tell("credit", Credit(frames=owed))
        if seq <= self.session.last_seq:
            return False
        if seq != self.session.last_seq + 1:
            self.session.forget()
            raise SocketClosed(1002, "frames are missing")
        self.session.last_seq = seq
        return True

    def _answered(self, document: Mapping[str, Any]) -> None:
        waiting = self.session.answers.get(document.get("id") or 0)
        if waiting is None or waiting.done():
            return
        error = document.get("error")
        if isinstance(error, Mapping):
            waiting.set_exception(error_of_data(error))
        else:
            waiting.set_result(document.get("result"))

    async def _beat(self, heartbeat_s: float) -> None:
        with suppress(SocketClosed):
            while True:
                await asyncio.sleep(heartbeat_s)
                await self.tell("heartbeat", Heartbeat(last_seq=self.session.last_seq))

    async def _stay_known(self) -> None:
        """Say anew who we are before the token runs out; whoever cannot is told by the backend, in time."""
        with suppress(SocketClosed, VictorError):
            while True:
                left_s = (self._greeted().expires_us - self.ears.now_us()) / 1e6
                if left_s > _SLEEP_AT_MOST_S * 2:
                    await asyncio.sleep(_SLEEP_AT_MOST_S)
                    continue
                await asyncio.sleep(max(_LEAST_RENEW_S, left_s * 0.75))
                token = await self.credentials.token()
                if token == self._token:
                    token = await self.credentials.renewed()
                self._token = token
                await self._say_who()

    async def _notice(self, wanted: str) -> Mapping[str, Any]:
        document = _document(await self.socket.receive())
        name, params = str(document.get("method", "")), _params(document)
        if name != wanted:
            raise BadResponse(
                f"The team's backend says {name[:40]!r} where {wanted} belongs.", "Check the address."
            )
        return params

    def _greeted(self) -> AuthOk:
        if self._known is None:
            raise Unavailable("The team's backend has not greeted us yet.")
        return self._known


_S = TypeVar("_S", bound=Shape)

OpenSocket = Callable[[], Awaitable[Socket]]


def _not_known(told: AuthInvalid) -> VictorError:
    error = error_of(told.kind, told.message, told.fix or "Log in again: victor login.")
    return error if told.kind != "error" else Unauthenticated(error.message, error.fix)


def _dumped(params: Shape) -> dict[str, Any]:
    return params.model_dump(mode="json")


def _document(text: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise BadResponse("The team's backend sent a frame that is none.", "Tell whoever runs it.")
    return document


def _params(document: Mapping[str, Any]) -> Mapping[str, Any]:
    params = document.get("params")
    return params if isinstance(params, Mapping) else {}


def _read(shape: type[_S], params: Mapping[str, Any]) -> _S:
    try:
        return shape.model_validate(params)
    except ValidationError:
        raise BadResponse(
            "The team's backend sent a frame that this Victor does not know.",
            "Update Victor, or the backend.",
        ) from None
