"""Reads which servers there are: `mcp.yaml` in VICTOR_HOME, and a trusted workspace's own `.mcp.json`."""

import json
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from victor_server.agent.mcp.model import DEFAULT_TIMEOUT_S, Server, Source
from victor_server.agent.mcp.names import MAX_SERVER_NAME, is_server_name
from victor_server.errors import Unavailable
from victor_server.settings.home import may_exist
from victor_server.settings.layer import Problem
from victor_server.settings.own_file import read_own

FILE_NAME = "mcp.yaml"
WORKSPACE_FILE = ".mcp.json"
MAX_SERVERS = 20
MAX_TIMEOUT_S = 600
_MAX_BYTES = 256_000
_MOST = 100
_LONGEST = 4_000
_NAMES = frozenset({"command", "args", "env", "url", "headers", "timeout", "tools", "enabled", "type"})
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]{0,127})(?::-([^}]*))?\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,64}")
_KINDS = ("stdio", "http", "streamable-http", "streamableHttp")


@dataclass(frozen=True, slots=True)
class ReadServers:
    """The servers of a file by name, and what is wrong in it. A server with anything wrong is left out."""

    servers: tuple[Server, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_servers(home: Path) -> ReadServers:
    """What VICTOR_HOME/mcp.yaml says; without the file nothing. Raises nothing."""
    file = home / FILE_NAME
    if not may_exist(file):
        return ReadServers()
    from victor_server.settings.yaml_text import (  # with the first file that is there
        NotReadable,
        read_document,
    )

    try:
        document = read_document(read_own(file, _MAX_BYTES + 1, follow=True)[:_MAX_BYTES].decode("utf-8"))
    except NotReadable as error:
        return _unread(file, error.message, error.line)
    except (OSError, UnicodeDecodeError) as error:
        return _unread(file, f"cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}")
    top = _as_written(document.values)
    lines = {way[1]: line for way, line in document.lines.items() if len(way) == 2 and way[0] == "servers"}
    return _read(file, top, "servers", "home", None, lines)


def read_workspace_servers(root: Path) -> ReadServers:
    """What a repository's `.mcp.json` says. For a folder that is trusted. Raises nothing."""
    file = root / WORKSPACE_FILE
    if not may_exist(file):
        return ReadServers()
    try:
        top = json.loads(_text_of(file))
    except (ValueError, RecursionError):
        return _unread(file, "this is not JSON")
    except OSError as error:
        return _unread(file, f"cannot be read: {error.strerror or 'an error of the system'}")
    return _read(file, top, "mcpServers", "workspace", root, {})


def filled(server: Server, environment: Mapping[str, str]) -> Server:
    """The server with its variables replaced by their values. Raises Unavailable for one that is not set."""
    missing: dict[str, None] = {}

    def fill(text: str) -> str:
        def found(match: re.Match[str]) -> str:
            value = environment.get(match[1], "") or match[2] or ""
            if not value:
                missing[match[1]] = None
            return value

        return _VARIABLE.sub(found, text)

    given = Server(
        server.name,
        server.source,
        server.place,
        tuple(map(fill, server.command)),
        {name: fill(value) for name, value in server.environment.items()},
        fill(server.url),
        {name: fill(value) for name, value in server.headers.items()},
        server.timeout_s,
        server.tools,
        server.root,
    )
    if missing:
        names = ", ".join(missing)
        raise Unavailable(f"The MCP server {server.name} needs {names}, which is not set.", f"Set {names}.")
    return given


def variables_of(server: Server) -> tuple[str, ...]:
    """The variables of the person's environment that a server would be given."""
    texts = (*server.command, *server.environment.values(), server.url, *server.headers.values())
    return tuple(dict.fromkeys(match[1] for text in texts for match in _VARIABLE.finditer(text)))


def _text_of(file: Path) -> str:
    if not stat.S_ISREG(file.stat().st_mode):
        raise OSError(0, "it is not a plain file")
    with file.open("rb") as opened:
        data = opened.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise OSError(0, f"it is larger than {_MAX_BYTES:,} bytes")
    return data.decode("utf-8")


def _unread(file: Path, message: str, line: int | None = None) -> ReadServers:
    return ReadServers((), (Problem(str(file), line, f"{message}; no server of it is started"),))


def _as_written(value: Any) -> Any:
    from victor_server.settings.yaml_text import as_written

    if isinstance(value, str):
        return as_written(value)
    if isinstance(value, list):
        return [as_written(each) if isinstance(each, str) else each for each in value[: _MOST + 1]]
    if isinstance(value, dict):
        return {_as_written(name): _as_written(each) for name, each in list(value.items())[: _MOST + 1]}
    return value


def _read(
    file: Path, top: Any, under: str, source: Source, root: Path | None, lines: Mapping[str, int]
) -> ReadServers:
    written = top.get(under) if isinstance(top, dict) else None
    reading = _Reading(str(file), source, root, lines)
    for name in top if isinstance(top, dict) else ():
        if name != under:
            reading.tell(
                None, f"{str(name)[:80]!r} is no name that belongs here; servers stand under `{under}`"
            )
    if not isinstance(written, dict):
        if written is not None or not isinstance(top, dict):
            reading.tell(None, f"{under} must hold servers by name")
        return ReadServers((), tuple(reading.problems))
    for name, parts in list(written.items())[:MAX_SERVERS]:
        reading.server(name, parts)
    if len(written) > MAX_SERVERS:
        reading.tell(None, f"these are more than {MAX_SERVERS} servers")
    return ReadServers(tuple(reading.servers), tuple(reading.problems))


@dataclass(slots=True)
class _Reading:
    file: str
    source: Source
    root: Path | None
    lines: Mapping[str, int]
    servers: list[Server] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def tell(self, name: object, message: str) -> None:
        """Note what is wrong, with the line of its server."""
        line = self.lines.get(name) if isinstance(name, str) else None
        self.problems.append(Problem(self.file, line, message))

    def server(self, name: object, parts: object) -> None:
        """Read one server; where anything of it is wrong it is told, and not taken."""
        if not isinstance(name, str) or not is_server_name(name):
            rule = f"letters, digits, - and single _, {MAX_SERVER_NAME} at most"
            self.tell(name, f"{str(name)[:80]!r} cannot be a server's name: {rule}")
            return
        wrong = list(_wrong(parts))
        for each in wrong:
            self.tell(name, f"{name}: {each}")
        if wrong or not isinstance(parts, dict) or parts.get("enabled") is False:
            return
        command = parts.get("command", [])
        words = [command] if isinstance(command, str) else command
        self.servers.append(
            Server(
                name,
                self.source,
                self.file,
                tuple(words + parts.get("args", [])),
                dict(parts.get("env") or {}),
                parts.get("url", ""),
                dict(parts.get("headers") or {}),
                float(parts.get("timeout", DEFAULT_TIMEOUT_S)),
                tuple(parts.get("tools", ["*"])),
                self.root,
            )
        )


def _wrong(parts: object) -> Iterator[str]:
    """What is wrong with a server, thing by thing."""
    if not isinstance(parts, dict):
        yield "a server must hold a command or a url"
        return
    for name in parts:
        if name not in _NAMES:
            yield f"{str(name)[:80]!r} is no part of a server"
    yield from _wrong_way(parts)
    for name in ("args", "tools"):
        if not _is_texts(parts.get(name, [])):
            yield f"{name} must be a list of texts"
    if not _is_named(parts.get("env"), _NAME):
        yield "env must hold texts by the name of a variable"
    if not _is_named(parts.get("headers"), _HEADER):
        yield "headers must hold texts by the name of a header"
    timeout = parts.get("timeout", 1)
    if not isinstance(timeout, int | float) or isinstance(timeout, bool) or not 1 <= timeout <= MAX_TIMEOUT_S:
        yield f"timeout must be seconds, from 1 to {MAX_TIMEOUT_S}"
    if not isinstance(parts.get("enabled", True), bool):
        yield "enabled must be true or false"


def _wrong_way(parts: Mapping[Any, Any]) -> Iterator[str]:
    """What is wrong with how it would be reached."""
    command, url = parts.get("command"), parts.get("url")
    if (command is None) == (url is None):
        yield "it must have either a command or a url"
    if command is not None and not (_is_text(command) or (_is_texts(command) and command)):
        yield "command must be a program, or a list of words"
    if url is not None and not (_is_text(url) and _may_be_url(url)):
        yield "url must be an http or https address without a user or a password"
    if parts.get("type", _KINDS[0]) not in _KINDS:
        yield "only servers on standard input and output, and streamable HTTP, can be used"


def _is_text(value: object) -> bool:
    """A text of one line, in which nothing hides."""
    return (
        isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isprintable() and bool(value.strip())
    )


def _is_texts(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= _MOST
        and all(each == "" or _is_text(each) for each in value)
    )


def _is_named(value: object, names: re.Pattern[str]) -> bool:
    if value is None:
        return True
    return (
        isinstance(value, dict)
        and len(value) <= _MOST
        and all(isinstance(name, str) and names.fullmatch(name) for name in value)
        and all(each == "" or _is_text(each) for each in value.values())
    )


def _may_be_url(url: str) -> bool:
    """Variables may stand anywhere in it; what they come to is judged when it is asked."""
    if url.startswith("${"):
        return True
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and "@" not in parts.netloc
