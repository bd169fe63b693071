"""Answers what administrators ask of API tokens."""

from victor_server.protocol import Empty, NamedToken, NewToken, TokenAsked, Tokens
from victor_server.team.backend import Backend
from victor_server.team.principal import Principal


async def list_all(backend: Backend, principal: Principal, params: Empty) -> Tokens:
    """All of the tenant."""
    return Tokens(tokens=await backend.identity.tokens.all(principal))


async def create(backend: Backend, principal: Principal, params: TokenAsked) -> NewToken:
    """A new one."""
    return await backend.identity.tokens.create(principal, params)


async def revoke(backend: Backend, principal: Principal, params: NamedToken) -> Empty:
    """End one."""
    await backend.identity.tokens.revoke(principal, params.id)
    return Empty()
