"""Logging in to a backend and out of it: tokens, membership and policy are kept together, or not at all."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from victor_server.errors import VictorError
from victor_server.protocol import LoginConfig, LoginGranted
from victor_server.remote import policy
from victor_server.remote.login import endpoints
from victor_server.remote.login.credentials import only_one
from victor_server.remote.login.identity_provider import IdentityProvider, describe
from victor_server.remote.login.kept import Kept, Tokens
from victor_server.remote.membership import Membership, join, leave, write_membership
from victor_server.remote.rpc import BackendClient, Clients, GivenToken, backend_url

Flow = Callable[[IdentityProvider, LoginConfig, str], Awaitable[str]]
"""Gives the ID token of somebody who logs in, for a provider, a client, and a nonce that it may use."""


@dataclass(frozen=True, slots=True)
class Joined:
    """One is logged in: to what, and where the tokens are kept."""

    member: Membership
    place: str


async def login_with_token(clients: Clients, kept: Kept, url: str, token: str) -> Joined:
    """Be who the API token says. Raises `Unauthenticated`; then all is as it was."""
    return await _join(clients, kept, Tokens(url=backend_url(url), access=token))


async def login_with_flow(clients: Clients, kept: Kept, url: str, tenant: str, flow: Flow) -> Joined:
    """Be who logs in at the tenant's identity provider."""
    address = backend_url(url)
    config = await endpoints.login_config(clients, address, tenant)
    provider = await describe(clients, config.issuer)
    begun = await endpoints.begin_login(clients, address, tenant)
    granted = await endpoints.exchange(clients, address, tenant, await flow(provider, config, begun.nonce))
    return await _join(clients, kept, tokens_of(address, granted, time.time()))


async def logout(clients: Clients, home: Path, kept: Kept) -> bool:
    """Forget the backend, and let it end the login; False if it could not be told, and its tokens end by themselves."""
    async with only_one(home):
        tokens = await asyncio.to_thread(kept.read)
        was_told = await _told(clients, tokens) if tokens else True
        await asyncio.to_thread(kept.forget)
        await asyncio.to_thread(leave, home)
    return was_told


def tokens_of(url: str, granted: LoginGranted, now_s: float) -> Tokens:
    """What is kept of an answer."""
    return Tokens(
        url=url,
        access=granted.access_token,
        expires_s=now_s + granted.expires_in,
        refresh=granted.refresh_token,
    )


async def _join(clients: Clients, kept: Kept, tokens: Tokens) -> Joined:
    client = BackendClient(clients, tokens.url, GivenToken(tokens.access))
    try:
        member, signed = await join(client)
    finally:
        await client.close()
    policy.verify(signed, member)
    async with only_one(kept.home):
        before = await asyncio.to_thread(kept.read_if_any)
        written = await asyncio.to_thread(_write, kept, tokens, member)
        await asyncio.to_thread(policy.adopt, kept.home, signed, member, time.time_ns() // 1_000)
        if before is not None and before.refresh and before.refresh != tokens.refresh:
            await _told(clients, before)
    return Joined(member, written.place)


def _write(kept: Kept, tokens: Tokens, member: Membership) -> Kept:
    written = kept.write(tokens)
    write_membership(kept.home, member)
    return written


async def _told(clients: Clients, tokens: Tokens) -> bool:
    """Whether the backend knows that a login has ended; an API token goes on holding until somebody revokes it."""
    if not tokens.refresh:
        return True
    try:
        await endpoints.logout(clients, tokens.url, tokens.refresh)
    except VictorError:
        return False
    return True
