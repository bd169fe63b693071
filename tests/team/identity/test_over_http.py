"""Logging in over HTTP, as an edge does: the whole backend, asked by its endpoints."""

import asyncio
import signal
from pathlib import Path
from typing import Any

import pytest
from redis_server import RedisServer
from team_backend import running_backend

from victor_server.errors import TooMany
from victor_server.team.identity.addresses import Addresses


async def test_login_endpoints_refuse_in_words(tmp_path: Path) -> None:
    """Without an identity provider, with a form that is none, or with a token in the address: an answer, no bug."""
    async with running_backend(tmp_path) as it:
        form = {"content-type": "application/x-www-form-urlencoded"}
        asked = [
            (await it.http.get("/v1/auth/config?tenant=default"), 404),
            (await it.http.get("/v1/auth/config?tenant=../x"), 400),
            (await it.http.get("/v1/auth/config?token=abc"), 400),
            (await it.http.post("/v1/auth/begin", data={"tenant": "default"}), 404),
            (await it.http.post("/v1/auth/token", data={"grant_type": "password"}), 400),
            (
                await it.http.post(
                    "/v1/auth/token", data={"grant_type": "refresh_token", "refresh_token": "x"}
                ),
                401,
            ),
            (await it.http.post("/v1/auth/token", content=b"a=1&a=2", headers=form), 400),
            (await it.http.post("/v1/auth/token", json={"grant_type": "refresh_token"}), 400),
            (await it.http.post("/v1/auth/logout"), 401),
            (await it.http.post("/v1/auth/logout", headers={"authorization": f"Bearer {it.operator}"}), 400),
        ]
        for response, status in asked:
            assert response.status_code == status, response.text
            assert response.json()["error"]["kind"] != "bug"


@pytest.mark.parametrize(
    "query",
    [
        "x=vk_default.1.2",
        "x=vr_default.1",
        "x=eyJhbGciOi",
        "x=%76k_default.1.2",
        "x=Bearer%20abc",
        "x=+vk_default.1.2",
        "vk_default.1.2",
        "Access_Token=a",
        "code=a",
        "client_secret=a",
        "refresh_token=a",
        "subject_token=a",
        "id_token_hint=a",
        "device_code=a",
        "code_verifier=a",
        "client_assertion=a",
        "tenant=default&tenant=vk_default.1.2",
    ],
)
async def test_no_secret_in_an_address(tmp_path: Path, query: str) -> None:
    """A token, by its form or by its name, is refused in any address before anything is done with it, and not repeated."""
    async with running_backend(tmp_path) as it:
        for path in ("/v1/auth/config", "/health", "/v1/rpc/team/whoami"):
            response = await it.http.get(f"{path}?{query}")
            assert response.status_code == 400
            assert "must not stand in an address" in response.text
            assert "default.1" not in response.text


async def test_too_many_from_one_address(tmp_path: Path) -> None:
    """Whoever tries without end is told to wait."""
    async with running_backend(tmp_path) as it:
        tried = [await it.http.post("/v1/auth/token", data={"grant_type": "x"}) for _ in range(61)]
        assert tried[-1].status_code == 429
        assert int(tried[-1].headers["retry-after"]) > 0


async def test_replicas_count_together(redis: RedisServer) -> None:
    """In Redis all replicas count one address together; without it each goes on by itself, which is a limit still."""
    first, second = (Addresses(redis.url, per_minute=6) for _ in range(2))
    for _ in range(3):
        await first.count("192.0.2.77")
        await second.count("192.0.2.77")
    for each in (first, second):
        with pytest.raises(TooMany):
            await each.count("192.0.2.77")
    await first.count("192.0.2.78")
    redis.stop()
    try:
        for _ in range(6):
            await second.count("192.0.2.77")
        with pytest.raises(TooMany):
            await second.count("192.0.2.77")
    finally:
        redis.start()
        await _closed(first, second)


async def test_a_redis_that_hangs(redis: RedisServer) -> None:
    """It takes connections and says nothing: logins go on after a moment, counted here."""
    assert redis.process is not None
    addresses = Addresses(redis.url, per_minute=2)
    redis.process.send_signal(signal.SIGSTOP)
    try:
        async with asyncio.timeout(20):
            await addresses.count("192.0.2.79")
    finally:
        redis.process.send_signal(signal.SIGCONT)
        await _closed(addresses)


async def _closed(*addresses: Addresses) -> None:
    """Their connections; a backend's end with its process."""
    for each in addresses:
        shared: Any = each._shared
        await shared.storage.bridge.storage.aclose()
