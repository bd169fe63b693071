"""An editor for tests: a real client on a real wire, with the server in the same process and event loop."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from lsp.fake_services import FakeServices, resolve

from victor_server.lsp import connection
from victor_server.lsp.services import ResolveSettings
from victor_server.lsp.session import Delays
from victor_server.lsp.transport import socket_wire

TIMEOUT_S = 20.0
DELAYS = Delays(progress_s=0, answer_s=TIMEOUT_S)
Json = dict[str, Any]


class ServerError(Exception):
    """The server answered with an error."""

    def __init__(self, error: Json) -> None:
        super().__init__(error)
        self.code: int = error["code"]
        self.error = error


@dataclass(slots=True)
class Editor:
    """Sends what it is told to, keeps all that comes, and answers the server's requests from `answers`."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server: "asyncio.Task[int]"
    services: list[FakeServices]
    answers: dict[str, Any] = field(default_factory=dict)
    received: list[Json] = field(default_factory=list)
    log: list[tuple[str, Json]] = field(default_factory=list)
    n_requests: int = 0
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)
    seen: int = 0

    @property
    def service(self) -> FakeServices:
        """The services that are open now."""
        return self.services[-1]

    async def initialize(self, capabilities: Json | None = None, **params: Any) -> Json:
        """The handshake; the result of `initialize`."""
        asked = {"processId": None, "rootUri": None, "capabilities": capabilities or {}, **params}
        result: Json = await self.request("initialize", asked)
        self.notify("initialized", {})
        return result

    async def request(self, method: str, params: Any = None) -> Any:
        """Send a request and wait for its result. Raises ServerError."""
        return await self.response(self.send_request(method, params))

    def send_request(self, method: str, params: Any = None) -> int:
        """Send a request; gives its id."""
        self.n_requests += 1
        self.send({"jsonrpc": "2.0", "id": self.n_requests, "method": method, "params": params})
        return self.n_requests

    async def response(self, message_id: int | str | None) -> Any:
        """Wait for the response to this id. Raises ServerError."""
        message = await self.wait(lambda message: "method" not in message and message.get("id") == message_id)
        if "error" in message:
            raise ServerError(message["error"])
        return message["result"]

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def send(self, message: Any) -> None:
        """Send any JSON value as one frame."""
        self.log.append(("client", message))
        self.send_bytes(json.dumps(message).encode())

    def send_bytes(self, body: bytes) -> None:
        """Send one frame with this body."""
        self.writer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def open(self, uri: str, text: str, *, language: str = "python", version: int = 1) -> None:
        """didOpen."""
        item = {"uri": uri, "languageId": language, "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, uri: str, version: int, *changes: Json) -> None:
        """didChange."""
        identifier = {"uri": uri, "version": version}
        self.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": list(changes)})

    def save(self, uri: str) -> None:
        """didSave."""
        self.notify("textDocument/didSave", {"textDocument": {"uri": uri}})

    def close(self, uri: str) -> None:
        """didClose."""
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    async def wait(self, wanted: Callable[[Json], bool]) -> Json:
        """The first message that is wanted and was not given out before."""
        async with asyncio.timeout(TIMEOUT_S), self.arrived:
            while True:
                for index, message in enumerate(self.received):
                    if wanted(message):
                        return self.received.pop(index)
                await self.arrived.wait()

    async def notification(self, method: str) -> Any:
        """Wait for a notification; its params."""
        return (await self.wait(lambda message: message.get("method") == method and "id" not in message))[
            "params"
        ]

    async def diagnostics(self, uri: str) -> list[Json]:
        """Wait for diagnostics of this document."""
        message = await self.wait(
            lambda message: (
                message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri
            )
        )
        items: list[Json] = message["params"]["diagnostics"]
        return items

    async def settle(self) -> None:
        """Wait until the server has taken everything that was sent."""
        try:
            await self.request("victor/none")
        except ServerError:
            pass

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that the server does beside the wire has happened."""
        async with asyncio.timeout(TIMEOUT_S):
            while not condition():
                await self.settle()

    async def goodbye(self) -> int:
        """shutdown, exit; the exit code."""
        await self.request("shutdown")
        self.notify("exit", None)
        return await asyncio.wait_for(self.server, TIMEOUT_S)

    async def listen(self) -> None:
        """Take what comes until the wire ends."""
        while True:
            try:
                header = await self.reader.readuntil(b"\r\n\r\n")
                message = json.loads(await self.reader.readexactly(int(header.split(b":")[1])))
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            self.log.append(("server", message))
            if "method" in message and "id" in message and not self._answer(message):
                continue
            async with self.arrived:
                self.received.append(message)
                self.arrived.notify_all()

    def _answer(self, message: Json) -> bool:
        """Answer a request of the server; True to keep it for the test as well."""
        answer = self.answers.get(
            message["method"], ServerError({"code": -32601, "message": "no such method"})
        )
        if callable(answer):
            answer = answer(message["params"])
        if isinstance(answer, ServerError):
            self.send({"jsonrpc": "2.0", "id": message["id"], "error": answer.error})
        elif answer is not Ellipsis:
            self.send({"jsonrpc": "2.0", "id": message["id"], "result": answer})
        return True


def without_assists(actions: Any) -> Any:
    """The actions that ask no model."""
    if actions is None:
        return None
    return [each for each in actions if (each.get("command") or {}).get("command") != "victor.assist"]


@asynccontextmanager
async def running_server(
    answers: Mapping[str, Any] | None = None,
    prepare: Callable[[FakeServices], None] = lambda _: None,
    delays: Delays = DELAYS,
    resolve_settings: ResolveSettings = resolve,
) -> AsyncIterator[Editor]:
    """An editor that is connected to a server; at the end the wire is cut and the server must end by itself.

    `answers` by method: a result, a ServerError, a function of the params, or `...` for no answer at all.
    """
    ours, theirs = socket.socketpair()
    opened: list[FakeServices] = []

    def open_services(settings: Any) -> FakeServices:
        services = FakeServices(settings=settings)
        prepare(services)
        opened.append(services)
        return services

    server = asyncio.create_task(
        connection.serve(socket_wire(theirs), open_services, resolve_settings, delays)
    )
    reader, writer = await asyncio.open_connection(sock=ours, limit=2**26)
    editor = Editor(reader, writer, server, opened, dict(answers or {}))
    listener = asyncio.create_task(editor.listen())
    try:
        yield editor
    finally:
        writer.close()
        try:
            await asyncio.wait_for(server, TIMEOUT_S)
        finally:
            listener.cancel()
            await asyncio.wait([listener])
