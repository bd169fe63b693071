"""The servers of one window: which there are in a workspace, what of them a turn may use, and that all of them end."""

import asyncio
import logging
import shlex
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any

from victor_server.agent.mcp.known import Known, KnownServers
from victor_server.agent.mcp.model import ListedTool, Result, Server
from victor_server.agent.mcp.running import Running, Surroundings
from victor_server.agent.mcp.servers_file import read_servers, read_workspace_servers
from victor_server.agent.mcp.tool import McpTool
from victor_server.agent.permissions.model import Permitted, Wanted
from victor_server.agent.tools.tool import Touched
from victor_server.errors import SettingsError, Unavailable, VictorError
from victor_server.settings.layer import Problem

logger = logging.getLogger(__name__)

Permit = Callable[[Wanted], Awaitable[Permitted]]
"""Decides whether something may happen, a person asked where it takes one."""


@dataclass(frozen=True, slots=True)
class Offered:
    """The tools of all servers, and sentences for the person about what is missing."""

    tools: tuple[McpTool, ...] = ()
    notes: tuple[str, ...] = ()


class McpServers:
    """Use it from one event loop, but for `let_go`."""

    def __init__(self, home: Path, around: Surroundings, is_trusted: Callable[[Path], bool]) -> None:
        self._home = home
        self._around = around
        self._is_trusted = is_trusted
        self._known = KnownServers(home)
        self._running: dict[tuple[Path, str], Running] = {}
        self._refused: set[tuple[Path, str]] = set()

    async def offered(self, root: Path, permit: Permit) -> Offered:
        """What a turn in a workspace may use. A server whose tools are not known yet is started and asked.

        What a repository wants started is asked of `permit` first, as `mcp_start__SERVER__…`. Raises nothing.
        """
        servers, problems = await asyncio.to_thread(servers_in, root, self._home, self._is_trusted)
        await self._drop(root, {(root, each.digest) for each in servers})
        notes = [each.told for each in problems]
        allowed = [each for each in servers if await self._may_start(each, root, permit)]
        found = await asyncio.gather(*(self._of(each, root) for each in allowed))
        tools = [tool for offered in found for tool in offered.tools]
        return Offered(tuple(tools), (*notes, *(note for offered in found for note in offered.notes)))

    async def close(self) -> None:
        """End all servers."""
        running, self._running = list(self._running.values()), {}
        await asyncio.gather(*(each.close() for each in running))

    def let_go(self) -> None:
        """End all servers without waiting for that, from any thread."""
        for each in list(self._running.values()):
            each.let_go()

    async def _drop(self, root: Path, wanted: set[tuple[Path, str]]) -> None:
        """End what is written no more, or otherwise."""
        gone = [key for key in self._running if key[0] == root and key not in wanted]
        await asyncio.gather(*(self._running.pop(key).close() for key in gone))

    async def _may_start(self, server: Server, root: Path, permit: Permit) -> bool:
        key = (root, server.digest)
        if server.source == "home" or key in self._running:
            return True
        if key in self._refused:
            return False
        permitted = await permit(_to_start(server, root))
        if not permitted.allowed and permitted.answer is not None and permitted.answer.kind != "cancelled":
            self._refused.add(key)  # until the window is closed: who said no need not say it again
        return permitted.allowed

    async def _of(self, server: Server, root: Path) -> Offered:
        running = self._running.setdefault((root, server.digest), Running(server, root, self._around))
        try:
            known = await asyncio.to_thread(self._known.of, server)
            if known is None or running.has_changed:
                known = await self._noted(running)
        except VictorError as error:
            logger.info("the MCP server %s is left out", server.name)
            return Offered(
                (),
                (
                    f"The tools of the MCP server {server.name} are missing. {error.message} {error.fix}".strip(),
                ),
            )
        return Offered(self._tools(running, known))

    def _tools(self, running: Running, known: Known) -> tuple[McpTool, ...]:
        server = running.server
        return tuple(
            McpTool(server.name, each, partial(self._call, running), known.why_asked(each))
            for each in known.listing.tools
            if any(fnmatchcase(each.name, pattern) for pattern in server.tools)
        )

    async def _noted(self, running: Running) -> Known:
        listing = await running.listed()
        try:
            return await asyncio.to_thread(self._known.note, running.server, listing)
        except SettingsError as error:
            raise Unavailable(f"What it offers could not be kept. {error.message}", error.fix) from None

    async def _call(self, running: Running, tool: ListedTool, arguments: Mapping[str, Any]) -> Result:
        """Call a tool that is still what was permitted."""
        known = await self._noted(running)
        now = {each.name: each.digest for each in known.listing.tools}
        if now.get(tool.name) != tool.digest:
            gone = "no longer offers it" if tool.name not in now else "now says something else of it"
            raise Unavailable(
                f"{tool.full_name} was not called: its server {gone}.",
                "What it says now is told with the next question.",
            )
        if known.why_asked(tool):
            await asyncio.to_thread(self._known.accept, running.server, tool)
        return await running.call(tool.name, arguments)


def servers_in(
    root: Path, home: Path, is_trusted: Callable[[Path], bool]
) -> tuple[Sequence[Server], Sequence[Problem]]:
    """Those of the person, then those of a trusted workspace that bear no name of theirs. Blocks."""
    own = read_servers(home)
    if not is_trusted(root):
        return own.servers, own.problems
    here = read_workspace_servers(root)
    names = {each.name for each in own.servers}
    taken = [
        Problem(each.place, None, f"{each.name} is not used: you have a server of that name")
        for each in here.servers
        if each.name in names
    ]
    others = [each for each in here.servers if each.name not in names]
    return (*own.servers, *others), (*own.problems, *here.problems, *taken)


def _to_start(server: Server, root: Path) -> Wanted:
    """What a person is asked before a repository's server is started: all that is known of it."""
    title = f"Start the MCP server {server.name} of this repository"
    if server.url:
        title = f"Connect to the MCP server {server.name} of this repository"
    touched = Touched(title, sent="\n".join([f"{title}:", *_definition(server)]))
    number = server.digest[:8]
    name = f"mcp_start__{server.name}__{number}"
    return Wanted(name, "fetch" if server.url else "execute", touched, root, call_id=f"mcp_start_{number}")


def _definition(server: Server) -> Sequence[str]:
    command = [shlex.join(server.command)] if server.command else [server.url]
    given = [f"{name}={value}" for name, value in {**server.environment, **server.headers}.items()]
    return [*command, *(f"with {each}" for each in given)]
