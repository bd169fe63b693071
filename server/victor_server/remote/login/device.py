"""The device flow (RFC 8628): a code that is shown here and entered in a browser anywhere."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from victor_server.errors import BadResponse, Unauthenticated, UsageError
from victor_server.protocol import LoginConfig
from victor_server.remote.failures import one_line
from victor_server.remote.login.identity_provider import IdentityProvider, ask, id_token_of, refused
from victor_server.remote.rpc import Clients

_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_SLOWER_S = 5.0
_MOST_S = 1_800.0


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person is shown: the code, and where to enter it; `complete` has the code in it already."""

    user_code: str
    address: str
    complete: str


async def device_login(
    clients: Clients,
    provider: IdentityProvider,
    config: LoginConfig,
    show: Callable[[Shown], None],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> str:
    """The ID token of whoever enters the code. Raises `Unauthenticated` if nobody does, or is not let in."""
    if not provider.device:
        raise UsageError(
            "The identity provider has no device flow.", "Log in with: victor login URL --browser."
        )
    form = {"client_id": config.client_id, "scope": " ".join(config.scopes)}
    begun = await ask(clients, provider.device, form)
    told = begun.body if isinstance(begun.body, dict) else {}
    if begun.status != 200:
        raise refused(told)
    code = _word(told, "device_code")
    show(
        Shown(
            one_line(_word(told, "user_code")),
            one_line(_word(told, "verification_uri")),
            one_line(str(told.get("verification_uri_complete") or "")),
        )
    )
    polled = {"grant_type": _GRANT, "device_code": code, "client_id": config.client_id}
    return await _poll(clients, provider, polled, told, sleep)


async def _poll(
    clients: Clients,
    provider: IdentityProvider,
    form: dict[str, str],
    told: dict[str, Any],
    sleep: Callable[[float], Awaitable[None]],
) -> str:
    interval_s, left_s = _seconds(told, "interval", 5.0), _seconds(told, "expires_in", 600.0)
    while left_s > 0:
        await sleep(interval_s)
        left_s -= interval_s
        answered = await ask(clients, provider.token, form)
        error = answered.body.get("error") if isinstance(answered.body, dict) else None
        if answered.status == 200 or error not in ("authorization_pending", "slow_down"):
            return id_token_of(answered)
        if error == "slow_down":
            interval_s += _SLOWER_S
    raise Unauthenticated("Nobody entered the code in time.", "Try again: victor login URL.")


def _word(told: dict[str, Any], name: str) -> str:
    word = told.get(name)
    if not isinstance(word, str) or not word:
        raise BadResponse("The identity provider's device flow cannot be read.", "Tell whoever runs it.")
    return word


def _seconds(told: dict[str, Any], name: str, default: float) -> float:
    value = told.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        return default
    return min(float(value), _MOST_S)
