"""What the factory's clients reach: real sockets on loopback, both HTTP libraries."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from urllib.parse import quote

import httpcore
import httpcore2
import httpx
import httpx2
import pytest
from egress_servers import HttpServer, Names, Records, http_server, redirect

from victor_server.egress.connections import Connections, Timeouts
from victor_server.egress.factory import Egress
from victor_server.errors import OfflineBlocked, SettingsError, VictorError
from victor_server.policy.policy import Policy

TIMES = Timeouts(connect_s=5, read_s=5)
OFFLINE = Policy(offline=True, origin=(("offline", "profiles.yaml"),))
LIBRARIES = ("httpx2", "httpx")


@pytest.fixture
async def server() -> AsyncIterator[HttpServer]:
    """A server on loopback."""
    async with http_server() as made:
        yield made


class World:
    """A factory with its records and names, and one way to ask by either library."""

    def __init__(
        self,
        policy: Policy,
        environment: Mapping[str, str] | None = None,
        names: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self.records = Records()
        self.names = Names(names or {})
        self.connections: Connections = Egress(
            policy, record=self.records, environment=environment or {}, resolve=self.names
        )

    async def get(self, library: str, base_url: str, url: str = "") -> str:
        """The text that `url` gives to a client for `base_url`."""
        if library == "httpx2":
            async with self.connections.httpx2_client(
                base_url, purpose="model test", timeouts=TIMES
            ) as client:
                return (await client.get(url or base_url)).text
        transport = self.connections.httpx_transport(base_url, purpose="model test", timeouts=TIMES)
        async with httpx.AsyncClient(transport=transport, follow_redirects=True) as other:
            return (await other.get(url or base_url)).text


@pytest.mark.parametrize("library", LIBRARIES)
async def test_loopback_is_reached_offline(library: str, server: HttpServer) -> None:
    """Local models work with the switch on, by address and by name, and nobody is asked for the name."""
    world = World(OFFLINE)
    assert await world.get(library, server.url) == "ok"
    assert await world.get(library, f"http://localhost:{server.port}") == "ok"
    assert world.names.asked == []
    assert world.records.blocked == []


@pytest.mark.parametrize("library", LIBRARIES)
async def test_every_way_of_writing_this_machine_works(library: str, server: HttpServer) -> None:
    """With a dot at the end, in capitals, as IPv4 wrapped in IPv6, as IPv6."""
    world = World(OFFLINE)
    for host in ("LocalHost.", "ollama.localhost", "[::ffff:127.0.0.1]"):
        assert await world.get(library, f"http://{host}:{server.port}") == "ok"
    if not speaks_ipv6():
        return
    async with http_server(host="::1") as other:
        assert await world.get(library, f"http://[::1]:{other.port}") == "ok"
        assert await world.get(library, f"http://localhost:{other.port}") == "ok"


@pytest.mark.parametrize("library", LIBRARIES)
async def test_a_cloud_host_is_blocked_before_its_name_is_asked(library: str) -> None:
    """Offline, the attempt names itself and is recorded, and not even the name service hears of it."""
    world = World(OFFLINE, names={"api.example.com": ("93.184.216.34",)})
    with pytest.raises(OfflineBlocked) as caught:
        await world.get(library, "https://api.example.com/v1")
    assert "api.example.com:443" in caught.value.message
    assert "model test" in caught.value.message
    assert "profiles.yaml" in caught.value.message
    assert "network.allowed_hosts" in caught.value.fix
    assert world.names.asked == []
    assert [(each.destination, each.purpose) for each in world.records.blocked] == [
        ("api.example.com:443", "model test")
    ]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_elsewhere_is_blocked(library: str, status: int, server: HttpServer) -> None:
    """Online too: a server that was told of does not choose where a call goes."""
    async with http_server() as other:
        server.answer = redirect(f"{other.url}/stolen", status)
        world = World(Policy())
        with pytest.raises(OfflineBlocked) as caught:
            await world.get(library, server.url)
        assert other.n_connections == 0
    assert f"127.0.0.1:{other.port}" in caught.value.message
    assert world.records.blocked[0].destination == f"127.0.0.1:{other.port}"


@pytest.mark.parametrize("library", LIBRARIES)
async def test_a_redirect_to_another_scheme_is_blocked(library: str, server: HttpServer) -> None:
    """The same host by another scheme is another destination."""
    server.answer = redirect(f"https://127.0.0.1:{server.port}/")
    with pytest.raises(OfflineBlocked):
        await World(Policy()).get(library, server.url)


@pytest.mark.parametrize("library", LIBRARIES)
async def test_a_redirect_at_home_is_followed(library: str, server: HttpServer) -> None:
    """A server may send a client to another of its own pages."""
    server.answers["/old"] = redirect("/new")
    assert await World(Policy()).get(library, server.url, f"{server.url}/old") == "ok"


@pytest.mark.parametrize("library", LIBRARIES)
async def test_a_client_is_for_its_destination_only(library: str, server: HttpServer) -> None:
    """A client that is asked for another address does not go there."""
    async with http_server() as other:
        with pytest.raises(OfflineBlocked):
            await World(Policy()).get(library, server.url, other.url)
        assert other.n_connections == 0


@pytest.mark.parametrize("library", LIBRARIES)
async def test_the_address_that_was_checked_is_the_one_that_is_used(library: str, server: HttpServer) -> None:
    """A listed name is looked up once for a connection; what the second answer would be does not matter."""
    policy = Policy(offline=True, allowed_hosts=("llm.corp.example",))
    world = World(policy, names={"llm.corp.example": ("127.0.0.1",)})
    assert await world.get(library, f"http://llm.corp.example:{server.port}") == "ok"
    assert world.names.asked == ["llm.corp.example"]
    assert f"Host: llm.corp.example:{server.port}".lower() in server.requests[0].lower()


@pytest.mark.parametrize("library", LIBRARIES)
async def test_a_listed_name_that_leads_outside_is_blocked(library: str) -> None:
    """After the look-up, the address is judged as well."""
    policy = Policy(offline=True, allowed_hosts=("llm.corp.example",))
    world = World(policy, names={"llm.corp.example": ("93.184.216.34",)})
    with pytest.raises(OfflineBlocked, match=r"93\.184\.216\.34"):
        await world.get(library, "http://llm.corp.example")
    assert world.records.blocked[0].address == "93.184.216.34"


@pytest.mark.parametrize("library", LIBRARIES)
async def test_of_several_addresses_the_allowed_ones_are_used(library: str, server: HttpServer) -> None:
    """A name that leads inside and outside is followed inside only."""
    policy = Policy(offline=True, allowed_hosts=("llm.corp.example",))
    world = World(policy, names={"llm.corp.example": ("93.184.216.34", "127.0.0.1")})
    assert await world.get(library, f"http://llm.corp.example:{server.port}") == "ok"


@pytest.mark.parametrize("library", LIBRARIES)
async def test_a_dead_address_leaves_the_next_its_turn(library: str, server: HttpServer) -> None:
    """localhost is often ::1 first, where a local server need not listen."""
    world = World(Policy(), names={"llm.example": ("::1", "127.0.0.1")})
    assert await world.get(library, f"http://llm.example:{server.port}") == "ok"


async def test_failures_are_the_libraries_own(server: HttpServer) -> None:
    """A dead server and an unknown name raise what each library raises for them."""
    port = free_port()
    with pytest.raises(httpx2.ConnectError):
        await World(Policy()).get("httpx2", f"http://127.0.0.1:{port}")
    with pytest.raises(httpx.ConnectError):
        await World(Policy()).get("httpx", f"http://127.0.0.1:{port}")
    with pytest.raises(httpx2.ConnectError):
        await World(Policy()).get("httpx2", "http://nowhere.example")
    with pytest.raises(httpx.ConnectError):
        await World(Policy()).get("httpx", "http://nowhere.example")


@pytest.mark.parametrize("library", LIBRARIES)
async def test_a_proxy_carries_what_is_not_this_machine(library: str) -> None:
    """Plain HTTP goes to the proxy as a whole address, with its credentials and none of them in the Host."""
    async with http_server() as proxy:
        word = quote("pass")
        environment = {"HTTP_PROXY": f"http://someone:{word}@127.0.0.1:{proxy.port}"}
        world = World(Policy(), environment)
        assert await world.get(library, "http://model.example/v1") == "ok"
        assert proxy.requests[0].startswith("GET http://model.example/v1 ")
        assert "proxy-authorization: basic c29tzw9uztpwyxnz" in proxy.requests[0].lower()
        assert world.names.asked == []


@pytest.mark.parametrize("library", LIBRARIES)
async def test_tls_through_a_proxy_asks_for_a_tunnel(library: str) -> None:
    """The proxy sees the host's name and nothing else; its refusal is an error of the connection."""
    async with http_server(HttpServer(answer=b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")) as proxy:
        world = World(Policy(), {"https_proxy": proxy.url})
        with pytest.raises((httpx2.ProxyError, httpx.ProxyError)):
            await world.get(library, "https://model.example/v1/secret-path")
        assert proxy.requests[0].startswith("CONNECT model.example:443 ")
        assert "secret-path" not in proxy.requests[0]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"])
async def test_loopback_never_goes_through_a_proxy(library: str, name: str, server: HttpServer) -> None:
    """A proxy in the environment does not take the calls to a local model."""
    async with http_server() as proxy:
        world = World(Policy(), {name: proxy.url})
        for host in ("127.0.0.1", "localhost", "127.0.0.2"):
            if host != "127.0.0.2":
                assert await world.get(library, f"http://{host}:{server.port}") == "ok"
        assert proxy.n_connections == 0


@pytest.mark.parametrize("library", LIBRARIES)
async def test_no_proxy_is_obeyed(library: str, server: HttpServer) -> None:
    """What NO_PROXY names is reached directly."""
    async with http_server() as proxy:
        environment = {"HTTP_PROXY": proxy.url, "NO_PROXY": "other.example, .corp.example"}
        world = World(Policy(), environment, {"llm.corp.example": ("127.0.0.1",)})
        assert await world.get(library, f"http://llm.corp.example:{server.port}") == "ok"
        assert proxy.n_connections == 0


@pytest.mark.parametrize("library", LIBRARIES)
async def test_a_proxy_is_a_destination_too(library: str) -> None:
    """Offline, a listed host behind a proxy that is not listed is not reached."""
    policy = Policy(offline=True, allowed_hosts=("llm.corp.example",))
    world = World(policy, {"HTTP_PROXY": "http://proxy.example:3128"}, {"proxy.example": ("127.0.0.1",)})
    with pytest.raises(OfflineBlocked, match=r"proxy\.example:3128 \(the proxy\)"):
        await world.get(library, "http://llm.corp.example")


@pytest.mark.parametrize("library", LIBRARIES)
async def test_a_proxy_opens_nothing_offline(library: str) -> None:
    """A proxy on this machine may be reached, but nothing unlisted through it."""
    async with http_server() as proxy:
        world = World(OFFLINE, {"HTTP_PROXY": proxy.url})
        with pytest.raises(OfflineBlocked):
            await world.get(library, "http://api.example.com")
        assert proxy.n_connections == 0


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(
    "written", ["socks5://127.0.0.1:1", "http://", "ftp://proxy.example", "http://a b:1"]
)
async def test_a_proxy_that_cannot_be_used_is_an_error(library: str, written: str) -> None:
    """Nobody is connected directly who asked for a proxy; the message does not show what was written."""
    with pytest.raises(SettingsError) as caught:
        await World(Policy(), {"HTTPS_PROXY": written}).get(library, "https://model.example")
    assert "HTTPS_PROXY" in caught.value.message
    assert written not in caught.value.message


async def test_the_process_environment_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, server: HttpServer
) -> None:
    """What the factory was given counts, not what the libraries find."""
    async with http_server() as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        world = World(Policy(), names={"llm.example": ("127.0.0.1",)})
        for library in LIBRARIES:
            assert await world.get(library, f"http://llm.example:{server.port}") == "ok"
        assert proxy.n_connections == 0


def test_a_socket_file_is_no_destination() -> None:
    """Nothing but http and https is an address of a server."""
    with pytest.raises(SettingsError):
        Egress(Policy(), record=Records(), environment={}).httpx2_client(
            "unix:///run/docker.sock", purpose="test", timeouts=TIMES
        )


async def test_a_failing_record_lets_nothing_through() -> None:
    """What cannot be written down stays blocked."""

    def fail(_: object) -> None:
        raise VictorError("disk full")

    egress = Egress(OFFLINE, record=fail, environment={})
    async with egress.httpx2_client("https://api.example.com", purpose="test", timeouts=TIMES) as client:
        with pytest.raises(OfflineBlocked):
            await client.get("https://api.example.com/")


async def test_sockets_of_the_machine_are_blocked_below_the_library() -> None:
    """Even a pool that was told of a socket file does not open it."""
    from victor_server.egress.gate import open_gate, system_resolve
    from victor_server.egress.httpx2_side import _Backend
    from victor_server.egress.httpx_side import _Backend as OtherBackend

    gate = open_gate(
        Policy(),
        "http://127.0.0.1:1",
        "test",
        proxy_of=lambda _: None,
        record=Records(),
        resolve=system_resolve,
    )
    backends: tuple[httpcore2.AsyncNetworkBackend | httpcore.AsyncNetworkBackend, ...] = (
        _Backend(gate),
        OtherBackend(gate),
    )
    for backend in backends:
        with pytest.raises(OfflineBlocked):
            await backend.connect_unix_socket("/run/docker.sock")


@pytest.mark.parametrize("library", LIBRARIES)
async def test_a_missing_authority_file_is_told(library: str, tmp_path: Path) -> None:
    """A certificate file that is named and not there is an error that names the setting."""
    egress = Egress(Policy(), record=Records(), environment={}, ca_file=tmp_path / "none.pem")
    ask = egress.httpx2_client if library == "httpx2" else egress.httpx_transport
    with pytest.raises(SettingsError, match=r"network\.ca_file"):
        ask("https://model.example", purpose="test", timeouts=TIMES)


@pytest.mark.parametrize("library", LIBRARIES)
async def test_nothing_of_a_request_is_logged(
    library: str, server: HttpServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even at DEBUG, and not by libraries that somebody has told to talk."""
    logging.getLogger("httpx2").setLevel(logging.DEBUG)
    caplog.set_level(logging.DEBUG)
    assert await World(Policy()).get(library, server.url, f"{server.url}/private") == "ok"
    assert [record for record in caplog.records if record.name.startswith("http")] == []


async def test_a_name_that_nobody_answers_for_takes_no_longer_than_it_may() -> None:
    """Waiting for a name service ends like waiting for a connection."""

    async def never(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    egress = Egress(Policy(), record=Records(), environment={}, resolve=never)
    times = Timeouts(connect_s=0.01, read_s=5)
    async with egress.httpx2_client("http://slow.example", purpose="test", timeouts=times) as client:
        with pytest.raises(httpx2.ConnectTimeout):
            await client.get("http://slow.example/")
    transport = egress.httpx_transport("http://slow.example", purpose="test", timeouts=times)
    async with httpx.AsyncClient(transport=transport) as other:
        with pytest.raises(httpx.ConnectTimeout):
            await other.get("http://slow.example/")


def speaks_ipv6() -> bool:
    """Whether this machine has ::1; containers often have not."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
