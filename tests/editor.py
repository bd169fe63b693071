"""A small editor for tests, benches and the demo: speaks LSP to a real `victor lsp` over stdio and remembers all of it."""

import itertools
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

SERVER = (sys.executable, "-P", "-c", "from victor_server.cli.main import main; main()", "lsp")

CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "window": {"workDoneProgress": True},
    "workspace": {
        "configuration": True,
        "workspaceFolders": True,
        "applyEdit": True,
        "workspaceEdit": {"documentChanges": True},
        "didChangeWatchedFiles": {"dynamicRegistration": True},
    },
    "textDocument": {
        "synchronization": {"didSave": True},
        "publishDiagnostics": {"versionSupport": True},
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
    },
    "experimental": {"victor": {"version": 1, "status": True}},
}

Message = dict[str, Any]


class LspError(Exception):
    """The server answered with an error; `code` and `data` as sent."""

    def __init__(self, error: Message) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.code = error["code"]
        self.data = error.get("data")


class Editor:
    """One editor window with its own server process. Use as a context; it ends with shutdown and exit."""

    def __init__(
        self,
        *folders: Path,
        home: Path,
        capabilities: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
        options: Mapping[str, Any] | None = None,
        command: tuple[str, ...] = SERVER,
    ) -> None:
        self.folders = folders
        self.traffic: list[Message] = []
        """Every message of both directions, in order: {"from": "client" | "server", "msg": …}."""
        self._capabilities = CAPABILITIES if capabilities is None else capabilities
        self._settings = settings or {}
        self._options = options or {}
        self._ids = itertools.count(1)
        self._waiting: dict[int, Future[Any]] = {}
        self._changed = threading.Condition()
        self._versions: dict[str, int] = {}
        variables = {**os.environ, "VICTOR_HOME": str(home), **(environment or {})}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=variables, cwd=home.parent
        )
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Self:
        self.initialize()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None and kind is None:
            self.request("shutdown", None)
            self.notify("exit", None)
            self.process.wait(timeout=30)
        self.kill()

    def kill(self) -> None:
        """End the server at once, as a crash would."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    pass

    def initialize(self) -> Message:
        """Greet the server; returns what it answered."""
        result: Message = self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": self.folders[0].as_uri() if self.folders else None,
                "workspaceFolders": [{"uri": f.as_uri(), "name": f.name} for f in self.folders],
                "capabilities": self._capabilities,
                "initializationOptions": {**self._settings, **self._options},
            },
        )
        self.notify("initialized", {})
        return result

    def ask(self, method: str, params: Any) -> "Future[Any]":
        """Send a request; the future holds its result or an LspError."""
        number = next(self._ids)
        answer: Future[Any] = Future()
        self._waiting[number] = answer
        message: Message = {"jsonrpc": "2.0", "id": number, "method": method}
        self._send(message if params is None else {**message, "params": params})
        return answer

    def request(self, method: str, params: Any, timeout_s: float = 60) -> Any:
        """Send a request and wait for its result."""
        return self.ask(method, params).result(timeout=timeout_s)

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        message: Message = {"jsonrpc": "2.0", "method": method}
        self._send(message if params is None else {**message, "params": params})

    def open(self, path: Path, text: str, language_id: str = "python") -> None:
        """Open a document."""
        uri = path.as_uri()
        self._versions[uri] = 1
        item = {"uri": uri, "languageId": language_id, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, path: Path, text: str) -> None:
        """Put `text` in the place of the whole document."""
        uri = path.as_uri()
        self._versions[uri] += 1
        document = {"uri": uri, "version": self._versions[uri]}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})

    def save(self, path: Path, text: str) -> None:
        """Write the document to disk and tell the server."""
        path.write_text(text, encoding="utf-8")
        self.notify("textDocument/didSave", {"textDocument": {"uri": path.as_uri()}})

    def close(self, path: Path) -> None:
        """Close a document."""
        self.notify("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})

    def received(self, method: str) -> list[Any]:
        """The parameters of every notification or request of this method so far."""
        return [
            each["msg"].get("params")
            for each in list(self.traffic)
            if each["from"] == "server" and each["msg"].get("method") == method
        ]

    def wait_until(self, condition: Callable[[], Any], timeout_s: float = 60) -> Any:
        """Wait until `condition` holds, looking again at each message; returns its value."""
        found: list[Any] = []

        def holds() -> bool:
            found[:] = [condition()]
            return bool(found[0])

        with self._changed:
            if not self._changed.wait_for(holds, timeout=timeout_s):
                raise TimeoutError(
                    f"not within {timeout_s} s; the last message was {self.traffic[-1]!r:.300}"
                )
        return found[0]

    def wait_until_indexed(self, timeout_s: float = 120) -> Message:
        """Wait until the server says that the index of the first folder is ready; returns that status."""

        def ready() -> Message | None:
            last = [status["index"] for status in self.received("victor/status/didChange")][-1:]
            return last[0] if last and last[0]["state"] == "ready" else None

        status: Message = self.wait_until(ready, timeout_s)
        return status

    def diagnostics(self, path: Path) -> list[Message]:
        """The diagnostics last published for a document."""
        uri = path.as_uri()
        mine = [each for each in self.received("textDocument/publishDiagnostics") if each["uri"] == uri]
        return list(mine[-1]["diagnostics"]) if mine else []

    def _send(self, message: Message) -> None:
        body = json.dumps(message).encode()
        self.traffic.append({"from": "client", "msg": message})
        if self.process.stdin is None:
            raise RuntimeError("the server was started without pipes")
        try:
            self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            self.process.stdin.flush()
        except (OSError, ValueError) as error:
            raise ConnectionError("the server is gone") from error

    def _read(self) -> None:
        stream = self.process.stdout
        try:
            while stream is not None and (message := _read_message(stream)) is not None:
                with self._changed:
                    self.traffic.append({"from": "server", "msg": message})
                    self._changed.notify_all()
                self._take(message)
        except (OSError, ValueError, ConnectionError):
            pass
        for answer in list(self._waiting.values()):
            if not answer.done():
                answer.set_exception(ConnectionError("the server ended without an answer"))

    def _take(self, message: Message) -> None:
        if "method" not in message:
            answer = self._waiting.pop(message["id"])
            if "error" in message:
                answer.set_exception(LspError(message["error"]))
            else:
                answer.set_result(message["result"])
        elif "id" in message:
            result = self._answer_to(message["method"], message.get("params"))
            self._send({"jsonrpc": "2.0", "id": message["id"], "result": result})

    def _answer_to(self, method: str, params: Any) -> Any:
        if method == "workspace/configuration":
            return [self._settings for _ in params["items"]]
        if method == "workspace/applyEdit":
            return {"applied": True}
        return None


def _read_message(stream: IO[bytes]) -> Message | None:
    length = 0
    while (line := stream.readline()) not in (b"\r\n", b""):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    body = stream.read(length)
    if not length or len(body) < length:
        return None
    message: Message = json.loads(body)
    return message
