"""A real backend inside of the test: on SQLite (or whatever is given), with scripted models, asked over ASGI."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx2

from victor_server.compose.team import close_backend, open_backend
from victor_server.protocol import ATTACH_PATH, SUBPROTOCOL
from victor_server.team.app import make_app
from victor_server.team.backend import Backend
from victor_server.team.configuration.resolved import (
    DatabaseSettings,
    MasterKey,
    ModelSettings,
    TeamSettings,
)
from victor_server.team.connection.hub import Hub

TIME_LIMIT_S = 20.0
"""Against a test that would hang; nothing is measured by it."""

HELLO = ({"text": "Hel"}, {"text": "lo"})


class Closed(Exception):
    """The backend closed the connection."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Edge:
    """One WebSocket to the backend, frame by frame. `takes` cleared: it takes nothing more, as a slow network."""

    to_backend: "asyncio.Queue[dict[str, Any]]" = field(default_factory=asyncio.Queue)
    from_backend: "asyncio.Queue[dict[str, Any]]" = field(default_factory=asyncio.Queue)
    takes: asyncio.Event = field(default_factory=asyncio.Event)
    task: "asyncio.Task[None] | None" = None
    auth_ok: dict[str, Any] = field(default_factory=dict)
    last_id: int = 0
    last_seq: int = 0
    heard: list[dict[str, Any]] = field(default_factory=list)

    def raw(self, text: str | bytes) -> None:
        """Send something as it is."""
        key = "text" if isinstance(text, str) else "bytes"
        self.to_backend.put_nowait({"type": "websocket.receive", key: text})

    def tell(self, method: str, **params: Any) -> None:
        """Send a notice."""
        self.raw(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}))

    def ask(self, method: str, **params: Any) -> int:
        """Send a request; returns its number."""
        self.last_id += 1
        document = {"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params}
        self.raw(json.dumps(document))
        return self.last_id

    async def message(self) -> dict[str, Any]:
        """The next thing that the backend does."""
        async with asyncio.timeout(TIME_LIMIT_S):
            return await self.from_backend.get()

    async def frame(self) -> dict[str, Any]:
        """The next frame. Raises `Closed`."""
        message = await self.message()
        if message["type"] == "websocket.close":
            self.to_backend.put_nowait({"type": "websocket.disconnect", "code": message["code"]})
            raise Closed(message["code"])
        assert message["type"] == "websocket.send", message
        document: dict[str, Any] = json.loads(message["text"])
        if "seq" in document:
            assert document["seq"] == self.last_seq + 1, "every frame once and in order"
            self.last_seq = document["seq"]
        self.heard.append(document)
        return document

    async def notice(self, name: str) -> dict[str, Any]:
        """The params of the next notice of this name; others are passed over."""
        while True:
            document = await self.frame()
            if document.get("method") == name:
                params: dict[str, Any] = document["params"]
                return params

    async def answer(self, number: int) -> dict[str, Any]:
        """The answer of this number, whole; what else comes is in `heard`."""
        while True:
            for document in self.heard:
                if document.get("id") == number:
                    return document
            await self.frame()

    async def request(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask, and the answer."""
        return await self.answer(self.ask(method, **params))

    async def closed(self) -> int:
        """Wait until the backend closes the connection; the code."""
        try:
            while True:
                await self.frame()
        except Closed as closed:
            await self.ended()
            return closed.code

    async def lose(self) -> None:
        """The network goes."""
        self.takes.set()
        self.to_backend.put_nowait({"type": "websocket.disconnect", "code": 1006})
        await self.ended()

    async def ended(self) -> None:
        """Wait until the backend has let go of it."""
        assert self.task is not None
        async with asyncio.timeout(TIME_LIMIT_S):
            await asyncio.gather(self.task, return_exceptions=True)

    async def send(self, message: Mapping[str, Any]) -> None:
        """What the backend calls."""
        await self.takes.wait()
        self.from_backend.put_nowait(dict(message))


@dataclass
class RunningBackend:
    """One, and ways to ask it. `operator` is the token of the first run."""

    backend: Backend
    hub: Hub
    http: httpx2.AsyncClient
    operator: str
    app: Any
    edges: list[Edge] = field(default_factory=list)
    n_tokens: int = 0

    async def rpc(self, method: str, params: Mapping[str, Any] | None = None, token: str = "") -> Any:
        """Ask over HTTP, as the operator if nobody is named; the answer must be a good one."""
        response = await self.ask(method, params or {}, token or self.operator)
        assert response.status_code == 200, response.text
        return response.json()

    async def ask(self, method: str, params: Mapping[str, Any], token: str) -> httpx2.Response:
        """Ask over HTTP."""
        headers = {"authorization": f"Bearer {token}"}
        return await self.http.post(f"/v1/rpc/{method}", json=params, headers=headers)

    async def token(self, role: str, subject: str = "", teams: Sequence[str] = (), **asked: Any) -> str:
        """An API token of somebody with this role, who is added if need be."""
        self.n_tokens += 1
        subject = subject or role
        await self.rpc("users/set", {"subject": subject, "role": role, "teams": list(teams)})
        made = await self.rpc(
            "tokens/create", {"label": f"t{self.n_tokens}", "subject": subject, "role": role, **asked}
        )
        return str(made["token"])

    def socket(
        self,
        *,
        query: bytes = b"",
        headers: Sequence[tuple[bytes, bytes]] = (),
        subprotocols: Sequence[str] = (SUBPROTOCOL,),
        path: str = ATTACH_PATH,
    ) -> Edge:
        """Begin to connect; what the backend does then is in `message`."""
        edge = Edge()
        edge.takes.set()
        scope = {
            "type": "websocket",
            "path": path,
            "query_string": query,
            "headers": list(headers),
            "subprotocols": list(subprotocols),
            "client": ("127.0.0.1", 1),
        }
        edge.to_backend.put_nowait({"type": "websocket.connect"})
        edge.task = asyncio.ensure_future(self.app(scope, edge.to_backend.get, edge.send))
        self.edges.append(edge)
        return edge

    async def greeted(self) -> Edge:
        """Connect, as far as the backend's first frame."""
        edge = self.socket()
        assert (await edge.message())["type"] == "websocket.accept"
        await edge.notice("auth_required")
        return edge

    async def attach(self, token: str, *, resume: Edge | None = None, n_credits: int = 256) -> Edge:
        """Connect, and say who it is. `resume`: go on where this one was."""
        edge = await self.greeted()
        params: dict[str, Any] = {"token": token, "credits": n_credits}
        if resume is not None:
            known = resume.auth_ok
            params["resume"] = {
                "session": known["session"], "epoch": known["epoch"], "last_seq": resume.last_seq
            }  # fmt: skip
            edge.last_id = resume.last_id
        edge.tell("auth", **params)
        edge.auth_ok = await edge.notice("auth_ok")
        if resume is not None and edge.auth_ok["resumed"]:
            edge.last_seq = resume.last_seq
        return edge

    async def lose_all(self) -> None:
        """End every connection."""
        for edge in self.edges:
            edge.takes.set()
            edge.to_backend.put_nowait({"type": "websocket.disconnect", "code": 1006})
        await asyncio.gather(*(edge.ended() for edge in self.edges))


async def until(holds: Callable[[], bool]) -> None:
    """Let the backend work until something holds of it that it tells nobody."""
    async with asyncio.timeout(TIME_LIMIT_S):
        while not holds():  # noqa: ASYNC110 - there is no event: that is what is waited for
            await asyncio.sleep(0)


def scripted(folder: Path, *replies: Sequence[Mapping[str, Any]], name: str = "small") -> ModelSettings:
    """A model that gives these replies, each a list of steps as a script has them."""
    script = folder / f"{name}.jsonl"
    lines = [json.dumps(reply[0] if len(reply) == 1 else list(reply)) for reply in (replies or (HELLO,) * 50)]
    script.write_text("\n".join(lines) + "\n")
    return ModelSettings(
        name=name, provider="scripted", model=name, script=script, input_usd=1.0, output_usd=2.0
    )


def team_settings(folder: Path, **changed: Any) -> TeamSettings:
    """Settings of a first run in `folder`, with one scripted model."""
    settings = TeamSettings(
        home=folder,
        database=DatabaseSettings(url=f"sqlite:///{folder / 'team.db'}"),
        master_key=MasterKey(source="file", file=folder / "master.key", make=True),
        models=changed.pop("models") if "models" in changed else (scripted(folder),),
        default_model="small",
    )
    return replace(settings, **changed)


@contextlib.asynccontextmanager
async def running_backend(
    folder: Path, *, clock: Callable[[], float] = time.monotonic, **changed: Any
) -> AsyncIterator[RunningBackend]:
    """A backend on these settings; its sessions are looked after only by `hub.tick()`, when a test says so."""
    settings = team_settings(folder, **changed)
    backend = await open_backend(settings, {})
    try:
        operator = await backend.identity.bootstrap()
        hub = Hub(backend, clock=clock)
        app = make_app(backend, hub)
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://backend.test") as http:
            it = RunningBackend(backend, hub, http, operator or "", app)
            try:
                yield it
            finally:
                await it.lose_all()
                for session in tuple(hub.sessions.values()):
                    await hub.end(session, 1012, "the test is over")
    finally:
        await close_backend(backend)
