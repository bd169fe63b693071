"""Which proxy a destination is reached through: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, read once."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from victor_server.errors import SettingsError
from victor_server.policy.hosts import (
    Destination,
    is_this_machine,
    parse_destination,
    plain_host,
    read_address,
)


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy, itself a destination; what it is told to let us through is never shown."""

    destination: Destination
    credentials: tuple[str, str] | None = field(default=None, repr=False)


def proxy_for(destination: Destination, environment: Mapping[str, str]) -> Proxy | None:
    """The proxy for a destination; None to go there directly, as to this machine always.

    Raises SettingsError where the environment names a proxy that cannot be used: going there directly instead would
    be what nobody asked for.
    """
    if is_this_machine(destination.host) or _is_excepted(destination, _variable(environment, "no_proxy")):
        return None
    for name in (f"{destination.scheme}_proxy", "all_proxy"):
        written = _variable(environment, name)
        if written:
            return _parse(name.upper(), written)
    return None


def _variable(environment: Mapping[str, str], name: str) -> str:
    return (environment.get(name) or environment.get(name.upper()) or "").strip()


def _parse(name: str, written: str) -> Proxy:
    text = written if "://" in written else f"http://{written}"
    try:
        parts = urlsplit(text)
        _, at, place = parts.netloc.rpartition("@")
        destination = parse_destination(f"{parts.scheme}://{place}")
        credentials = (unquote(parts.username or ""), unquote(parts.password or "")) if at else None
    except (ValueError, SettingsError):
        fix = f"Write {name} like http://proxy.example:3128; SOCKS proxies cannot be used."
        raise SettingsError(f"The proxy in {name} cannot be used.", fix) from None
    return Proxy(destination, credentials)


def _is_excepted(destination: Destination, written: str) -> bool:
    """Whether NO_PROXY names a destination: `*`, a host and all below it, an address, a network; a port may follow."""
    return any(_fits(destination, entry.strip().lower()) for entry in written.split(",") if entry.strip())


def _fits(destination: Destination, entry: str) -> bool:
    if entry == "*":
        return True
    address = read_address(destination.host)
    if address is not None:
        return _fits_address(destination, entry)
    name, colon, port = entry.partition(":")
    if colon and port != str(destination.port):
        return False
    plain = plain_host(name.removeprefix("*").removeprefix("."))
    return bool(plain) and (destination.host == plain or destination.host.endswith(f".{plain}"))


def _fits_address(destination: Destination, entry: str) -> bool:
    address = ipaddress.ip_address(destination.host)
    try:
        network = ipaddress.ip_network(entry, strict=False)
    except ValueError:
        host, colon, port = entry.rpartition(":")
        return bool(colon) and port == str(destination.port) and plain_host(host) == destination.host
    return network.version == address.version and address in network
