"""Speaks to the team's identity provider, as the client that the backend names: its addresses, codes and ID tokens."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from victor_server.egress.connections import Timeouts
from victor_server.egress.post import Answered, get_json, post_form
from victor_server.errors import BadResponse, Unauthenticated
from victor_server.policy.hosts import is_this_machine, parse_destination
from victor_server.remote.failures import one_line
from victor_server.remote.rpc import Clients

PURPOSE = "the team's identity provider"
TIME_LIMIT_S = 30.0


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """Where it is asked; "" where it has no such thing. `names_itself`: what comes back by the browser says whose it is."""

    issuer: str
    authorize: str
    token: str
    device: str
    names_itself: bool = False


async def describe(clients: Clients, issuer: str) -> IdentityProvider:
    """What the provider says of itself. Raises `BadResponse`, `Unavailable`, `OfflineBlocked`."""
    url = issuer.rstrip("/") + "/.well-known/openid-configuration"
    _require_safe(url)
    client = await _client(clients, url)
    async with client:
        answered = await get_json(client, url, time_s=TIME_LIMIT_S)
    told = answered.body if answered.status == 200 and isinstance(answered.body, dict) else {}
    if told.get("issuer") != issuer:
        raise BadResponse(
            "The identity provider describes itself as another one than the backend names.",
            "Tell whoever runs the backend.",
        )
    return IdentityProvider(
        issuer,
        _address(told, "authorization_endpoint"),
        _address(told, "token_endpoint"),
        _address(told, "device_authorization_endpoint"),
        told.get("authorization_response_iss_parameter_supported") is True,
    )


async def ask(clients: Clients, url: str, form: Mapping[str, str]) -> Answered:
    """Post a form to one of its addresses."""
    client = await _client(clients, url)
    async with client:
        return await post_form(client, url, form, headers={"accept": "application/json"}, time_s=TIME_LIMIT_S)


def id_token_of(answered: Answered) -> str:
    """The ID token of a token endpoint's answer. Raises `Unauthenticated`, which says why there is none."""
    body = answered.body if isinstance(answered.body, dict) else {}
    token = body.get("id_token")
    if answered.status == 200 and isinstance(token, str):
        return token
    raise refused(body)


def refused(body: Mapping[str, Any]) -> Unauthenticated:
    """What the provider said instead, in its own words."""
    said = body.get("error_description") or body.get("error") or "it sends no ID token"
    return Unauthenticated(
        f"The identity provider does not let you in: {one_line(str(said))}.", "Try again: victor login URL."
    )


async def _client(clients: Clients, url: str) -> Any:
    timeouts = Timeouts(connect_s=10.0, read_s=TIME_LIMIT_S)
    return await asyncio.to_thread(clients.httpx2_client, url, purpose=PURPOSE, timeouts=timeouts)


def _address(told: Mapping[str, Any], name: str) -> str:
    address = told.get(name, "")
    if not isinstance(address, str):
        raise BadResponse("The identity provider's description cannot be read.", "Tell whoever runs it.")
    if address:
        _require_safe(address)
    return address


def _require_safe(address: str) -> None:
    destination = parse_destination(address)
    if destination.scheme != "https" and not is_this_machine(destination.host):
        raise BadResponse(
            f"The identity provider has an address that does not begin with https:// ({destination}).",
            "Tell whoever runs it.",
        )
