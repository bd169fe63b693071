"""Hosts as people and servers write them, read so strictly that none can pass for another."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from victor_server.errors import SettingsError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAME = re.compile(
    r"(?!.{254})[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
_NUMBER = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a connection goes: `host` in its plain form, as `plain_host` gives it."""

    scheme: Literal["http", "https"]
    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_destination(url: str) -> Destination:
    """The destination of an http or https address. Raises SettingsError, without showing credentials in it.

    Refused: credentials before the host (`https://good.example@evil.example`), spaces, backslashes and control
    characters, hosts that are no plain host, and every other scheme, sockets of this machine included.
    """
    if not url.isascii() or any(char <= " " or char in '\\"<>^`{|}\x7f' for char in url):
        raise _no_address("it holds characters that an address cannot hold", url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _no_address("it cannot be read", url) from None
    if parts.scheme not in _PORTS:
        raise _no_address("it must begin with http:// or https://", url)
    if "@" in parts.netloc:
        raise _no_address("it must not hold a name or password before its host", "")
    host = plain_host(parts.hostname or "")
    if not host or port == 0:
        raise _no_address("its host is not a plain name or address", url)
    scheme: Literal["http", "https"] = "https" if parts.scheme == "https" else "http"
    return Destination(scheme, host, port or _PORTS[scheme])


def plain_host(host: str) -> str:
    """A host in the one form in which hosts are compared; "" for what is none.

    Lower case, without a dot at the end; an address in its shortest form, and an IPv4 address that is wrapped in IPv6
    as IPv4. Names beyond ASCII count in their `xn--` form only; numbers that some systems take for an address
    (`2130706433`, `0x7f.1`, `0177.0.0.1`) are no hosts.
    """
    text = host.lower() if host.isascii() else ""
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
        return str(read_address(text)) if ":" in text and read_address(text) else ""
    address = read_address(text)
    if address is not None:
        return str(address)
    text = text.removesuffix(".")
    if not _NAME.fullmatch(text) or _NUMBER.fullmatch(text.rpartition(".")[2]):
        return ""
    return text


def read_address(text: str) -> Address | None:
    """An IP address, IPv4 in IPv6 taken out of its wrapping; None for anything else, odd spellings included."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_this_machine(host: str) -> bool:
    """Whether a host is loopback by what it says, without looking anything up: what it is sent stays here."""
    plain = plain_host(host)
    address = read_address(plain)
    if address is not None:
        return address.is_loopback
    return plain == "localhost" or plain.endswith(".localhost")


def _no_address(reason: str, url: str) -> SettingsError:
    shown = f" {url!r}" if url and "@" not in url else ""
    return SettingsError(
        f"The address{shown} of a server cannot be used: {reason}.", "Write it like http://127.0.0.1:11434."
    )
