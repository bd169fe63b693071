"""The same backend over plain HTTP: methods one by one, whoever watches over it, and what no address may hold."""

import json
from pathlib import Path

import pytest
from team_backend import running_backend

from victor_server.protocol import METHODS


async def test_a_method_is_asked_by_its_name(tmp_path: Path) -> None:
    """The params are the body, the result is the answer."""
    async with running_backend(tmp_path) as it:
        who = await it.rpc("team/whoami", token=await it.token("developer"))
        assert (who["subject"], who["role"]) == ("developer", "developer")


@pytest.mark.parametrize(
    ("method", "body", "status", "kind"),
    [
        ("no/such", b"{}", 404, "not_found"),
        ("call/start", b"{}", 404, "not_found"),
        ("users/list", b"{}", 403, "forbidden"),
        ("calls/mine", b'{"limit": 0}', 400, "usage"),
        ("calls/mine", b"[1]", 400, "usage"),
        ("calls/mine", b"[" * 100_000, 400, "usage"),
        ("calls/mine", b"\xff", 400, "usage"),
        ("calls/mine", b" " * 4_000_001, 413, "too_large"),
        ("call/status", b'{"call_id": "none-0001"}', 404, "not_found"),
    ],
)
async def test_errors_have_a_status_and_a_kind(
    tmp_path: Path, method: str, body: bytes, status: int, kind: str
) -> None:
    """Each error of ours is told with the status that belongs to it, and with nothing of what was sent."""
    async with running_backend(tmp_path) as it:
        token = await it.token("developer")
        headers = {"authorization": f"Bearer {token}"}
        response = await it.http.post(f"/v1/rpc/{method}", content=body, headers=headers)
        assert (response.status_code, response.json()["error"]["kind"]) == (status, kind)
        assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("header", [None, "Basic abc", "Bearer", "Bearer vk_default.a.b", "bearer  x y"])
async def test_whoever_is_not_known_gets_401(tmp_path: Path, header: str | None) -> None:
    """Without a good token nothing is answered but that."""
    async with running_backend(tmp_path) as it:
        headers = {} if header is None else {"authorization": header}
        response = await it.http.post("/v1/rpc/team/whoami", json={}, headers=headers)
        assert response.status_code == 401
        assert response.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", ["/health", "/ready", "/v1/rpc/team/whoami", "/nothing"])
async def test_a_token_in_an_address_is_refused(tmp_path: Path, path: str) -> None:
    """Addresses are written into logs: 400, before anything else is looked at, and the token is not repeated."""
    async with running_backend(tmp_path) as it:
        for query in ("token=secretsecret", "x=vk_secretsecret", "Access_Token=secretsecret"):
            response = await it.http.request("POST", f"{path}?{query}")
            assert response.status_code == 400
            assert "secretsecret" not in response.text


async def test_who_watches_over_it_needs_no_token(tmp_path: Path) -> None:
    """Alive, ready, and what Prometheus reads; a store that is gone makes it not ready, but alive."""
    async with running_backend(tmp_path) as it:
        assert (await it.http.get("/health")).json() == {"status": "ok"}
        assert (await it.http.get("/ready")).json() == {"status": "ready"}
        metrics = (await it.http.get("/metrics")).text
        assert "victor_requests_total{" in metrics
        assert it.operator not in metrics


async def test_what_is_not_there_is_told_as_json(tmp_path: Path) -> None:
    """An address or a verb that is not there is an error like any other, and makes no series of its own."""
    async with running_backend(tmp_path) as it:
        gone = await it.http.get("/nothing/at/all")
        assert (gone.status_code, gone.json()["error"]["kind"]) == (404, "not_found")
        wrong = await it.http.get("/v1/rpc/team/whoami")
        assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
        assert "/nothing" not in (await it.http.get("/metrics")).text


async def test_the_document_names_every_method(tmp_path: Path) -> None:
    """What can be asked over HTTP stands in it, and what cannot does not; all that it refers to is there."""
    async with running_backend(tmp_path) as it:
        document = (await it.http.get("/v1/openapi.json")).json()
    asked = {path.removeprefix("/v1/rpc/") for path in document["paths"] if path.startswith("/v1/rpc/")}
    assert asked == {name for name, method in METHODS.items() if not method.streams}
    named = set(document["components"]["schemas"])
    refs = {part.split('"')[0] for part in json.dumps(document).split("#/components/schemas/")[1:]}
    assert refs <= named


async def test_the_document_names_every_address(tmp_path: Path) -> None:
    """Everything that is answered stands in it, but the document and the socket."""
    async with running_backend(tmp_path) as it:
        document = (await it.http.get("/v1/openapi.json")).json()
    assert {path for path in document["paths"] if not path.startswith("/v1/rpc/")} == {
        "/health",
        "/ready",
        "/metrics",
        "/v1/auth/config",
        "/v1/auth/begin",
        "/v1/auth/token",
        "/v1/auth/logout",
        "/v1/chat/completions",
        "/v1/messages",
    }
    chat = document["paths"]["/v1/chat/completions"]["post"]
    assert set(chat["responses"]["200"]["content"]) == {"application/json", "text/event-stream"}
    (tenant,) = document["paths"]["/v1/auth/config"]["get"]["parameters"]
    assert (tenant["name"], tenant["in"], tenant["required"]) == ("tenant", "query", False)
