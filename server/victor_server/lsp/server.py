"""Runs the language server on stdio or on a socket, and says with which exit code it ended."""

import gc
import logging
import socket
from typing import TYPE_CHECKING

from victor_server.errors import UsageError
from victor_server.lsp.transport import Wire, socket_wire, take_stdio

if TYPE_CHECKING:
    from victor_server.lsp.services import OpenServices, ResolveSettings

logger = logging.getLogger(__name__)

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def serve_stdio(open_services: "OpenServices", resolve_settings: "ResolveSettings") -> int:
    """Serve the client that started this process. stdout is the wire from here on."""
    return _serve(take_stdio(), open_services, resolve_settings)


def serve_socket(
    host: str, port: int, open_services: "OpenServices", resolve_settings: "ResolveSettings"
) -> int:
    """Wait for one client on the loopback interface and serve it; nobody else can connect afterwards.

    Raises UsageError for an address that others could reach, or that is taken.
    """
    if host not in LOOPBACK:
        raise UsageError(
            f"{host} is not a loopback address", "Use 127.0.0.1: who can connect can read your files."
        )
    try:
        with socket.create_server((host, port), family=_family(host), backlog=1) as listener:
            logger.warning("listening on %s port %d", *listener.getsockname()[:2])
            connection, _ = listener.accept()
    except OSError as error:
        raise UsageError(
            f"cannot listen on {host}:{port}: {error.strerror}", "Choose another port."
        ) from error
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return _serve(socket_wire(connection), open_services, resolve_settings)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _serve(wire: Wire, open_services: "OpenServices", resolve_settings: "ResolveSettings") -> int:
    # Loading LSP's types makes very many objects that live for ever: to look for garbage among them meanwhile, and
    # again in each later collection, would make the start a fifth longer.
    gc.disable()
    from victor_server.lsp.connection import run

    gc.freeze()
    gc.enable()
    return run(wire, open_services, resolve_settings)
