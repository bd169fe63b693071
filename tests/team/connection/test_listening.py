"""Where the backend listens: TLS 1.3 or nothing, and plain HTTP for this machine or a declared proxy only."""

import asyncio
import socket
import ssl
from pathlib import Path

import httpx2
import pytest
from certificates import make_certificate
from team_backend import running_backend
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from victor_server.errors import SettingsError
from victor_server.protocol import ATTACH_PATH
from victor_server.team.configuration.resolved import Listen
from victor_server.team.connection.hub import Hub
from victor_server.team.operations.listening import open_listener, tls_context
from victor_server.team.operations.serve import listening


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3"])
def test_plain_http_stays_on_this_machine(host: str) -> None:
    """Elsewhere somebody has to encrypt: a certificate, or a proxy that is named."""
    with pytest.raises(SettingsError) as refused:
        tls_context(Listen(host=host))
    assert "listen.proxies" in refused.value.fix
    assert tls_context(Listen(host=host, proxy_headers_from=("10.0.0.1",))) is None
    assert tls_context(Listen(host="127.0.0.1")) is None


def test_a_port_that_is_taken_is_said_so() -> None:
    """The error names the port and what to change."""
    with open_listener("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(SettingsError, match=str(port)) as failed:
            open_listener("127.0.0.1", port)
    assert "VICTOR_API_PORT" in failed.value.fix


async def test_nothing_older_than_tls_1_3_is_spoken(tmp_path: Path) -> None:
    """A client that knows TLS 1.2 at most is refused; one of today is answered."""
    certificate, key = make_certificate(tmp_path)
    listen = Listen(port=0, tls_certificate=certificate, tls_key=key)
    async with (
        running_backend(tmp_path, listen=listen) as it,
        listening(it.backend, Hub(it.backend)) as serving,
    ):
        assert serving.url.startswith("https://127.0.0.1:")
        port = int(serving.url.rpartition(":")[2])
        client = ssl.create_default_context(cafile=str(certificate))
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client)
        assert writer.get_extra_info("ssl_object").version() == "TLSv1.3"
        writer.write(b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"\r\nserver:" not in answer.lower()
        writer.close()
        old = ssl.create_default_context(cafile=str(certificate))
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        with pytest.raises(OSError):  # noqa: PT011 - an alert, or the end of the connection: both are a no
            await asyncio.open_connection("127.0.0.1", port, ssl=old)


async def test_metrics_have_a_port_of_their_own(tmp_path: Path) -> None:
    """There is nothing else but who is alive and ready, and nowhere else are metrics, also not for an operator."""
    listen = Listen(port=0, metrics_port=0)
    async with (
        running_backend(tmp_path, listen=listen) as it,
        listening(it.backend, Hub(it.backend)) as serving,
        httpx2.AsyncClient(trust_env=False) as http,
    ):
        headers = {"authorization": f"Bearer {it.operator}"}
        assert serving.metrics_url != serving.url
        told = await http.get(f"{serving.metrics_url}/metrics")
        assert (told.status_code, told.headers["content-type"].partition(";")[0]) == (200, "text/plain")
        assert "victor_requests_total{" in told.text
        assert (await http.get(f"{serving.url}/metrics", headers=headers)).status_code == 404
        for path in ("/health", "/ready"):
            for url in (serving.url, serving.metrics_url):
                assert (await http.get(url + path)).status_code == 200
        elsewhere = ("/v1/rpc/team/whoami", "/v1/auth/token", "/v1/messages", "/v1/chat/completions")
        for path in elsewhere:
            answer = await http.post(serving.metrics_url + path, json={}, headers=headers)
            assert answer.status_code == 404, path
        for path in ("/v1/auth/config", "/v1/openapi.json", "/v1/attach"):
            assert (await http.get(serving.metrics_url + path)).status_code == 404, path
        with pytest.raises(InvalidStatus):
            await connect(serving.metrics_url.replace("http", "ws") + ATTACH_PATH, proxy=None)


def test_short_answers_wait_for_no_acknowledgement() -> None:
    """What is accepted sends at once: a first token would else come 40 ms late."""
    with open_listener("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
