"""Builds what MCP servers are started and asked with, for a window and for commands that run no agent."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from victor_server.agent.mcp.known import KnownServers
from victor_server.agent.mcp.model import ListedTool, Listing, Server
from victor_server.agent.mcp.running import Running, Surroundings
from victor_server.agent.mcp.servers import servers_in
from victor_server.agent.mcp.servers_file import WORKSPACE_FILE
from victor_server.agent.mcp.tool import spec_of
from victor_server.agent.providers.estimate import tokens_of_tool
from victor_server.audit.journal import Journal
from victor_server.compose.models import recorder
from victor_server.compose.restrictions import read_restrictions
from victor_server.egress.factory import Egress
from victor_server.errors import UsageError
from victor_server.policy.policy import HoldsPolicy
from victor_server.remote.journal import open_journal
from victor_server.settings.home import may_exist
from victor_server.settings.layer import Problem
from victor_server.settings.load import resolve
from victor_server.settings.resolved import Settings
from victor_server.settings.trust import TrustStore


@dataclass(frozen=True, slots=True)
class McpHere:
    """The servers of one folder, and what is wrong in what was written."""

    home: Path
    root: Path
    around: Surroundings
    servers: Sequence[Server]
    problems: Sequence[Problem]
    is_left_out: bool = False
    """Whether the folder has servers of its own, which are not read because nobody trusts it."""

    def server(self, name: str) -> Server:
        """The one of that name. Raises UsageError."""
        for each in self.servers:
            if each.name == name:
                return each
        names = ", ".join(each.name for each in self.servers) or "none"
        raise UsageError(
            f"There is no MCP server {name[:80]!r} here.", f"There are: {names}. See `victor mcp`."
        )

    def listing_of(self, server: Server) -> Listing | None:
        """What it offered when it was last asked, None if it never was."""
        known = KnownServers(self.home).of(server)
        return None if known is None else known.listing


def mcp_surroundings(
    settings: Settings, environment: Mapping[str, str], policy: HoldsPolicy, journal: Journal
) -> Surroundings:
    """A person's environment, and connections that the policy allows."""
    connections = Egress(
        policy, record=recorder(journal), environment=environment, ca_file=settings.network.ca_file
    )
    return Surroundings(environment, policy, connections, time.monotonic)


def open_mcp(environment: Mapping[str, str], folder: Path) -> McpHere:
    """The servers of a person in a folder; none is started. Raises SettingsError without a home."""
    settings = resolve(environment=environment).settings
    _read, decided = read_restrictions(settings.home, environment)
    journal = open_journal(settings)
    root = folder.resolve()
    is_trusted = TrustStore(settings.home).is_trusted
    servers, problems = servers_in(root, settings.home, is_trusted)
    is_left_out = may_exist(root / WORKSPACE_FILE) and not is_trusted(root)
    around = mcp_surroundings(settings, environment, decided.policy, journal)
    return McpHere(settings.home, root, around, servers, problems, is_left_out)


async def checked(here: McpHere, server: Server) -> Listing:
    """Start a server, ask for its tools, keep what it says, and end it. Raises as `Running.listed`."""
    running = Running(server, here.root, here.around)
    try:
        listing = await running.listed()
        await asyncio.to_thread(KnownServers(here.home).note, server, listing)
        return listing
    finally:
        await running.close()


def cost_of(tools: Sequence[ListedTool]) -> int:
    """How many tokens they add to every call of a model, at most."""
    return sum(tokens_of_tool(spec_of(each)) for each in tools)
