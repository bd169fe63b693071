"""Whom a connection believes: real certificates, made by openssl for the test."""

import asyncio
import contextlib
import shutil
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import httpx2
import pytest
from egress_servers import HttpServer, Names, Records, tunnel_proxy
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from victor_server.egress import tls
from victor_server.egress.connections import Timeouts
from victor_server.egress.factory import Egress
from victor_server.egress.post import get_json
from victor_server.egress.tls import tls_context
from victor_server.egress.web_socket import SocketClosed, WebSocketAsked
from victor_server.errors import SettingsError, Unavailable
from victor_server.policy.policy import Policy

TIMES = Timeouts(connect_s=5, read_s=5)
HOST = "llm.corp.example"
LARGE = 1_000_000


@dataclass(frozen=True)
class Authority:
    """A company's own authority, and a certificate of it for `HOST`."""

    certificate: Path
    server: Path
    key: Path


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Made anew for each run: no key lies in the repository."""
    folder = tmp_path_factory.mktemp("authority")
    assert shutil.which("openssl"), "openssl is needed to make certificates"
    made = Authority(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    openssl(folder, "ca", "/CN=Test authority", "-addext", "basicConstraints=critical,CA:TRUE")
    signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-addext", f"subjectAltName=DNS:{HOST}")
    openssl(folder, "server", f"/CN={HOST}", *signed, "-addext", "basicConstraints=CA:FALSE")
    return made


def openssl(folder: Path, name: str, subject: str, *words: str) -> None:
    """One certificate with its key."""
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    files = ("-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", subject)
    command = ["openssl", "req", "-x509", *curve, *files, *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@contextlib.asynccontextmanager
async def https_server(authority: Authority) -> AsyncIterator[HttpServer]:
    """A server that speaks TLS with the authority's certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.server, authority.key)
    made = HttpServer()
    listening = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=context)
    made.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield made
        await made.close()


def egress(ca_file: Path | None = None, **environment: str) -> Egress:
    """A factory for which the host lies on this machine."""
    names = Names({HOST: ["127.0.0.1"], "other.corp.example": ["127.0.0.1"]})
    return Egress(Policy(), record=Records(), environment=environment, ca_file=ca_file, resolve=names)


async def get(made: Egress, library: str, url: str) -> str:
    """The text at `url`."""
    if library == "httpx2":
        async with made.httpx2_client(url, purpose="test", timeouts=TIMES) as client:
            return (await client.get(url)).text
    transport = made.httpx_transport(url, purpose="test", timeouts=TIMES)
    async with httpx.AsyncClient(transport=transport) as other:
        return (await other.get(url)).text


@pytest.mark.parametrize("library", ["httpx2", "httpx"])
async def test_a_companys_authority_is_believed_where_it_is_named(library: str, authority: Authority) -> None:
    """By the setting and by SSL_CERT_FILE; the name in the certificate is the host's, not the address'."""
    async with https_server(authority) as server:
        url = f"https://{HOST}:{server.port}/"
        assert await get(egress(authority.certificate), library, url) == "ok"
        assert await get(egress(SSL_CERT_FILE=str(authority.certificate)), library, url) == "ok"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system itself is asked")
