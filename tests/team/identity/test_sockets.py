"""A change of who may do what reaches whoever is connected: their real socket closes with the next look, every two seconds."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from logins import Place, place_to_log_in
from oidc_server import OidcServer
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from victor_server.errors import Unauthenticated
from victor_server.protocol import ATTACH_PATH, SUBPROTOCOL
from victor_server.remote.login import endpoints
from victor_server.remote.login.joining import logout
from victor_server.team.configuration.resolved import DatabaseSettings, SessionSettings


class Clock:
    """The connections' time, which the test sets."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


async def _log_out(it: Place) -> None:
    await logout(it.on.egress(), it.on.home, it.kept)


async def _reuse(it: Place) -> None:
    """A thief uses a refresh token that was used."""
    tokens = it.kept.read()
    assert tokens is not None
    await endpoints.refresh(it.on.egress(), it.on.url, tokens.refresh, "")
    with pytest.raises(Unauthenticated):
        await endpoints.refresh(it.on.egress(), it.on.url, tokens.refresh, "")


def _asked(method: str, **params: Any) -> Callable[[Place], Awaitable[None]]:
    async def ask(it: Place) -> None:
        await it.on.backend.rpc(method, {"subject": "ann", **params})

    return ask


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_asked("users/revoke"), 4401),
        (_asked("users/remove"), 4401),
        (_asked("users/set", role="developer", disabled=True), 4401),
        (_asked("users/set", role="readonly"), 1012),
        (_log_out, 4401),
        (_reuse, 4401),
    ],
    ids=["revoked", "removed", "disabled", "another role", "logged out", "token used twice"],
)
async def test_their_socket_closes_within_five_seconds(
    tmp_path: Path,
    oidc: OidcServer,
    database_settings: DatabaseSettings,
    change: Callable[[Place], Awaitable[None]],
    code: int,
) -> None:
    """With the next look, which comes within three seconds, theirs closes; another's stays, and theirs stayed until then."""
    clock, look_s = Clock(), SessionSettings().recheck_s
    assert look_s <= 3
    async with place_to_log_in(tmp_path, oidc, clock=clock, database=database_settings) as it:
        await it.log_in("ann")
        token = await it.credentials().access_token()
        bob = await it.on.backend.token("developer", "bob")
        async with connect(_url(it), subprotocols=[Subprotocol(SUBPROTOCOL)], proxy=None) as theirs:
            await _attach(theirs, token)
            async with connect(_url(it), subprotocols=[Subprotocol(SUBPROTOCOL)], proxy=None) as other:
                await _attach(other, bob)
                await it.on.backend.hub.tick()
                assert (await _whoami(theirs))["subject"] == "ann"
                await change(it)
                clock.now_s += look_s
                await it.on.backend.hub.tick()
                await theirs.wait_closed()
                assert theirs.close_code == code
                assert (await _whoami(other))["subject"] == "bob"


def _url(it: Place) -> str:
    return it.on.url.replace("http:", "ws:", 1) + ATTACH_PATH


async def _attach(socket: ClientConnection, token: str) -> None:
    await _until(socket, "method", "auth_required")
    params = {"token": token, "credits": 64}
    await socket.send(json.dumps({"jsonrpc": "2.0", "method": "auth", "params": params}))
    await _until(socket, "method", "auth_ok")


async def _whoami(socket: ClientConnection) -> Any:
    await socket.send(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "team/whoami", "params": {}}))
    return (await _until(socket, "id", 1))["result"]


async def _until(socket: ClientConnection, name: str, value: object) -> Any:
    """The next frame that says so; others are passed over."""
    while True:
        frame = json.loads(await socket.recv())
        if frame.get(name) == value:
            return frame
