"""`victor mcp`: which MCP servers there are, what they offer, and what each costs."""

import asyncio
import json as jsonlib
import os
from pathlib import Path
from typing import Any

from victor_server.agent.mcp.model import Listing, Server
from victor_server.agent.mcp.servers_file import FILE_NAME, WORKSPACE_FILE, variables_of
from victor_server.cli.chat.neutral import neutral
from victor_server.compose.mcp import McpHere, checked, cost_of, open_mcp


def run_list(*, json: bool) -> int:
    """Print the servers of the current folder; none is started."""
    here = open_mcp(os.environ, Path())
    if json:
        print(jsonlib.dumps(_document(here)))
        return 1 if here.problems else 0
    for each in here.servers:
        print(neutral(_line(each, here.listing_of(each))))
    if not here.servers:
        print(f"no MCP servers; they are written into {here.home / FILE_NAME}")
    if here.is_left_out:
        print(
            neutral(f"{here.root / WORKSPACE_FILE} is not read: this folder is not trusted (`victor trust`)")
        )
    for problem in here.problems:
        print(neutral(problem.told))
    return 1 if here.problems else 0


def run_check(name: str, *, json: bool) -> int:
    """Start one server, print what it offers, and end it. Raises as `McpHere.server`, and what keeps it from starting."""
    here = open_mcp(os.environ, Path())
    server = here.server(name)
    listing = asyncio.run(checked(here, server))
    if json:
        print(jsonlib.dumps(_server_document(server, listing) | {"tools": _tools(listing)}))
        return 0
    print(neutral(_line(server, listing)))
    for tool in listing.tools:
        print(neutral(f"  {tool.full_name}  {cost_of([tool])} tokens\n    {_beginning(tool.description)}"))
    for each in listing.left_out:
        print(neutral(f"  left out: {each}"))
    return 0


def _line(server: Server, listing: Listing | None) -> str:
    way = server.url or " ".join(server.command)
    whose = "" if server.source == "home" else ", of this repository"
    if listing is None:
        return f"{server.name}: {way}{whose}; not asked for its tools yet"
    return f"{server.name}: {way}{whose}; {len(listing.tools)} tools, {cost_of(listing.tools)} tokens in every call"


def _beginning(description: str) -> str:
    line = " ".join(description.split())
    return line if len(line) <= 160 else f"{line[:159]}…"


def _document(here: McpHere) -> dict[str, Any]:
    return {
        "servers": [_server_document(each, here.listing_of(each)) for each in here.servers],
        "problems": [
            {"source": each.source, "line": each.line, "message": each.message} for each in here.problems
        ],
    }


def _server_document(server: Server, listing: Listing | None) -> dict[str, Any]:
    return {
        "name": server.name,
        "source": server.source,
        "file": server.place,
        "command": list(server.command),
        "url": server.url,
        "given": list(variables_of(server)),
        "n_tools": None if listing is None else len(listing.tools),
        "tokens": None if listing is None else cost_of(listing.tools),
        "left_out": [] if listing is None else list(listing.left_out),
    }


def _tools(listing: Listing) -> list[dict[str, Any]]:
    return [
        {"name": each.full_name, "description": each.description, "tokens": cost_of([each])}
        for each in listing.tools
    ]
