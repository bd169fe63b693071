"""Logging in over HTTP: `/v1/auth/…`, by RFC 8693 (exchange) and RFC 6749 (refresh). Also where each face finds a token."""

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from pydantic import TypeAdapter, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from victor_server.errors import Unauthenticated, UsageError
from victor_server.protocol import Empty, Shape, Slug
from victor_server.team.backend import Backend
from victor_server.team.configuration.resolved import DEFAULT_TENANT
from victor_server.team.identity.addresses import Addresses
from victor_server.team.identity.holders import read_credential
from victor_server.team.identity.login import token_kind

MAX_FORM_BYTES = 65_536
_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}
_SECRET_WORDS = frozenset({"token", "access_token", "refresh_token", "id_token", "subject_token", "api_key"})
_SLUG: TypeAdapter[str] = TypeAdapter(Slug)

Answer = Callable[[Backend, Request], Awaitable[Shape]]
Failed = Callable[[Exception], Response]


def auth_routes(backend: Backend, addresses: Addresses, failed: Failed) -> list[Route]:
    """The routes; `failed` makes the answer of whatever an endpoint raises."""
    return [
        Route("/v1/auth/config", _endpoint(backend, addresses, _config, failed), methods=["GET"]),
        Route("/v1/auth/begin", _endpoint(backend, addresses, _begin, failed), methods=["POST"]),
        Route("/v1/auth/token", _endpoint(backend, addresses, _token, failed), methods=["POST"]),
        Route("/v1/auth/logout", _endpoint(backend, addresses, _logout, failed), methods=["POST"]),
    ]


def bearer_token(request: Request) -> str:
    """The token of the header `Authorization: Bearer …`. Raises `Unauthenticated`; `UsageError` for one in the address."""
    refuse_tokens_in_query(request.scope.get("query_string", b""))
    written = request.headers.getlist("authorization")
    scheme, _, token = written[0].partition(" ") if len(written) == 1 else ("", "", "")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > 8_192 or not token.isascii():
        raise Unauthenticated(
            "The request does not say who asks.", "Send the header `Authorization: Bearer TOKEN`."
        )
    return token


def refuse_tokens_in_query(query: bytes) -> None:
    """Raise `UsageError` for an address with a token in it: addresses are written into logs on the way."""
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=None):
        if name.lower() in _SECRET_WORDS or value.startswith(("vk_", "vr_", "eyJ")):
            raise UsageError(
                "A token stands in the address, where logs would keep it.",
                "Send it in the header `Authorization: Bearer TOKEN`, and have this one revoked.",
            )


def _endpoint(
    backend: Backend, addresses: Addresses, answer: Answer, failed: Failed
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            refuse_tokens_in_query(request.scope.get("query_string", b""))
            await addresses.count(request.client.host if request.client else "")
            told = await answer(backend, request)
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception as error:  # noqa: BLE001 - the edge of the backend: `failed` tells it without its insides
            return failed(error)
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
    principal = await backend.identity.authenticate(bearer_token(request))
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
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_FORM_BYTES:
            raise UsageError("The form is too long.")
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
