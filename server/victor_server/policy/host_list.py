"""Lists of hosts as people write them: names, domains, addresses and networks."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from victor_server.policy.hosts import Address, plain_host, read_address

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_WIDEST = {4: 8, 6: 7}
"""A network with fewer bits in front than this is no network inside an organisation."""


@dataclass(frozen=True, slots=True)
class HostList:
    """What a list allows. `domains` begin with a dot and hold every name below them, not themselves."""

    names: frozenset[str]
    domains: tuple[str, ...]
    networks: tuple[Network, ...]

    def has_name(self, name: str) -> bool:
        """Whether a plain host name is listed."""
        return name in self.names or name.endswith(self.domains)

    def has_address(self, address: Address) -> bool:
        """Whether an address is listed, by itself or by its network."""
        return any(address.version == network.version and address in network for network in self.networks)


@lru_cache(maxsize=64)
def host_list(entries: tuple[str, ...]) -> HostList:
    """The list for entries in their plain form; what is none is passed over."""
    plain = [entry for entry in map(plain_entry, entries) if entry]
    networks = [entry for entry in plain if "/" in entry]
    domains = [entry for entry in plain if entry.startswith(".")]
    names = frozenset(plain) - set(networks) - set(domains)
    return HostList(names, tuple(domains), tuple(map(ipaddress.ip_network, networks)))


def plain_entry(entry: str) -> str:
    """An entry in the one form in which entries are compared; "" for what is none.

    Names as `plain_host` gives them, `.corp.example` for a domain (also written `*.corp.example`), addresses and
    networks as networks (`10.1.2.3/32`). Networks as wide as `0.0.0.0/0` are none.
    """
    text = entry.strip()
    below = text.removeprefix("*") if text.startswith("*.") else text
    if below.startswith("."):
        name = plain_host(below[1:])
        return f".{name}" if name and read_address(name) is None else ""
    address = read_address(text)
    if address is not None:
        return "" if "%" in text else str(ipaddress.ip_network(address))
    return _plain_network(text) if "/" in text else plain_host(text)


def _plain_network(text: str) -> str:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return ""
    return str(network) if network.prefixlen >= _WIDEST[network.version] else ""


def both(one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    """What two lists allow, each alone: of every pair of entries that overlap, the narrower."""
    firsts, seconds = (list(map(plain_entry, entries)) for entries in (one, other))
    found = (_narrower(first, second) for first in firsts for second in seconds)
    return tuple(dict.fromkeys(entry for entry in found if entry))


def _narrower(one: str, other: str) -> str:
    if _holds(one, other):
        return other
    return one if _holds(other, one) else ""


def _holds(wide: str, narrow: str) -> bool:
    """Whether everything that `narrow` names is named by `wide`."""
    if not wide or not narrow:
        return False
    if "/" in wide and "/" in narrow:
        outer, inner = ipaddress.ip_network(wide), ipaddress.ip_network(narrow)
        return outer.version == inner.version and inner.subnet_of(outer)  # type: ignore[arg-type]  # same version
    return wide == narrow or (wide.startswith(".") and "/" not in narrow and narrow.endswith(wide))
