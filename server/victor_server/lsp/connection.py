"""One connection from its first byte to its last: transport, guard and session put together."""

import asyncio
import logging
import signal
from collections.abc import Callable
from typing import cast

from pygls.lsp.server import LanguageServer

from victor_server.lsp.blocking import DaemonExecutor
from victor_server.lsp.client import Client
from victor_server.lsp.converter import lsp_converter
from victor_server.lsp.guard import Guard
from victor_server.lsp.services import OpenServices, ResolveSettings
from victor_server.lsp.session import DELAYS, Delays, Session
from victor_server.lsp.transport import Connection, Wire


def run(wire: Wire, open_services: OpenServices, resolve_settings: ResolveSettings) -> int:
    """Serve the wire until it ends; returns the exit code."""
    # At INFO pygls writes whole messages into the log: source, and whatever secrets stand in it.
    logging.getLogger("pygls.protocol.json_rpc").setLevel(logging.WARNING)
    try:
        return asyncio.run(serve(wire, open_services, resolve_settings))
    except KeyboardInterrupt:
        # Where no handler of ours could be set; serve has ended in order all the same.
        return 1


async def serve(
    wire: Wire, open_services: OpenServices, resolve_settings: ResolveSettings, delays: Delays = DELAYS
) -> int:
    """Serve the wire until the client says `exit`, goes away, or a signal comes."""
    asyncio.get_running_loop().set_default_executor(DaemonExecutor())
    guard = _make_guard()
    session = Session(Client(guard), open_services, resolve_settings, delays)
    connection = Connection(wire, guard.receive, lambda: session.end(0 if session.shut_down else 1))
    guard.serve(session, connection.send)
    _on_signals(lambda: session.end(1))
    connection.start()
    try:
        return await session.ended
    finally:
        await guard.close()
        await session.close()
        connection.close()


def _make_guard() -> Guard:
    # pygls' protocol asks for the server that it belongs to; nothing else of that server is used.
    server = LanguageServer("victor", "", protocol_cls=Guard, converter_factory=lsp_converter)
    return cast(Guard, server.protocol)


def _on_signals(action: Callable[[], None]) -> None:
    """End in order on SIGTERM and SIGINT, where the system and the thread allow it."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, action)
        except (NotImplementedError, RuntimeError, ValueError):
            # Windows has no such handlers; elsewhere than in the main thread they cannot be set.
            return
