"""Logging in over HTTP, as an edge does: the whole backend, asked by its endpoints."""

from pathlib import Path

from team_backend import running_backend


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


async def test_too_many_from_one_address(tmp_path: Path) -> None:
    """Whoever tries without end is told to wait."""
    async with running_backend(tmp_path) as it:
        tried = [await it.http.post("/v1/auth/token", data={"grant_type": "x"}) for _ in range(61)]
        assert tried[-1].status_code == 429
        assert int(tried[-1].headers["retry-after"]) > 0
