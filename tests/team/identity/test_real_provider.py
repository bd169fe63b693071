"""The backend and a real identity provider: programs log in, keys turn, nobody is let in for another."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from oidc_server import OidcServer
from team_backend import RunningBackend, running_backend

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
async def it(tmp_path: Path, oidc: OidcServer) -> AsyncIterator[RunningBackend]:
    """A backend whose tenant `default` logs in at `oidc`."""
    async with running_backend(tmp_path, oidc=(oidc.settings(),)) as running:
        yield running


async def test_program_logs_in(it: RunningBackend, oidc: OidcServer) -> None:
    """Client credentials give a service with the role of its groups, for a while, and nothing to renew it with."""
    answer = await _exchanged(it, await oidc.client_token(), "access_token")
    granted = answer.json()
    assert (answer.status_code, granted["refresh_token"]) == (200, "")
    who = await it.rpc("team/whoami", token=granted["access_token"])
    assert (who["subject"], who["kind"], who["role"]) == ("service:ci", "service", "developer")


async def test_one_kind_of_token_is_not_another(it: RunningBackend, oidc: OidcServer) -> None:
    """A program's token is no ID token, an ID token no program's, and neither gets in without being exchanged."""
    access, person = await oidc.client_token(), await _id_token(oidc, "ann")
    for token, kind in ((access, "id_token"), (person, "access_token")):
        assert (await _exchanged(it, token, kind)).status_code == 401
    for token in (access, person):
        assert (await it.ask("team/whoami", {}, token)).status_code == 401


async def test_id_token_is_good_once(it: RunningBackend, oidc: OidcServer) -> None:
    """The device flow's ID token has no nonce: a second exchange of the same one is refused."""
    token = await _id_token(oidc, "ann")
    statuses = [(await _exchanged(it, token, "id_token")).status_code for _ in range(2)]
    assert statuses == [200, 401]


async def test_keys_turn(tmp_path: Path, oidc: OidcServer) -> None:
    """Tokens of the provider's new key are taken once it may be asked again, and those of the old one no more after that."""
    async with running_backend(tmp_path, oidc=(oidc.settings(),)) as first:
        before, late = await _id_token(oidc, "ann"), await _id_token(oidc, "ann")
        assert (await _exchanged(first, before, "id_token")).status_code == 200
        await oidc.turn_keys()
        after = await _id_token(oidc, "ann")
        assert (await _exchanged(first, after, "id_token")).status_code == 401
        _let_pass(first, 11)
        assert (await _exchanged(first, after, "id_token")).status_code == 200
        assert (await _exchanged(first, late, "id_token")).status_code == 401


async def test_another_client_of_the_same_provider(tmp_path: Path, oidc: OidcServer) -> None:
    """An ID token that was made for another client, or a program's for another service, is refused."""
    other = replace(oidc.settings(), client_id="other", audience=("other-api",))
    async with running_backend(tmp_path, oidc=(other,)) as it:
        for token, kind in (
            (await _id_token(oidc, "ann"), "id_token"),
            (await oidc.client_token(), "access_token"),
        ):
            assert (await _exchanged(it, token, kind)).status_code == 401


async def test_groups_are_taken_anew(it: RunningBackend, oidc: OidcServer) -> None:
    """Whoever an administrator gave another role has that of their groups after the next login; the disabled stay out."""
    first = (await _exchanged(it, await _id_token(oidc, "ann"), "id_token")).json()["access_token"]
    await it.rpc("users/set", {"subject": "ann", "role": "readonly"})
    assert (await it.rpc("team/whoami", token=first))["role"] == "readonly"
    assert (await _exchanged(it, await _id_token(oidc, "ann"), "id_token")).status_code == 200
    who = await it.rpc("team/whoami", token=first)
    assert (who["role"], who["teams"]) == ("developer", ["Red"])
    await it.rpc("users/set", {"subject": "ann", "role": "developer", "disabled": True})
    assert (await _exchanged(it, await _id_token(oidc, "ann"), "id_token")).status_code == 401
    assert (await _exchanged(it, await _id_token(oidc, "eve"), "id_token")).status_code == 403


async def _exchanged(it: RunningBackend, token: str, kind: str) -> httpx2.Response:
    form = {
        "grant_type": EXCHANGE,
        "tenant": "default",
        "subject_token": token,
        "subject_token_type": f"urn:ietf:params:oauth:token-type:{kind}",
    }
    return await it.http.post("/v1/auth/token", data=form)


async def _id_token(oidc: OidcServer, person: str) -> str:
    """By the device flow, step by step."""
    async with httpx2.AsyncClient(base_url=oidc.issuer, trust_env=False) as client:
        form = {"client_id": "victor-cli", "scope": "openid profile email"}
        begun: dict[str, Any] = (await client.post("/device/auth", data=form)).json()
        await oidc.browse(begun["verification_uri_complete"], person)
        polled = {"grant_type": DEVICE, "device_code": begun["device_code"], "client_id": "victor-cli"}
        return str((await client.post("/token", data=polled)).json()["id_token"])


def _let_pass(it: RunningBackend, seconds: int) -> None:
    """The provider's keys count as asked for so long ago."""
    for known in it.backend.identity.login._providers._known.values():
        assert known.tried_us is not None
        known.tried_us -= seconds * 1_000_000
