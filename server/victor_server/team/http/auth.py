"""Logging in over HTTP: `/v1/auth/…`, by RFC 8693 (exchange) and RFC 6749 (refresh)."""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from urllib.parse import parse_qsl

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from victor_server.errors import UsageError
from victor_server.protocol import Empty, LoginBegun, LoginConfig, LoginGranted, Shape
from victor_server.team.backend import Backend
from victor_server.team.dispatch import read_shape
from victor_server.team.http.auth_forms import Exchange, Logout, OfTenant, Refresh, TokenAsked
from victor_server.team.http.bearer import principal_of
from victor_server.team.http.body import read_body
from victor_server.team.http.operation import FORM, JSON, Operation, answering, route_of
from victor_server.team.identity.addresses import Addresses
from victor_server.team.identity.holders import read_credential
from victor_server.team.identity.login import token_kind

MAX_FORM_BYTES = 65_536
_NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}
_OF_TENANT: TypeAdapter[OfTenant] = TypeAdapter(OfTenant)
_TOKEN: TypeAdapter[Refresh | Exchange] = TypeAdapter(TokenAsked)
_LOGOUT: TypeAdapter[Logout] = TypeAdapter(Logout)

Asked = TypeVar("Asked")
Answer = Callable[[Backend, Request], Awaitable[Shape]]

CONFIG = Operation(
    "auth/config",
    "GET",
    "/v1/auth/config",
    "How people of a tenant log in, and what policies and audit heads are signed with.",
    told={JSON: LoginConfig},
    asked=OfTenant,
    schemes=("",),
)
BEGIN = Operation(
    "auth/begin",
    "POST",
    "/v1/auth/begin",
    "A nonce for one login.",
    told={JSON: LoginBegun},
    asked=OfTenant,
    takes=FORM,
    schemes=("",),
)
TOKEN = Operation(
    "auth/token",
    "POST",
    "/v1/auth/token",
    "Tokens for a login at the identity provider, or the next ones.",
    told={JSON: LoginGranted},
    asked=TokenAsked,
    takes=FORM,
    schemes=("",),
)
LOGOUT = Operation(
    "auth/logout",
    "POST",
    "/v1/auth/logout",
    "End a login.",
    told={JSON: Empty},
    asked=Logout,
    takes=FORM,
    schemes=("", "bearer"),
)
OPERATIONS = (CONFIG, BEGIN, TOKEN, LOGOUT)


def auth_routes(backend: Backend, addresses: Addresses) -> list[Route]:
    """The routes. `addresses` counts who asks: none of them says who they are."""
    answers: dict[Operation, Answer] = {CONFIG: _config, BEGIN: _begin, TOKEN: _token, LOGOUT: _logout}
    return [
        route_of(operation, _endpoint(backend, addresses, answer)) for operation, answer in answers.items()
    ]


def _endpoint(
    backend: Backend, addresses: Addresses, answer: Answer
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        await addresses.count(request.client.host if request.client else "")
        told = await answer(backend, request)
        return JSONResponse(told.model_dump(mode="json"), headers=_NO_STORE)

    return answering(backend, endpoint)


async def _config(backend: Backend, request: Request) -> Shape:
    asked = read_shape(_OF_TENANT, dict(request.query_params))
    return await backend.identity.login.config(asked.tenant)


async def _begin(backend: Backend, request: Request) -> Shape:
    asked = read_shape(_OF_TENANT, await _form(request))
    return await backend.identity.login.begin(asked.tenant)


async def _token(backend: Backend, request: Request) -> Shape:
    asked = read_shape(_TOKEN, await _form(request))
    match asked:
        case Refresh():
            return await backend.identity.login.refresh(asked.refresh_token, asked.retry)
        case Exchange():
            kind = token_kind(asked.subject_token_type)
            return await backend.identity.login.exchange(asked.tenant, asked.subject_token, kind)


async def _logout(backend: Backend, request: Request) -> Shape:
    """By the refresh token in the form, else by the Victor token of the header; an API token is revoked elsewhere."""
    asked = read_shape(_LOGOUT, await _form(request))
    if asked.refresh_token is not None:
        await backend.identity.login.logout_by_refresh_token(asked.refresh_token)
        return Empty()
    principal = await principal_of(backend, request)
    credential = read_credential(principal.credential)
    if credential.kind == "token":
        raise UsageError(
            "An API token has no login that could end.", "Revoke it: victor team tokens revoke ID."
        )
    await backend.identity.login.logout(principal.tenant, credential.name)
    return Empty()


async def _form(request: Request) -> dict[str, str]:
    """A form of bounded length; what is said twice is refused, for nobody could tell which one counts."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await read_body(request, MAX_FORM_BYTES)
    if body and kind != "application/x-www-form-urlencoded":
        raise UsageError("The body is no form.", "Send application/x-www-form-urlencoded.")
    try:
        fields = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=20
        )
    except ValueError:
        raise UsageError("The form cannot be read.", "Send application/x-www-form-urlencoded.") from None
    form = dict(fields)
    if len(form) != len(fields):
        raise UsageError("The form says something twice.")
    return form
