"""A tenant's model whose name leads to a machine inside: nobody there is reached, and no key is sent."""

import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from egress_servers import HttpServer, Records, http_server
from team_backend import running_backend

from victor_server.egress.connections import Timeouts
from victor_server.egress.public_only import PublicOnly
from victor_server.errors import OfflineBlocked
from victor_server.policy.policy import Policy

_NAME = "models.example.org"
_CLOSING = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize(
    "leads_to",
    [
        ("127.0.0.1",),
        ("::ffff:127.0.0.1",),
        ("64:ff9b::7f00:1",),
        ("0.0.0.0",),
        ("169.254.169.254", "127.0.0.1"),
        ("10.0.0.1", "fd00::1", "127.0.0.1"),
    ],
)
async def test_a_name_of_a_tenant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, leads_to: Sequence[str]
) -> None:
    """Through the whole backend: the call fails, the answer says why, and the server inside saw no connection."""
    asked = _names(monkeypatch, leads_to)
    async with http_server() as inside, running_backend(tmp_path) as it:
        await it.rpc("keys/set", {"name": "main", "value": "a1B2c3D4" * 4})
        url = f"https://{_NAME}:{inside.port}/v1"
        model = {
            "name": "theirs",
            "provider": "openai-compatible",
            "model": "m",
            "base_url": url,
            "key": "main",
        }
        await it.rpc("models/set", model)
        headers = {"authorization": f"Bearer {await it.token('developer')}"}
        messages = [{"role": "user", "content": "hi"}]
        response = await it.http.post(
            "/v1/chat/completions",
            json={"model": "theirs", "messages": messages, "max_tokens": 5},
            headers=headers,
        )
        assert response.status_code >= 400, response.text
        assert not any(address in response.text for address in leads_to), response.text
        assert inside.n_connections == 0
    assert asked, "the name was never looked up: nothing was tried"


async def test_a_name_that_leads_elsewhere_the_second_time() -> None:
    """It is looked up for every connection, and the connection goes to what was looked at, not to what it means by then."""
    answers = iter((("127.0.0.1",), ("127.0.0.2",), ("127.0.0.1",)))

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return next(answers)

    reached = HttpServer(answer=_CLOSING)
    async with (
        http_server(reached) as outside,
        http_server(HttpServer(port=reached.port), "127.0.0.2") as inside,
    ):
        # The one stands for a public server, the other for what must not be reached.
        clients = PublicOnly(
            Policy(allowed_hosts=("127.0.0.1",)), record=Records(), environment={}, fix="", resolve=resolve
        )
        url = f"http://{_NAME}:{outside.port}"
        async with clients.httpx2_client(url, purpose="model m", timeouts=Timeouts()) as client:
            assert (await client.get(url)).text == "ok"
            with pytest.raises(OfflineBlocked):
                await client.get(url)
            assert (await client.get(url)).text == "ok"
        assert (outside.n_connections, inside.n_connections) == (2, 0)


def _names(monkeypatch: pytest.MonkeyPatch, leads_to: Sequence[str]) -> list[str]:
    """The system's name service, of which `_NAME` is somebody else's. Returns what was asked for."""
    asked: list[str] = []
    system = socket.getaddrinfo

    def look_up(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        if host != _NAME:
            return system(host, port, *more, **named)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in leads_to]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked
