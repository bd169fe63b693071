"""Asks a team's backend for what stands behind `/v1/auth/…`: how to log in, tokens, the end of them."""

import asyncio
from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError

from victor_server.egress.connections import Timeouts
from victor_server.egress.post import Answered, get_json, post_form
from victor_server.errors import BadResponse
from victor_server.protocol import LoginBegun, LoginConfig, LoginGranted, Shape
from victor_server.remote.failures import error_of_status
from victor_server.remote.rpc import PURPOSE, Clients, backend_url

TIME_LIMIT_S = 30.0
_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105  # the name of a kind
_Told = TypeVar("_Told", bound=Shape)


async def login_config(clients: Clients, url: str, tenant: str) -> LoginConfig:
    """How people of a tenant log in."""
    path = f"/v1/auth/config?tenant={tenant}"
    return _read(LoginConfig, await _get(clients, url, path))


async def begin_login(clients: Clients, url: str, tenant: str) -> LoginBegun:
    """A nonce."""
    return _read(LoginBegun, await _post(clients, url, "begin", {"tenant": tenant}))


async def exchange(clients: Clients, url: str, tenant: str, id_token: str) -> LoginGranted:
    """Victor's own tokens for an ID token."""
    form = {
        "grant_type": _EXCHANGE,
        "tenant": tenant,
        "subject_token": id_token,
        "subject_token_type": _ID_TOKEN,
    }
    return _read(LoginGranted, await _post(clients, url, "token", form))


async def refresh(clients: Clients, url: str, token: str, retry: str) -> LoginGranted:
    """The next tokens; with the same `retry` the same ones again. Raises `Unauthenticated`: log in anew."""
    form = {"grant_type": "refresh_token", "refresh_token": token, "retry": retry}
    return _read(LoginGranted, await _post(clients, url, "token", form))


async def logout(clients: Clients, url: str, refresh_token: str) -> None:
    """End a login for good."""
    answered = await _post(clients, url, "logout", {"refresh_token": refresh_token})
    if answered.status != 200:
        raise error_of_status(answered.status, answered.body, answered.retry_after_s)


async def _post(clients: Clients, url: str, name: str, form: Mapping[str, str]) -> Answered:
    timeouts = Timeouts(connect_s=10.0, read_s=TIME_LIMIT_S)
    address = backend_url(url)
    client = await asyncio.to_thread(clients.httpx2_client, address, purpose=PURPOSE, timeouts=timeouts)
    async with client:
        return await post_form(client, f"{address}/v1/auth/{name}", form, headers={}, time_s=TIME_LIMIT_S)


async def _get(clients: Clients, url: str, path: str) -> Answered:
    timeouts = Timeouts(connect_s=10.0, read_s=TIME_LIMIT_S)
    address = backend_url(url)
    client = await asyncio.to_thread(clients.httpx2_client, address, purpose=PURPOSE, timeouts=timeouts)
    async with client:
        return await get_json(client, address + path, time_s=TIME_LIMIT_S)


def _read(shape: type[_Told], answered: Answered) -> _Told:
    if answered.status != 200:
        raise error_of_status(answered.status, answered.body, answered.retry_after_s)
    try:
        return shape.model_validate(answered.body)
    except ValidationError:
        raise BadResponse(
            "The team's backend answers a login with something that this Victor does not know.",
            "Update Victor, or the backend.",
        ) from None
