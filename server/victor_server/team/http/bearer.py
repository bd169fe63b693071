"""Finds out who asks over HTTP: `Authorization: Bearer …`, and nothing else."""

from starlette.requests import Request

from victor_server.errors import Unauthenticated
from victor_server.team.backend import Backend
from victor_server.team.principal import Principal

MAX_TOKEN_CHARS = 8_192


async def principal_of(backend: Backend, request: Request) -> Principal:
    """Who asks. Raises `Unauthenticated`."""
    return await backend.identity.authenticate(bearer_token(request))


def bearer_token(request: Request) -> str:
    """The token of the header. Raises `Unauthenticated`, which says nothing of it."""
    given = request.headers.getlist("authorization")
    scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > MAX_TOKEN_CHARS:
        raise Unauthenticated("No token was given.", "Say who you are: Authorization: Bearer TOKEN.")
    return token