async def test_a_file_of_ones_own_takes_no_authority_away(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With SSL_CERT_FILE, the system's authorities are believed as before."""
    monkeypatch.setattr(tls, "_BUNDLES", ("/nowhere/ca.pem", str(authority.certificate)))
    async with https_server(authority) as server:
        url = f"https://{HOST}:{server.port}/"
        assert await get(egress(SSL_CERT_FILE=str(authority.server)), "httpx2", url) == "ok"


@pytest.mark.parametrize("library", ["httpx2", "httpx"])
async def test_nobody_else_is_believed(library: str, authority: Authority) -> None:
    """An authority that nobody named, and a certificate for another host: no request is sent."""
    async with https_server(authority) as server:
        with pytest.raises((httpx2.ConnectError, httpx.ConnectError)):
            await get(egress(), library, f"https://{HOST}:{server.port}/")
        with pytest.raises((httpx2.ConnectError, httpx.ConnectError)):
            await get(egress(authority.certificate), library, f"https://other.corp.example:{server.port}/")
        assert server.requests == []


@pytest.mark.parametrize(
    ("host", "is_named", "said", "helps"),
    [
        (HOST, False, "is of no authority that this machine trusts", "SSL_CERT_FILE"),
        ("other.corp.example", True, "is not right: Hostname mismatch", "whoever runs it"),
    ],
    ids=["unknown authority", "another host's"],
)
async def test_a_certificate_that_is_not_believed_is_told(
    host: str, is_named: bool, said: str, helps: str, authority: Authority
) -> None:
    """Over HTTP and over WebSocket, with what helps: a first login to a company's backend may end here."""
    made = egress(authority.certificate if is_named else None)
    async with wss_server(authority) as port:
        url = f"https://{host}:{port}"
        with pytest.raises(Unavailable, match=said) as over_http:
            async with made.httpx2_client(url, purpose="test", timeouts=TIMES) as client:
                await get_json(client, f"{url}/v1/auth/config", time_s=5)
        asked = WebSocketAsked("/v1/attach", "victor.v1", LARGE)
        with pytest.raises(Unavailable, match=said) as over_web_socket:
            await made.web_socket(url, asked, purpose="a test", timeouts=TIMES)
    for caught in (over_http, over_web_socket):
        assert f"{host}:{port}" in caught.value.message
        assert helps in caught.value.fix


@pytest.mark.parametrize("library", ["httpx2", "httpx"])
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_call_goes_through_a_companys_proxy(library: str, scheme: str, authority: Authority) -> None:
    """TLS to the server inside the tunnel, also where the way to the proxy is TLS itself; the proxy knows the host and
    is shown its own credentials, nothing more.
    """
    own = None
    if scheme == "https":
        own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        own.load_cert_chain(authority.server, authority.key)
    async with https_server(authority) as server, tunnel_proxy(server.port, own) as proxy:
        # The proxy bears the only name that the certificate holds, and so does the server.
        environment = {"HTTPS_PROXY": f"{scheme}://me:word@{HOST}:{proxy.port}"}
        made = egress(authority.certificate, **environment)
        assert await get(made, library, f"https://{HOST}:8443/v1/messages") == "ok"
        assert proxy.asked[0].startswith(f"CONNECT {HOST}:8443 HTTP/1.1")
        assert "proxy-authorization: basic bwu6d29yza==" in proxy.asked[0].lower()
        assert "messages" not in proxy.asked[0]
        assert "proxy-authorization" not in server.requests[0].lower()


def test_the_context_asks_for_what_it_must() -> None:
    """Names and certificates are checked, and old TLS is not spoken."""
    context = tls_context(None, {})
    assert context.check_hostname
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize("text", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAA\n"])
def test_a_file_without_certificates_is_an_error(text: str, tmp_path: Path) -> None:
    """The message names the setting and the file."""
    file = tmp_path / "ca.pem"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"network\.ca_file: .*ca\.pem holds no certificates"):
        tls_context(file, {})
    with pytest.raises(SettingsError, match="SSL_CERT_FILE"):
        tls_context(None, {"SSL_CERT_FILE": str(file)})


def test_keys_of_connections_are_written_nowhere(tmp_path: Path) -> None:
    """SSLKEYLOGFILE, which would let others read along, is not obeyed."""
    assert not tls_context(None, {"SSLKEYLOGFILE": str(tmp_path / "keys")}).keylog_filename


@contextlib.asynccontextmanager
async def wss_server(authority: Authority) -> AsyncIterator[int]:
    """Says everything back over WebSocket and TLS; `bye` it answers with a large frame, and leaves."""

    async def say_back(connection: ServerConnection) -> None:
        async for frame in connection:
            if frame == "bye":
                await connection.send("x" * LARGE)
                return
            await connection.send(frame)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.server, authority.key)
    async with serve(
        say_back, "127.0.0.1", 0, ssl=context, subprotocols=[Subprotocol("victor.v1")]
    ) as server:
        yield next(iter(server.sockets)).getsockname()[1]


def own_context(authority: Authority, scheme: str) -> ssl.SSLContext | None:
    """The TLS of a proxy of that scheme."""
    if scheme == "http":
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.server, authority.key)
    return context


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_web_socket_goes_through_a_companys_proxy(scheme: str, authority: Authority) -> None:
    """TLS to the backend inside the tunnel; what the backend says before it leaves arrives whole."""
    async with wss_server(authority) as port, tunnel_proxy(port, own_context(authority, scheme)) as proxy:
        made = egress(authority.certificate, HTTPS_PROXY=f"{scheme}://me:word@{HOST}:{proxy.port}")
        asked = WebSocketAsked("/v1/attach", "victor.v1", 2 * LARGE)
        socket = await made.web_socket(f"https://{HOST}:8443", asked, purpose="a test", timeouts=TIMES)
        await socket.send("hello")
        assert await socket.receive() == "hello"
        await socket.send("bye")
        assert len(await socket.receive()) == LARGE
        with pytest.raises(SocketClosed) as closed:
            await socket.receive()
        assert closed.value.code == 1000
        await socket.close()
        assert proxy.asked[0].startswith(f"CONNECT {HOST}:8443 HTTP/1.1")
        assert "proxy-authorization: basic bwu6d29yza==" in proxy.asked[0].lower()
        assert "attach" not in proxy.asked[0]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "said", [b"HTTP/1.1 407 No\r\n\r\n", b"HTTP/1.1 200", b"", b"SSH-2.0-x\r\n\r\n", b"x" * 40_000]
)
async def test_a_proxy_that_lets_nothing_through_is_unavailable(
    scheme: str, said: bytes, authority: Authority
) -> None:
    """Whatever it says; and nothing of the connection stays open."""
    left = asyncio.Event()

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        if said.endswith(b"\r\n\r\n"):
            with contextlib.suppress(ConnectionError):
                await reader.read()  # the other side leaves by itself
        writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()
        left.set()

    proxy = await asyncio.start_server(refuse, "127.0.0.1", 0, ssl=own_context(authority, scheme))
    port = proxy.sockets[0].getsockname()[1]
    async with proxy:
        made = egress(authority.certificate, HTTPS_PROXY=f"{scheme}://{HOST}:{port}")
        asked = WebSocketAsked("/v1/attach", "victor.v1", LARGE)
        with pytest.raises(Unavailable):
            await made.web_socket(f"https://{HOST}:8443", asked, purpose="a test", timeouts=TIMES)
        async with asyncio.timeout(5):
            await left.wait()
