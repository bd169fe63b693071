"""Lets a connection pass or blocks it: what each client of the factory asks before every request and connection."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from victor_server.egress import guard
from victor_server.egress.model import Blocked
from victor_server.egress.proxies import Proxy
from victor_server.errors import OfflineBlocked, VictorError
from victor_server.policy.destinations import Verdict, decide
from victor_server.policy.hosts import (
    Destination,
    is_this_machine,
    parse_destination,
    plain_host,
    read_address,
)
from victor_server.policy.policy import HoldsPolicy

_log = logging.getLogger(__name__)

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Looks a host name up: the addresses that it leads to, best first. Raises OSError."""

MAX_ADDRESSES = 8
"""No more addresses of one name are tried."""

_LOOPBACK = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Gate:
    """The way to one destination, and to nothing else.

    `policy` is asked anew for each request and connection. `proxy` None: directly. `record` is told of everything that is blocked, in a thread: it may wait for a disk.
    """

    policy: HoldsPolicy
    destination: Destination
    proxy: Proxy | None
    purpose: str
    record: Callable[[Blocked], None]
    resolve: Resolve

    async def check_request(self, scheme: str, host: str, port: int | None) -> None:
        """Raise OfflineBlocked unless a request goes to the destination, scheme and port included: the first one of
        a call, and each to which a server redirects.
        """
        told = self.destination
        wanted = _Place(host, port or {"http": 80, "https": 443}.get(scheme, 0))
        if (scheme, plain_host(host), wanted.port) != (told.scheme, told.host, told.port):
            reason = f"this connection is for {told.scheme}://{told}, and no server may send it elsewhere"
            await self._block(wanted, reason, "If the server has moved, write its new address as `base_url`.")
        verdict = decide(self.policy.now(), told.host)
        if not verdict.allowed:
            await self._block(wanted, verdict.reason, verdict.fix)

    async def addresses(self, host: str, port: int, within_s: float | None = None) -> Sequence[str]:
        """The addresses to connect to, all of them allowed; looking them up may take `within_s` seconds.

        Raises OfflineBlocked where none is allowed, OSError where the name leads nowhere, TimeoutError.
        """
        wanted = _Place(host, port)
        told = self.proxy.destination if self.proxy else self.destination
        if (plain_host(host), port) != (told.host, told.port):
            await self._block(wanted, "nobody has said that Victor connects there")
        before = decide(self.policy.now(), told.host)
        if not before.allowed:
            await self._block(wanted, before.reason, before.fix)
        async with asyncio.timeout(within_s):
            found = await self._look_up(told)
        policy = self.policy.now()
        verdicts = [(address, decide(policy, told.host, (address,))) for address in found]
        allowed = [address for address, verdict in verdicts if verdict.allowed]
        if not allowed:
            address, verdict = verdicts[0] if verdicts else ("", Verdict(False, "its name leads nowhere"))
            await self._block(wanted, verdict.reason, verdict.fix, address)
        return allowed

    async def block_socket(self, path: str) -> None:
        """Raise OfflineBlocked: no destination is a socket file."""
        await self._block(_Place(path, 0), "sockets of this machine are not among what Victor connects to")

    async def _look_up(self, told: Destination) -> Sequence[str]:
        if read_address(told.host) is not None:
            return (told.host,)
        if is_this_machine(told.host):
            return _LOOPBACK  # by definition, whatever somebody's hosts file says
        with guard.announced_name(told.host):
            found = await self.resolve(told.host, told.port)
        return tuple(dict.fromkeys(found))[:MAX_ADDRESSES]

    async def _block(self, wanted: "_Place", reason: str, fix: str = "", address: str = "") -> None:
        blocked = Blocked(str(wanted), self.purpose, reason, address)
        try:
            await asyncio.to_thread(self.record, blocked)
        except VictorError as error:
            # It stays blocked; that nobody could write it down must not let it through.
            _log.error("a blocked connection was not recorded: %s", error.message)
        via = " (the proxy)" if self.proxy and str(self.proxy.destination) == str(wanted) else ""
        raise OfflineBlocked(f"No connection to {wanted}{via} for {self.purpose}: {reason}.", fix)


@dataclass(frozen=True, slots=True)
class _Place:
    host: str
    port: int

    def __str__(self) -> str:
        host = self.host.encode("ascii", "backslashreplace").decode()
        host = "".join(char if char.isprintable() else "?" for char in host)[:255]
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}" if self.port else host


async def system_resolve(host: str, port: int) -> Sequence[str]:
    """The addresses that this system knows for a name."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def open_gate(
    policy: HoldsPolicy,
    base_url: str,
    purpose: str,
    *,
    proxy_of: Callable[[Destination], Proxy | None],
    record: Callable[[Blocked], None],
    resolve: Resolve,
) -> Gate:
    """The gate for the server at `base_url`. Raises SettingsError for an address or proxy that cannot be used."""
    destination = parse_destination(base_url)
    return Gate(policy, destination, proxy_of(destination), purpose, record, resolve)
