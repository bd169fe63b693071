"""One connection to a server, by the library of the protocol: what it offers, and what it answers."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import mcp_types as types
from mcp.client._transport import TransportStreams
from mcp.client.session import ClientRequestContext, ClientSession, IncomingMessage
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from pydantic import FileUrl, ValidationError

from victor_server import __version__
from victor_server.agent.mcp.model import ConnectionEnded, Listing, Result, Server
from victor_server.agent.mcp.process import MAX_LINE, Process
from victor_server.agent.mcp.results import text_of_result
from victor_server.agent.mcp.sifting import Sifted
from victor_server.agent.mcp.stdio import process_streams
from victor_server.agent.mcp.words import MAX_TOOLS, listing_of, plain
from victor_server.egress.answers import bound_answers
from victor_server.egress.connections import Connections, Timeouts
from victor_server.errors import BadResponse, Unavailable, VictorError

_MAX_PAGES = 20
_MAX_SAID = 500
_TALKATIVE = ("mcp", "client")


class Connection:
    """An open session. Use it from the event loop that opened it."""

    def __init__(self, server: Server, session: ClientSession) -> None:
        self._server = server
        self._session = session

    async def listed(self) -> Listing:
        """Its tools as they are now. Raises Unavailable, BadResponse."""
        said: list[tuple[str, str, Mapping[str, Any]]] = []
        cursor: str | None = None
        for _ in range(_MAX_PAGES):
            params = types.PaginatedRequestParams(cursor=cursor)
            page = await self._asked(self._session.list_tools(params=params))
            said += [(each.name, each.description or "", each.input_schema) for each in page.tools]
            cursor = page.next_cursor
            if not cursor or len(said) > 2 * MAX_TOOLS:
                break
        return listing_of(self._server.name, said)

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> Result:
        """What a tool gives back; a cancel is passed on. Raises Unavailable, BadResponse."""
        # Not the library's `call_tool`: that checks results by whatever patterns the server wrote.
        params = types.CallToolRequestParams(name=tool, arguments=dict(arguments))
        request = types.CallToolRequest(params=params)
        found = await self._asked(self._session.send_request(request, types.CallToolResult))
        return text_of_result(found)

    async def _asked(self, asking: Any) -> Any:
        name, limit_s = self._server.name, self._server.timeout_s
        try:
            async with asyncio.timeout(limit_s):
                return await asking
        except TimeoutError:
            raise Unavailable(f"The MCP server {name} did not answer within {limit_s:g} s.") from None
        except (MCPError, ValidationError, RuntimeError) as error:
            raise in_words(name, error) from None


def in_words(name: str, error: Exception) -> VictorError:
    """An error of the library, as one of ours."""
    if isinstance(error, MCPError):
        if error.error.code == types.CONNECTION_CLOSED:
            return ConnectionEnded(f"The MCP server {name} has ended, or its connection has.")
        said = plain(error.error.message, _MAX_SAID)
        return Unavailable(f"The MCP server {name} answered with an error: {said}")
    if isinstance(error, ValidationError):
        return BadResponse(f"The MCP server {name} answered what its protocol does not know.")
    return Unavailable(f"The MCP server {name} cannot be used ({type(error).__name__}).")


@asynccontextmanager
async def over_process(
    server: Server, process: Process, root: Path, changed: Callable[[], None]
) -> AsyncGenerator[Connection, None]:
    """A connection to a started process, which ends with it. Raises Unavailable, BadResponse."""
    async with AsyncExitStack() as stack:
        streams = await stack.enter_async_context(process_streams(process))
        yield await _session(stack, server, streams, root, changed)


@asynccontextmanager
async def over_http(
    server: Server, connections: Connections, root: Path, changed: Callable[[], None]
) -> AsyncGenerator[Connection, None]:
    """A connection to a server's address. Raises OfflineBlocked, SettingsError, Unavailable, BadResponse."""
    timeouts = Timeouts(connect_s=10.0, read_s=server.timeout_s)
    purpose = f"MCP server {server.name}"
    client = await asyncio.to_thread(
        connections.httpx2_client, server.url, purpose=purpose, timeouts=timeouts
    )
    bound_answers(client, MAX_LINE)
    client.headers.update(server.headers)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(client)
        transport = streamable_http_client(server.url, http_client=client, max_sse_event_size=MAX_LINE)
        streams = await stack.enter_async_context(transport)
        yield await _session(stack, server, streams, root, changed)


async def _session(
    stack: AsyncExitStack, server: Server, streams: TransportStreams, root: Path, changed: Callable[[], None]
) -> Connection:
    _keep_quiet()
    read, write = streams

    async def roots(context: ClientRequestContext) -> types.ListRootsResult:
        return types.ListRootsResult(roots=[types.Root(uri=FileUrl(root.as_uri()), name=root.name)])

    async def heard(message: IncomingMessage) -> None:
        if isinstance(message, types.ToolListChangedNotification):
            changed()

    session = ClientSession(
        Sifted(read),
        write,
        list_roots_callback=roots,
        message_handler=heard,
        client_info=types.Implementation(name="victor", version=__version__),
    )
    await stack.enter_async_context(session)
    await _shake_hands(session, server.name)
    return Connection(server, session)


async def _shake_hands(session: ClientSession, name: str) -> None:
    try:
        await session.initialize()
    except MCPError as error:
        if error.error.code in (types.CONNECTION_CLOSED, types.INTERNAL_ERROR):
            raise in_words(name, error) from None
        try:
            await session.discover()  # one that knows only what came later
        except (MCPError, ValidationError, RuntimeError):
            raise in_words(name, error) from None
    except (ValidationError, RuntimeError) as error:
        raise in_words(name, error) from None


def _keep_quiet() -> None:
    """The library writes whole messages and tracebacks of a server's faults into the log."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL)
