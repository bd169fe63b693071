"""Keeps this process from connecting past the factory: whatever a library tries, only announced connections open.

It sees what Python's own sockets do, in every thread. Code in C that opens a socket by itself is not seen: what holds
for that is a network namespace, as children get.
"""

import contextlib
import logging
import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from victor_server.egress.model import Blocked
from victor_server.errors import OfflineBlocked
from victor_server.policy.hosts import is_this_machine, plain_host, read_address

_log = logging.getLogger(__name__)

_PURPOSE = "a library of this process"
_REASON = "it was not announced by the part of Victor that makes all connections"
_LOOK_UPS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
_SENDS = ("socket.connect", "socket.sendto", "socket.sendmsg")

Record = Callable[[Blocked], None]


class ConnectionRefusedByGuard(OfflineBlocked, PermissionError):
    """A connection past the factory. Also a PermissionError, so that libraries take it for what it is to them."""


class _Announced:
    """What may be connected to and looked up now, in this process; several may announce the same."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.places: Counter[tuple[str, int]] = Counter()
        self.names: Counter[str] = Counter()
        self.services: dict[tuple[str, int], frozenset[str]] = {}
        """What this program is built on, such as its database: host and port, and the addresses last seen."""
        self.record: Record | None = None
        self.installed = False


_now = _Announced()


def install(record: Record | None = None) -> None:
    """From now on, for the life of this process, only what is announced may be connected to. Files, the sockets of
    this machine's own processes (AF_UNIX) and what is accepted stay as they are.

    It cannot be taken back, so it is for the start of a program. `record` as in `tell`.
    """
    if record is not None:
        tell(record)
    if not _now.installed:
        _now.installed = True
        sys.addaudithook(_hook)


def tell(record: Record) -> None:
    """Whom to tell of what is refused, in a thread of its own; before, it is in the log."""
    _now.record = record


@contextlib.contextmanager
def announced(address: str, port: int) -> Iterator[None]:
    """Within this, connections to one address and port may open."""
    with _counted(_now.places, (plain_host(address), port)):
        yield


@contextlib.contextmanager
def announced_name(host: str) -> Iterator[None]:
    """Within this, one name may be looked up."""
    with _counted(_now.names, plain_host(host)):
        yield


def announce_service(host: str, port: int) -> None:
    """For the life of this process, connections to `host` may open, whatever addresses it has by then.

    For what a program that serves others is built on, and its operator names: a database, Redis.
    """
    _now.services.setdefault((plain_host(host), port), frozenset())


@contextlib.contextmanager
def _counted(counter: "Counter[Any]", key: object) -> Iterator[None]:
    with _now.lock:
        counter[key] += 1
    try:
        yield
    finally:
        with _now.lock:
            counter[key] -= 1
            if not counter[key]:
                del counter[key]


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    # Called for every event that Python audits, so what is not ours leaves at the first look.
    if not event.startswith("socket."):
        return
    if event in _SENDS:
        _check_connect(arguments[0], arguments[1])
    elif event in _LOOK_UPS:
        _check_look_up(arguments[0])


def _check_connect(sock: socket.socket, address: Any) -> None:
    if address is None or sock.family == getattr(socket, "AF_UNIX", -1):
        return
    if sock.family in (socket.AF_INET, socket.AF_INET6):
        host, port = str(address[0]), int(address[1])
        if (plain_host(host), port) in _now.places or _is_socketpair(host) or _is_service(host, port):
            return
        _refuse(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    else:
        _refuse(f"a socket of family {sock.family}")


def _is_socketpair(host: str) -> bool:
    """Windows has no socketpair: Python makes one of a connection to itself, for every event loop."""
    if not is_this_machine(host):
        return False
    frame: FrameType | None = sys._getframe(3)  # noqa: SLF001  # the public way copies the whole stack
    return (
        frame is not None
        and frame.f_code.co_name in ("socketpair", "_fallback_socketpair")
        and frame.f_globals.get("__name__") == "socket"
    )


def _is_service(address: str, port: int) -> bool:
    """Whether it is an address of a service; one that moved is looked up once more."""
    services = [key for key in _now.services if key[1] == port]
    return any(address in _now.services[key] for key in services) or any(
        address in _looked_up(key) for key in services
    )


def _looked_up(service: tuple[str, int]) -> frozenset[str]:
    try:
        found = socket.getaddrinfo(*service, type=socket.SOCK_STREAM)
    except OSError:
        return frozenset()
    _now.services[service] = frozenset(str(each[4][0]) for each in found)
    return _now.services[service]


def _check_look_up(host: Any) -> None:
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if not text or read_address(text) is not None or is_this_machine(text):
        return  # nothing is asked of anybody for these
    if plain_host(text) not in _now.names and all(plain_host(text) != name for name, _ in _now.services):
        _refuse(str(text))


def _refuse(place: str) -> None:
    place = "".join(char if char.isprintable() else "?" for char in place)[:255]
    _tell(Blocked(place, _PURPOSE, _REASON))
    raise ConnectionRefusedByGuard(f"No connection to {place} for {_PURPOSE}: {_REASON}.")


def _tell(blocked: Blocked) -> None:
    record = _now.record
    if record is None:
        _log.warning("refused a connection to %s for %s", blocked.destination, blocked.purpose)
        return

    def recorded() -> None:
        try:
            record(blocked)
        except Exception:  # noqa: BLE001  # the edge of a thread: what is blocked stays blocked
            _log.exception("a blocked connection was not recorded")

    try:
        # Not here: whoever connects may hold locks or be an event loop, and a record waits for the disk.
        threading.Thread(target=recorded, name="victor-blocked").start()
    except RuntimeError:
        recorded()  # the interpreter is about to end and starts no more threads
