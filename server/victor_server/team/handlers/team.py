"""Answers who somebody is."""

from victor_server.protocol import Empty, WhoAmI
from victor_server.team.backend import Backend
from victor_server.team.principal import Principal


async def who_am_i(backend: Backend, principal: Principal, params: Empty) -> WhoAmI:
    """The one who asks, as the backend knows them."""
    return WhoAmI(
        tenant=principal.tenant,
        subject=principal.subject,
        kind=principal.kind,
        role=principal.role,
        teams=principal.teams,
        scopes=principal.permissions,
        operator=principal.operator,
        expires_us=principal.expires_us,
    )
