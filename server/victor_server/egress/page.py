"""Fetches one page that a model asked for: what comes back is bounded, and goes nowhere by itself."""

import asyncio
import importlib
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urldefrag, urljoin, urlsplit

from victor_server.egress.connections import Timeouts
from victor_server.errors import SettingsError, Unavailable, UsageError
from victor_server.policy.hosts import parse_destination

if TYPE_CHECKING:
    import httpx2

MAX_BYTES = 2_000_000
MAX_URL = 2_000
MAX_HOPS = 5
TIME_LIMIT_S = 30.0

_TIMEOUTS = Timeouts(connect_s=10.0, read_s=15.0)
_HEADERS = {
    "accept": "text/html, text/plain, text/markdown, application/json, text/*;q=0.9, */*;q=0.1",
    "accept-encoding": "identity",  # what is packed small may be endless
    "user-agent": "victor",
}


@dataclass(frozen=True, slots=True)
class Page:
    """What a server sent: at most MAX_BYTES of it, `cut` where there was more. `kind` is the type it says, lower case."""

    url: str
    status: int
    kind: str
    charset: str
    body: bytes = field(repr=False)
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """The server sends its visitors to another one, which was not asked."""

    url: str


class Clients(Protocol):
    """Who makes a client for one server; see `Connections`."""

    def httpx2_client(self, base_url: str, *, purpose: str, timeouts: Timeouts) -> "httpx2.AsyncClient":
        """A client for the server at `base_url`."""
        ...


def page_address(written: str) -> str:
    """An http or https address without its fragment. Raises UsageError for what is none, or what may name a person."""
    if len(written) > MAX_URL:
        raise UsageError("The address is too long.", "Give one of 2,000 characters at most.")
    url = urldefrag(written.strip()).url
    try:
        parse_destination(url)
    except SettingsError as error:
        raise UsageError(error.message, "Give an address like https://example.org/page.") from None
    return url


async def fetch_page(clients: Clients, url: str, *, time_s: float = TIME_LIMIT_S) -> Page | Moved:
    """Get a page. Redirects on the same server are followed, each judged; another server is only told of.

    Raises OfflineBlocked where the policy does not allow it, Unavailable where no page comes.
    """
    httpx2 = await asyncio.to_thread(importlib.import_module, "httpx2")
    client = await asyncio.to_thread(clients.httpx2_client, url, purpose="a page", timeouts=_TIMEOUTS)
    try:
        async with asyncio.timeout(time_s), client:
            return await _followed(client, url)
    except TimeoutError:
        raise Unavailable(f"The page did not come within {time_s:g} s.") from None
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, ValueError) as error:
        raise Unavailable(f"The page did not come ({type(error).__name__}).") from None


async def _followed(client: "httpx2.AsyncClient", url: str) -> Page | Moved:
    for _ in range(MAX_HOPS):
        got = await _got(client, url)
        if isinstance(got, Page):
            return got
        if not _is_same_server(url, got.url):
            return got
        url = got.url
    raise Unavailable("The page did not come: its server sends its visitors round and round.")


def _is_same_server(url: str, other: str) -> bool:
    """The same scheme, host and port: all else is another server, for whoever permits it to judge."""
    one, two = urlsplit(url), urlsplit(other)
    return parse_destination(url) == parse_destination(other) and one.scheme == two.scheme


async def _got(client: "httpx2.AsyncClient", url: str) -> Page | Moved:
    request = client.build_request("GET", url, headers=_HEADERS)
    response = await client.send(request, stream=True, follow_redirects=False)
    async with aclosing(response):
        location = response.headers.get("location", "")
        if 300 <= response.status_code < 400 and location:
            try:
                return Moved(page_address(urljoin(url, location)))
            except (UsageError, ValueError):
                raise Unavailable("The server sends its visitors to an address that is none.") from None
        if response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise Unavailable("The page is packed, though it was asked for as it is.")
        kind, _, rest = response.headers.get("content-type", "").partition(";")
        body, cut = await _body(response)
        return Page(url, response.status_code, kind.strip().lower()[:100], _charset(rest), body, cut)


async def _body(response: "httpx2.Response") -> tuple[bytes, bool]:
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > MAX_BYTES:
            return bytes(body[:MAX_BYTES]), True
    return bytes(body), False


def _charset(rest: str) -> str:
    for part in rest.split(";"):
        name, _, value = part.strip().partition("=")
        if name.strip().lower() == "charset":
            return value.strip(" \"'")[:40]
    return ""
