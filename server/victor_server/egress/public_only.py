"""Connections to public servers alone: for addresses that somebody else chose, such as a model."""

import asyncio
import ipaddress
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from victor_server.egress.connections import Timeouts
from victor_server.egress.factory import Egress
from victor_server.egress.gate import Resolve, system_resolve
from victor_server.egress.model import Blocked
from victor_server.egress.proxies import proxy_for
from victor_server.errors import OfflineBlocked, SettingsError, VictorError
from victor_server.policy.host_list import host_list
from victor_server.policy.hosts import Address, Destination, is_this_machine, parse_destination, read_address
from victor_server.policy.policy import HoldsPolicy

if TYPE_CHECKING:
    import httpx2

_log = logging.getLogger(__name__)

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_REASON = "it is no public server, and an address of somebody else's choice must not lead inside"


class PublicOnly:
    """Makes clients as `Egress` does, for hosts that lead to public addresses or are in the policy's `allowed_hosts`.

    `fix` says where those are written. What the policy says holds as well. Behind a proxy only the name is judged: the proxy looks it up.
    """

    def __init__(
        self,
        policy: HoldsPolicy,
        *,
        record: Callable[[Blocked], None],
        environment: Mapping[str, str],
        fix: str,
        ca_file: Path | None = None,
        resolve: Resolve = system_resolve,
    ) -> None:
        self._policy = policy
        self._fix = fix
        self._record = record
        self._resolve = resolve
        self._proxies = _proxy_hosts(environment)
        self._egress = Egress(
            policy, record=record, environment=environment, ca_file=ca_file, resolve=self._public_addresses
        )

    def httpx2_client(self, base_url: str, *, purpose: str, timeouts: Timeouts) -> "httpx2.AsyncClient":
        """A client for the server at `base_url`; blocks. Raises OfflineBlocked, SettingsError."""
        destination = parse_destination(base_url)
        if not self._may_be_tried(destination):
            self._tell(Blocked(str(destination), purpose, _REASON))
            raise OfflineBlocked(f"No connection to {destination} for {purpose}: {_REASON}.", self._fix)
        return self._egress.httpx2_client(base_url, purpose=purpose, timeouts=timeouts)

    def _may_be_tried(self, destination: Destination) -> bool:
        """By what it says, before it is looked up."""
        host, listed = destination.host, host_list(self._policy.now().allowed_hosts)
        address = read_address(host)
        if address is not None:
            return is_public(address) or listed.has_address(address)
        is_inside = is_this_machine(host) or host in self._proxies or "." not in host
        return not is_inside or listed.has_name(host)

    async def _public_addresses(self, host: str, port: int) -> Sequence[str]:
        found = await self._resolve(host, port)
        listed = host_list(self._policy.now().allowed_hosts)
        if host in self._proxies or listed.has_name(host):
            return found
        public = [each for each in found if _may_be_reached(each, listed.has_address)]
        if found and not public:
            reason = f"{_REASON}; its name leads to {found[0]}"
            await asyncio.to_thread(
                self._tell, Blocked(f"{host}:{port}", "what somebody else chose", reason, found[0])
            )
            # Who chose the name may be somebody else's guest: the record alone says what the names inside mean.
            raise OfflineBlocked(f"No connection to {host}: {_REASON}.", self._fix)
        return public

    def _tell(self, blocked: Blocked) -> None:
        try:
            self._record(blocked)
        except VictorError as error:
            # It stays blocked; that nobody could write it down must not let it through.
            _log.error("a blocked connection was not recorded: %s", error.message)


def is_public(address: Address) -> bool:
    """Whether an address means the same machine everywhere, and so does what it wraps."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64:
            inner.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
        if any(each is not None and not is_public(each) for each in inner):
            return False
    return address.is_global and not address.is_multicast


def _may_be_reached(text: str, is_listed: Callable[[Address], bool]) -> bool:
    address = read_address(text)
    return address is not None and (is_public(address) or is_listed(address))


def _proxy_hosts(environment: Mapping[str, str]) -> frozenset[str]:
    """The proxies themselves: they may well stand inside, and are nobody's pages."""
    hosts = set()
    for scheme in ("http", "https"):
        with suppress(SettingsError):  # said when a client is made
            proxy = proxy_for(parse_destination(f"{scheme}://example.org"), environment)
            if proxy is not None:
                hosts.add(proxy.destination.host)
    return frozenset(hosts)
