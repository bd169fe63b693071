"""Watches every connection that this process begins, and lets none of them out of this machine."""

import contextlib
import ipaddress
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Connects:
    """What was tried while somebody watched: (address, port), and names that were looked up."""

    tried: list[tuple[str, int]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


_watching: list[Connects] = []
_hooked: list[bool] = []


@contextlib.contextmanager
def watched_connects() -> Iterator[Connects]:
    """Within this, connections are written down; those to other machines fail as on one without a network."""
    if not _hooked:
        sys.addaudithook(_hook)
        _hooked.append(True)
    seen = Connects()
    _watching.append(seen)
    try:
        yield seen
    finally:
        _watching.remove(seen)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching:
        return
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        sock, address = arguments
        if sock.family not in (socket.AF_INET, socket.AF_INET6) or address is None:
            return
        host, port = str(address[0]), int(address[1])
        for each in _watching:
            each.tried.append((host, port))
        if not ipaddress.ip_address(host.partition("%")[0]).is_loopback:
            raise OSError(101, "Network is unreachable")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        for each in _watching:
            each.names.append(str(arguments[0]))
