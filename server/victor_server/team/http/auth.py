"""Logging in over HTTP: `/v1/auth/…`, by RFC 8693 (exchange) and RFC 6749 (refresh)."""

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from pydantic import TypeAdapter, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from victor_server.errors import UsageError
from victor_server.protocol import Empty, Shape, Slug
from victor_server.team.backend import Backend
from victor_server.team.configuration.resolved import DEFAULT_TENANT
from victor_server.team.http.bearer import principal_of
from victor_server.team.http.body import read_body
from victor_server.team.http.errors import error_response
from victor_server.team.identity.addresses import Addresses
from victor_server.team.identity.holders import read_credential
from victor_server.team.identity.login import token_kind

MAX_FORM_BYTES = 65_536
_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}
_SLUG: TypeAdapter[str] = TypeAdapter(Slug)

Answer = Callable[[Backend, Request], Awaitable[Shape]]


def auth_routes(backend: Backend, addresses: Addresses) -> list[Route]:
    """The routes. `addresses` counts who asks: none of them says who they are."""
    return [
        Route("/v1/auth/config", _endpoint(backend, addresses, _config), methods=["GET"], name="auth/config"),
        Route("/v1/auth/begin", _endpoint(backend, addresses, _begin), methods=["POST"], name="auth/begin"),
        Route("/v1/auth/token", _endpoint(backend, addresses, _token), methods=["POST"], name="auth/token"),
        Route(
            "/v1/auth/logout", _endpoint(backend, addresses, _logout), methods=["POST"], name="auth/logout"
        ),
    ]


def _endpoint(
    backend: Backend, addresses: Addresses, answer: Answer
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            await addresses.count(request.client.host if request.client else "")
            told = await answer(backend, request)
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception as error:  # noqa: BLE001 - the edge of the backend: whatever it is, it is told as an answer
            return error_response(error)
        return JSONResponse(told.model_dump(mode="json"), headers=_NO_STORE)

    return endpoint


async def _config(backend: Backend, request: Request) -> Shape:
    return await backend.identity.login.config(_tenant(request.query_params.get("tenant", DEFAULT_TENANT)))


async def _begin(backend: Backend, request: Request) -> Shape:
    form = await _form(request)
    return await backend.identity.login.begin(_tenant(form.get("tenant", DEFAULT_TENANT)))


async def _token(backend: Backend, request: Request) -> Shape:
    form = await _form(request)
    match form.get("grant_type"):
        case "refresh_token":
            return await backend.identity.login.refresh(form.get("refresh_token", ""), form.get("retry", ""))
        case grant if grant == _EXCHANGE:
            return await backend.identity.login.exchange(
                _tenant(form.get("tenant", DEFAULT_TENANT)),
                form.get("subject_token", ""),
                token_kind(form.get("subject_token_type", "")),
            )
    raise UsageError(
        "grant_type is neither refresh_token nor a token exchange.", "See the protocol's documentation."
    )


async def _logout(backend: Backend, request: Request) -> Shape:
    """By the refresh token in the form, else by the Victor token of the header; an API token is revoked elsewhere."""
    form = await _form(request)
    if "refresh_token" in form:
        await backend.identity.login.logout_by_refresh_token(form["refresh_token"])
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


def _tenant(name: str) -> str:
    try:
        return _SLUG.validate_python(name)
    except ValidationError:
        raise UsageError("That is no tenant's name.", "A tenant is named by a-z, 0-9 and `-`.") from None
