"""The backend as one ASGI application: the table of everything that it answers."""

from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from victor_server.errors import NotFound, UsageError
from victor_server.protocol import ATTACH_PATH
from victor_server.team.backend import Backend
from victor_server.team.connection.attach import attach, refuse
from victor_server.team.connection.hub import Hub
from victor_server.team.http.anthropic import MESSAGES, anthropic_route
from victor_server.team.http.auth import OPERATIONS as AUTH
from victor_server.team.http.auth import auth_routes
from victor_server.team.http.errors import error_response
from victor_server.team.http.guarded import guarded
from victor_server.team.http.health import HEALTH, READY, health_routes, metrics_operation, metrics_route
from victor_server.team.http.naming import naming
from victor_server.team.http.openai import CHAT, openai_route
from victor_server.team.http.openapi import openapi_route
from victor_server.team.http.operation import Operation
from victor_server.team.http.rpc import rpc_operations, rpc_route
from victor_server.team.identity.addresses import Addresses


def make_app(backend: Backend, hub: Hub | None = None) -> ASGIApp:
    """All of it. `hub` is looked after by whoever gives it (`Hub.run`); without one, nobody does."""
    sessions = hub or Hub(backend)
    web = guarded(Starlette(routes=_routes(backend), exception_handlers=_FAILURES), backend)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            with sessions.in_flight.one():
                await web(scope, receive, send)
        elif scope["type"] == "websocket" and scope["path"] == ATTACH_PATH:
            await attach(sessions, scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await refuse(send, 404, f"WebSockets are at {ATTACH_PATH}.")

    return naming(app)


def make_metrics_app(backend: Backend) -> ASGIApp:
    """What watches over the backend, on a port of its own."""
    routes = [metrics_route(backend), *health_routes(backend)]
    return naming(guarded(Starlette(routes=routes, exception_handlers=_FAILURES), backend))


def _routes(backend: Backend) -> list[BaseRoute]:
    settings = backend.settings
    routes: list[BaseRoute] = [
        *health_routes(backend),
        *auth_routes(backend, Addresses(settings.redis_url)),
        rpc_route(backend),
        openai_route(backend),
        anthropic_route(backend),
        openapi_route(_operations(backend)),
    ]
    return [*routes, metrics_route(backend)] if _tells_metrics(backend) else routes


def _operations(backend: Backend) -> list[Operation]:
    """What of it is described."""
    watched = [HEALTH, READY, *([metrics_operation(backend)] if _tells_metrics(backend) else [])]
    return [*rpc_operations(), CHAT, MESSAGES, *AUTH, *watched]


def _tells_metrics(backend: Backend) -> bool:
    return backend.settings.metrics.enabled and backend.settings.listen.metrics_port is None


async def _not_found(_: Request, __: Exception) -> Response:
    return error_response(NotFound("There is nothing at this address.", "See /v1/openapi.json."))


async def _wrong_verb(_: Request, error: Exception) -> Response:
    response = error_response(UsageError("This address is asked otherwise.", "See /v1/openapi.json."))
    response.status_code = 405
    for name, value in (getattr(error, "headers", None) or {}).items():
        response.headers[name] = value
    return response


_FAILURES: Mapping[Any, Any] = {404: _not_found, 405: _wrong_verb}
