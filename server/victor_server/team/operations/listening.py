"""Opens the sockets that the backend listens on, and says which TLS they speak."""

import contextlib
import socket
import ssl
from pathlib import Path

from victor_server.errors import SettingsError
from victor_server.policy.hosts import is_this_machine
from victor_server.team.configuration.certificate import load_pair
from victor_server.team.configuration.resolved import Listen

BACKLOG = 2_048
UNACKNOWLEDGED_MS = 30_000
"""A connection whose other end acknowledges nothing for so long is dropped by the system, where it can."""


def open_listener(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises `SettingsError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "it is no address of this machine"
        raise SettingsError(
            f"Cannot listen on {host}:{port}: {reason}.", "Choose another: VICTOR_API_HOST, VICTOR_API_PORT."
        ) from None
    # Inherited by what it accepts; asyncio sets it only on sockets that name their protocol, and without it the end of
    # a short answer waits 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if option is not None:
        with contextlib.suppress(OSError):
            listener.setsockopt(socket.IPPROTO_TCP, option, UNACKNOWLEDGED_MS)
    return listener


def tls_context(listen: Listen) -> ssl.SSLContext | None:
    """TLS 1.3 and nothing older; None: plain, which only this machine or a declared proxy may speak to.

    Raises `SettingsError`.
    """
    if listen.tls_certificate is not None:
        return _context(listen.tls_certificate, listen.tls_key)
    if not is_this_machine(listen.host) and not listen.proxy_headers_from:
        raise SettingsError(
            f"Nobody would encrypt what is said to {listen.host}:{listen.port}.",
            "Set listen.tls, or listen.proxies to the proxy that ends TLS.",
        )
    return None


def _context(certificate: Path, key: Path | None) -> ssl.SSLContext:
    try:
        return load_pair(certificate, key)
    except OSError:
        raise SettingsError(
            "The certificate or its key cannot be read, or do not belong together.",
            "Look at listen.tls.certificate and listen.tls.key.",
        ) from None
