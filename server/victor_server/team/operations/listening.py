"""Opens the sockets that the backend listens on, and says which TLS they speak."""

import contextlib
import socket
import ssl

from victor_server.errors import SettingsError
from victor_server.policy.hosts import is_this_machine
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
        return _context(listen)
    if not is_this_machine(listen.host) and not listen.proxy_headers_from:
        raise SettingsError(
            f"Nobody would encrypt what is said to {listen.host}:{listen.port}.",
            "Set listen.tls, or listen.proxy_headers_from to the proxy that ends TLS.",
        )
    return None


def _context(listen: Listen) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.options |= ssl.OP_NO_COMPRESSION
    try:
        context.load_cert_chain(listen.tls_certificate or "", listen.tls_key)
    except (OSError, ssl.SSLError):
        raise SettingsError(
            "The certificate or its key cannot be read, or do not belong together.",
            "Look at listen.tls.certificate and listen.tls.key.",
        ) from None
    return context
