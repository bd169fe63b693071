"""Answers what edges and administrators ask of policies."""

from victor_server.protocol import Empty, PolicySet, PolicyState, PublicKeys, SignedPolicy
from victor_server.team.backend import Backend
from victor_server.team.principal import Principal


async def get(backend: Backend, principal: Principal, params: Empty) -> SignedPolicy:
    """What this edge is held to."""
    return await backend.policies.signed(principal)


async def keys(backend: Backend, principal: Principal, params: Empty) -> PublicKeys:
    """What policies and heads are signed with."""
    return await backend.policies.keys()


async def set_one(backend: Backend, principal: Principal, params: PolicySet) -> PolicyState:
    """Hold all edges to this."""
    return await backend.policies.set(principal, params)


async def state(backend: Backend, principal: Principal, params: Empty) -> PolicyState:
    """What they are held to."""
    return await backend.policies.state(principal.tenant)
