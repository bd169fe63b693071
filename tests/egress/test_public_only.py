"""Pages are fetched from public servers alone: by no address, name or redirect does one lead inside."""

import ipaddress
from collections.abc import Mapping, Sequence

import pytest
from egress_servers import HttpServer, Names, Records, http_server, redirect

from victor_server.egress.page import MAX_BYTES, Moved, Page, fetch_page, page_address
from victor_server.egress.public_only import PublicOnly, is_public
from victor_server.errors import OfflineBlocked, Unavailable, UsageError
from victor_server.policy.policy import Policy

LISTED = Policy(allowed_hosts=("127.0.0.1",))


def clients(
    policy: Policy = LISTED,
    names: Mapping[str, Sequence[str]] | None = None,
    environment: Mapping[str, str] | None = None,
) -> tuple[PublicOnly, Records, Names]:
    """Clients with their records and names."""
    records, known = Records(), Names(names or {})
    clients = PublicOnly(policy, record=records, environment=environment or {}, fix="List it.", resolve=known)
    return clients, records, known


def answer(body: bytes, kind: str = "text/plain", more: str = "") -> bytes:
    """A whole HTTP answer."""
    return (
        f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode()
        + body
    )


async def test_a_page() -> None:
    """What is sent is a plain request without cookies or names."""
    made = HttpServer(answer=answer("grün".encode("latin-1"), "Text/HTML; charset=iso-8859-1"))
    async with http_server(made) as server:
        got = await fetch_page(clients()[0], f"{server.url}/a?b=1")
    assert got == Page(f"{server.url}/a?b=1", 200, "text/html", "iso-8859-1", b"gr\xfcn")
    head = server.requests[0].lower()
    assert head.startswith("get /a?b=1 http/1.1")
    assert "cookie" not in head
    assert "authorization" not in head


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://LOCALHOST.:{port}/",
        "http://[::1]:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://intranet:{port}/",
        "http://10.1.2.3/",
        "http://169.254.169.254/latest/meta-data",
        "http://192.168.0.1/",
        "http://100.64.0.1/",
        "http://[fd00::1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://0.0.0.0/",
        "http://224.0.0.1/",
    ],
)
async def test_addresses_inside(url: str) -> None:
    """Refused, on record, and nobody was asked."""
    made, records, names = clients(Policy())
    async with http_server() as server:
        with pytest.raises(OfflineBlocked):
            await fetch_page(made, url.format(port=server.port))
        assert server.n_connections == 0
    assert records.blocked
    assert not names.asked


@pytest.mark.parametrize(
    "leads_to", [("127.0.0.1",), ("10.0.0.1", "fd00::1"), ("169.254.169.254",), ("::ffff:10.0.0.1",)]
)
async def test_names_that_lead_inside(leads_to: tuple[str, ...]) -> None:
    """Whoever owns a name decides where it leads."""
    made, records, _ = clients(Policy(), {"rebind.example": leads_to})
    async with http_server() as server:
        with pytest.raises(OfflineBlocked, match="no public server"):
            await fetch_page(made, f"http://rebind.example:{server.port}/")
        assert server.n_connections == 0
    assert records.blocked[0].address == leads_to[0]


async def test_a_listed_name_may_lead_inside() -> None:
    """A company's own pages, where the person says so."""
    made, records, _ = clients(
        Policy(allowed_hosts=("docs.corp.example",)), {"docs.corp.example": ("127.0.0.1",)}
    )
    async with http_server() as server:
        got = await fetch_page(made, f"http://docs.corp.example:{server.port}/")
    assert isinstance(got, Page)
    assert not records.blocked


async def test_offline_holds() -> None:
    """Not even the name is looked up."""
    made, _, names = clients(Policy(offline=True), {"example.org": ("93.184.216.34",)})
    with pytest.raises(OfflineBlocked):
        await fetch_page(made, "https://example.org/")
    assert not names.asked


async def test_redirects_are_judged_one_by_one() -> None:
    """On the same server they are followed; to another, another port or scheme, they are only told."""
    async with http_server() as server, http_server() as other:
        server.answers = {
            "/a": redirect("/b", 302),
            "/b": answer(b"here"),
            "/other": redirect(f"{other.url}/x#y"),
            "/tls": redirect(f"https://127.0.0.1:{server.port}/"),
            "/round": redirect("/round"),
            "/file": redirect("file:///etc/passwd"),
            "/inside": redirect("http://169.254.169.254/"),
        }
        made = clients()[0]
        got = await fetch_page(made, f"{server.url}/a")
        assert isinstance(got, Page)
        assert (got.url, got.body) == (f"{server.url}/b", b"here")
        assert await fetch_page(made, f"{server.url}/other") == Moved(f"{other.url}/x")
        assert await fetch_page(made, f"{server.url}/tls") == Moved(f"https://127.0.0.1:{server.port}/")
        assert await fetch_page(made, f"{server.url}/inside") == Moved("http://169.254.169.254/")
        for path in ("/round", "/file"):
            with pytest.raises(Unavailable):
                await fetch_page(made, f"{server.url}{path}")
        assert other.n_connections == 0


async def test_what_is_sent_is_bounded() -> None:
    """In size and in time, and nothing packed is opened."""
    async with http_server() as server:
        server.answers = {
            "/big": answer(b"x" * (MAX_BYTES + 9)),
            "/packed": answer(b"x", more="Content-Encoding: gzip\r\n"),
            "/never": b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nx",
            "/odd": b"what?\r\n\r\n",
        }
        made = clients()[0]
        got = await fetch_page(made, f"{server.url}/big")
        assert isinstance(got, Page)
        assert (len(got.body), got.cut) == (MAX_BYTES, True)
        with pytest.raises(Unavailable, match="packed"):
            await fetch_page(made, f"{server.url}/packed")
        with pytest.raises(Unavailable, match="within"):
            await fetch_page(made, f"{server.url}/never", time_s=0.3)
        with pytest.raises(Unavailable):
            await fetch_page(made, f"{server.url}/odd")
        assert "x" * 10 not in repr(got)


async def test_a_proxy_is_no_page() -> None:
    """It may stand inside; what it is for may not be fetched from it."""
    environment = {"http_proxy": "http://proxy.corp.example:8080"}
    made, _, names = clients(Policy(), {"proxy.corp.example": ("127.0.0.1",)}, environment)
    with pytest.raises(OfflineBlocked):
        await fetch_page(made, "http://proxy.corp.example/")
    assert not names.asked
    with pytest.raises(Unavailable):  # nothing listens at the proxy's port, which was looked up and tried
        await fetch_page(made, "http://example.org/")
    assert names.asked == ["proxy.corp.example"]


@pytest.mark.parametrize(
    "written",
    [
        *("", "x", "ftp://a.example/", "file:///etc/passwd", "http://u:p@a.example/", "http://2130706433/"),
        *("http://a b/", "http:///x", "javascript:1", "http://a.example\\@b.example/"),
        f"https://a.example/{'x' * 3_000}",
    ],
)
def test_what_is_no_address(written: str) -> None:
    """Refused before anybody is asked."""
    with pytest.raises(UsageError):
        page_address(written)


def test_a_fragment_is_nobody_elses() -> None:
    """Servers are never sent one."""
    assert page_address(" https://a.example/x?y=1#z ") == "https://a.example/x?y=1"


@pytest.mark.parametrize(
    ("text", "public"), [("8.8.8.8", True), ("2606:4700::1", True), ("64:ff9b::808:808", True)]
)
def test_public_addresses(text: str, public: bool) -> None:
    """The rest of the world is."""
    assert is_public(ipaddress.ip_address(text)) is public
