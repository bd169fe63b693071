"""Answers what administrators ask of the people of their tenant."""

from victor_server.protocol import Empty, NamedUser, User, Users
from victor_server.team.backend import Backend
from victor_server.team.principal import Principal


async def list_all(backend: Backend, principal: Principal, params: Empty) -> Users:
    """Everybody."""
    return Users(users=await backend.identity.users.all(principal))


async def set_one(backend: Backend, principal: Principal, params: User) -> User:
    """Add or change somebody."""
    return await backend.identity.users.set(principal, params)


async def remove(backend: Backend, principal: Principal, params: NamedUser) -> Empty:
    """Take somebody out."""
    await backend.identity.users.remove(principal, params.subject)
    return Empty()


async def revoke(backend: Backend, principal: Principal, params: NamedUser) -> Empty:
    """End all logins and API tokens of somebody."""
    await backend.identity.users.revoke(principal, params.subject)
    return Empty()
