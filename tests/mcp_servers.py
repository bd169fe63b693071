"""Servers of the Model Context Protocol for tests, and a window that uses them."""

import json
import sys
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from direct_connections import DirectConnections

from victor_server.agent.mcp.running import Surroundings
from victor_server.agent.mcp.servers import McpServers, Offered
from victor_server.agent.permissions.model import Answer, Permitted, Verdict, Wanted
from victor_server.egress.connections import Connections
from victor_server.policy.policy import Policy

PROGRAM = Path(__file__).with_name("mcp_program.py")
RAW = Path(__file__).with_name("mcp_raw.py")
SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}}


def tool(name: str, description: str = "Does it.", schema: Mapping[str, Any] = SCHEMA) -> dict[str, Any]:
    """A tool as a server lists it."""
    return {"name": name, "description": description, "inputSchema": schema}


class RawServer:
    """What such a server says, and heard; it may be told otherwise while it runs."""

    def __init__(self, file: Path, *tools: Any, **more: Any) -> None:
        self.file = file
        self.told: dict[str, Any] = {"tools": list(tools), **more}
        self.write()

    def write(self) -> None:
        """Let it be so from its next answer on."""
        self.file.write_text(json.dumps(self.told), encoding="utf-8")

    @property
    def command(self) -> list[str]:
        """How it is started."""
        return [sys.executable, str(RAW), str(self.file)]

    @property
    def heard(self) -> Sequence[Any]:
        """The messages that came."""
        file = Path(f"{self.file}.heard")
        return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []

    def n_heard(self, method: str) -> int:
        """How many of one kind."""
        return sum(each.get("method") == method for each in self.heard)


def write_servers(home: Path, **servers: Any) -> None:
    """VICTOR_HOME/mcp.yaml; JSON is YAML too."""
    home.mkdir(mode=0o700, exist_ok=True)
    file = home / "mcp.yaml"
    file.write_text(json.dumps({"servers": servers}), encoding="utf-8")
    file.chmod(0o600)


class Permit:
    """Decides as it is told to, and remembers what it was asked."""

    def __init__(self, *, allowed: bool = True) -> None:
        self.allowed = allowed
        self.asked: list[Wanted] = []

    async def __call__(self, wanted: Wanted) -> Permitted:
        """As `Permit` of the servers."""
        self.asked.append(wanted)
        answer = Answer("once" if self.allowed else "no")
        return Permitted(self.allowed, "as told", Verdict("ask", "as told"), answer)


@asynccontextmanager
async def window(
    home: Path,
    environment: Mapping[str, str] | None = None,
    *,
    trusted: bool = False,
    policy: Policy | None = None,
    connections: Connections | None = None,
    clock: Callable[[], float] = time.monotonic,
    start_time_limit_s: float = 30.0,
) -> AsyncGenerator[McpServers, None]:
    """The servers of one window, all of which end with it."""
    around = Surroundings(
        environment or {}, policy or Policy(), connections or DirectConnections(), clock, start_time_limit_s
    )
    servers = McpServers(home, around, lambda _: trusted)
    try:
        yield servers
    finally:
        await servers.close()


def names_of(offered: Offered) -> list[str]:
    """What a model would call the tools."""
    return [each.spec.name for each in offered.tools]
