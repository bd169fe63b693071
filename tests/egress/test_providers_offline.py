"""Every provider, asked everything that it can be asked, with offline mode on: nothing is connected to."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from connects import watched_connects
from egress_servers import HttpServer, Records, http_server, redirect

from victor_server.agent.messages import Message, ModelRequest, TextPart
from victor_server.agent.providers.open import open_provider
from victor_server.agent.providers.provider import Provider
from victor_server.egress.factory import Egress
from victor_server.errors import OfflineBlocked, VictorError
from victor_server.policy.policy import Policy
from victor_server.settings.profiles import Profile, ProviderName

OFFLINE = Policy(offline=True, origin=(("offline", "profiles.yaml"),))
REQUEST = ModelRequest(model="m", messages=(Message("user", (TextPart("hello"),)),), max_output_tokens=8)
CLOUD: tuple[ProviderName, ...] = ("anthropic", "openai", "google")
SERVED: tuple[ProviderName, ...] = ("ollama", "vllm", "lmstudio", "llamacpp", "openai-compatible")


async def blocked_in(provider: Provider) -> list[bool]:
    """For each thing that a provider can be asked: whether it ended with OfflineBlocked."""

    async def stream() -> None:
        async for _ in provider.stream(REQUEST):
            pass

    async def pull() -> None:
        async for _ in provider.pull("m"):
            pass

    ended = []
    for ask in (stream, provider.check, provider.models, pull, lambda: provider.capabilities("m")):
        try:
            await ask()
        except OfflineBlocked:
            ended.append(True)
        except VictorError:
            ended.append(False)
        else:
            ended.append(False)
    await provider.close()
    return ended


@pytest.mark.parametrize(
    "environment", [{}, {"HTTPS_PROXY": "http://203.0.113.9:3128", "ALL_PROXY": "http://203.0.113.9:3128"}]
)
@pytest.mark.parametrize(
    ("name", "base_url"),
    [(name, "") for name in CLOUD]
    + [
        (name, url)
        for name in (*CLOUD, *SERVED)
        for url in ("https://api.example.com/v1", "http://203.0.113.7:8000")
    ],
)
async def test_no_provider_connects_offline(
    name: ProviderName, base_url: str, environment: Mapping[str, str], tmp_path: Path
) -> None:
    """Not to the provider's own servers, not to one of the person's, not to a proxy; no name is looked up."""
    records = Records()
    egress = Egress(OFFLINE, record=records, environment=environment)
    profile = Profile("p", name, "m", (base_url,) if base_url else (), api_key="none")
    with watched_connects() as seen:
        ended = await blocked_in(open_provider(profile, base_url, egress, home=tmp_path))
    assert seen.tried == []
    assert seen.names == []
    assert ended[0]
    assert records.blocked


@pytest.mark.parametrize("name", ["openai-compatible", "anthropic"])
@pytest.mark.parametrize("status", [302, 307])
async def test_a_server_that_sends_its_callers_away(name: ProviderName, status: int, tmp_path: Path) -> None:
    """What a model's server would have us do is blocked and on record: where to, and what to do if it has moved."""
    records = Records()
    egress = Egress(Policy(), record=records, environment={})
    async with http_server() as other, http_server() as server:
        server.answer = redirect(f"{other.url}/v1/stolen", status)
        profile = Profile("p", name, "m", (server.url,), api_key="none")
        provider = open_provider(profile, server.url, egress, home=tmp_path)
        with pytest.raises(OfflineBlocked) as caught:
            await provider.check()
        await provider.close()
        assert other.requests == []
        assert f"No connection to 127.0.0.1:{other.port} for model p" in caught.value.message
        assert server.url in caught.value.message
        assert "base_url" in caught.value.fix
        assert {blocked.destination for blocked in records.blocked} == {f"127.0.0.1:{other.port}"}


ODD = {
    "ALL_PROXY": "socks5h://203.0.113.9:1080",
    "HTTPS_PROXY": "what is this",
    "SSL_CERT_FILE": "/nowhere/ca.pem",
    "SSLKEYLOGFILE": "keys.log",
    "OLLAMA_HOST": "http://[::1",
    "OLLAMA_API_KEY": "k\u00e9y",
    "OPENAI_BASE_URL": "http://203.0.113.7",
    "ANTHROPIC_BASE_URL": "http://203.0.113.7",
    "ANTHROPIC_CUSTOM_HEADERS": "X-Odd: 1",
}
"""What libraries read of the environment by themselves."""
ASK = """
import asyncio, os, sys
from pathlib import Path
from victor_server.agent.providers.open import open_provider
from victor_server.egress.factory import Egress
from victor_server.policy.policy import Policy
from victor_server.settings.profiles import Profile

async def main():
    egress = Egress(Policy(offline=True), record=print, environment=os.environ)
    for name in ("ollama", "openai-compatible", "anthropic"):
        provider = open_provider(Profile("p", name, "m", (sys.argv[1],)), "", egress, home=Path.cwd())
        await provider.models()
        await provider.close()

asyncio.run(main())
"""


def names_in(folder: Path) -> list[str]:
    """What lies in a folder."""
    return [file.name for file in folder.iterdir()]


async def test_no_library_minds_the_environment(tmp_path: Path) -> None:
    """A server on this machine is reached, whatever stands in the environment for others."""
    listed = b'{"models": [], "data": []}'
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 26\r\n\r\n" + listed
    async with http_server(HttpServer(answer)) as server:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-c", ASK, server.url),
            cwd=tmp_path,
            env={**os.environ, **ODD},
            stderr=asyncio.subprocess.PIPE,
        )
        _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    assert len(server.requests) == 3
    assert not any("odd" in request.lower() for request in server.requests)
    assert names_in(tmp_path) == []
