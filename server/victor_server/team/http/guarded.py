"""Holds for every HTTP answer: no token in an address, nothing cached, no page of another origin, every error told as one."""

import re
import time
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.types import ASGIApp, Receive, Scope, Send

from victor_server.errors import UsageError
from victor_server.team.backend import Backend
from victor_server.team.http.errors import error_response
from victor_server.telemetry.request_names import tell_answered

_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
)
_SECRET_NAMES = frozenset(
    ("token", "access_token", "refresh_token", "id_token", "api_key", "apikey", "key", "authorization", "auth",
     "code", "code_verifier", "password", "secret", "bearer", "client_secret", "client_assertion", "assertion",
     "subject_token", "actor_token", "id_token_hint", "device_code", "jwt")
)  # fmt: skip
_SECRET_FORM = re.compile(r"(?<![A-Za-z0-9])(?:vk_|vr_|eyJ|bearer\s)", re.IGNORECASE)
"""How our tokens begin, and everybody's JSON Web Tokens, wherever a word begins."""


def guarded(app: ASGIApp, backend: Backend) -> ASGIApp:
    """`app`, with all that."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        begun = time.perf_counter()
        status = 0

        async def send_on(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                there = {name.lower() for name, _ in message["headers"]}
                added = [pair for pair in _HEADERS if pair[0] not in there]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        try:
            if _has_secret(scope):
                refused = UsageError(
                    "A token must not stand in an address: it would be written into logs.",
                    "Send it as Authorization: Bearer TOKEN, and replace this one.",
                )
                await error_response(refused)(scope, receive, send_on)
            else:
                await app(scope, receive, send_on)
        except OSError:
            status = status or 499  # whoever asked is gone
        except Exception as error:  # noqa: BLE001 - the last edge: a bug is told as one, without its words
            response = error_response(error)
            backend.metrics.error("bug")
            if not status:
                await response(scope, receive, send_on)
        finally:
            backend.metrics.request(_route(scope), status or 499, time.perf_counter() - begun)
            tell_answered(_route(scope), status or 499)

    return handle


def _has_secret(scope: Scope) -> bool:
    query = scope.get("query_string", b"").decode("latin-1")
    if _SECRET_FORM.search(scope["path"]) or _SECRET_FORM.search(unquote(query.replace("+", " "))):
        return True
    words = parse_qsl(query.replace(";", "&"), keep_blank_values=True)
    return any(name.strip().lower() in _SECRET_NAMES for name, _ in words)


def _route(scope: Scope) -> str:
    """The route's name: a path as it came would make a series for every guess."""
    route = scope.get("route")
    return str(getattr(route, "name", "")) or "unknown"
