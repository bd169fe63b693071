"""`victor lsp`: the language server, on standard input and output or on a socket."""

import argparse
import logging
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from victor_server.compose.log_file import LogFile
from victor_server.compose.log_format import handler_without_quotes
from victor_server.compose.window import Window
from victor_server.errors import UsageError

if TYPE_CHECKING:
    from victor_server.compose.services import Services
    from victor_server.lsp.services import OpenServices, ResolveSettings
    from victor_server.settings.load import Resolved
    from victor_server.settings.resolved import Settings


def serve(arguments: Sequence[str]) -> int:
    """Serve one client until it leaves; returns the exit code that the protocol asks for."""
    asked = _parser().parse_args(arguments)
    address = None if asked.socket is None else _address(asked.socket)
    logging.basicConfig(handlers=[handler_without_quotes(), LogFile()])
    from victor_server.lsp.server import serve_socket, serve_stdio

    if address is None:
        if sys.stdin.isatty():
            sys.stderr.write(
                "An editor starts this and speaks to it; docs/editors.md says how. Ctrl-C ends it.\n"
            )
        return _serve(serve_stdio)
    return _serve(partial(serve_socket, *address))


def _serve(serve: "Callable[[OpenServices, ResolveSettings], int]") -> int:
    window = Window()
    try:
        return serve(partial(_open_services, window), _resolve)
    finally:
        window.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="victor lsp", description="The language server, for an editor to start."
    )
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--stdio", action="store_true", help="speak on standard input and output (the default)")
    way.add_argument("--socket", metavar="HOST:PORT", help="wait for one client on this machine instead")
    # Some clients say who they are on the command line as well; `initialize` is where that is read.
    parser.add_argument("--clientProcessId", help=argparse.SUPPRESS)
    return parser


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65_535:
        raise UsageError(f"{text} is not an address.", "Write it like 127.0.0.1:7345.")
    return host.strip("[]"), int(port)


def _resolve(sources: Sequence[tuple[str, Mapping[str, object]]], folder: Path | None) -> "Resolved":
    from victor_server.settings.load import resolve

    return resolve(sources, folder=folder)


def _open_services(window: Window, settings: "Settings") -> "Services":
    # Loaded here, after the answer to `initialize` is on its way.
    from victor_server.compose.services import open_services
    from victor_server.settings.home import create_home

    logging.getLogger().setLevel(settings.log.level.upper())
    create_home(settings.home)
    services = open_services(settings, window)
    if not settings.lazy_loading:
        threading.Thread(target=_load_now, args=(services,), name="victor-load", daemon=True).start()
    return services


def _load_now(services: "Services") -> None:
    """The first check of a document loads the rules; here it is done before anybody waits for it."""
    from victor_server.features.secrets_on_save.model import Source
    from victor_server.features.workspace_files import WorkspaceFiles

    services.secrets.check(Source("", "none.txt"), WorkspaceFiles({}))
