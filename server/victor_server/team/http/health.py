"""`/health`, `/ready` and `/metrics`: for whoever watches over the backend, without a token, and without a secret."""

import asyncio
import time
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from victor_server.errors import VictorError
from victor_server.protocol import Shape
from victor_server.team.backend import Backend
from victor_server.team.http.operation import JSON, TEXT, Operation, route_of
from victor_server.telemetry.metrics import CONTENT_TYPE

CACHED_S = 1.0
"""Whoever asks more often is told the same: it must cost nothing to ask."""

CHECK_TIME_LIMIT_S = 2.0


class HealthTold(Shape):
    """How it is, in a word."""

    status: str


HEALTH = Operation(
    "health",
    "GET",
    "/health",
    "Whether the process answers.",
    told={JSON: HealthTold},
    statuses=(),
    schemes=("",),
)
READY = Operation(
    "ready",
    "GET",
    "/ready",
    "Whether to send it work.",
    told={JSON: HealthTold},
    statuses=(503,),
    failed=HealthTold,
    schemes=("",),
)


def health_routes(backend: Backend, *, clock: Callable[[], float] = time.monotonic) -> list[Route]:
    """`/health`: the process answers. `/ready`: send it work."""
    checked: tuple[float, str] = (-CACHED_S, "")
    checking = asyncio.Lock()

    async def store() -> str:
        nonlocal checked
        async with checking:
            if clock() - checked[0] >= CACHED_S:
                said = await _look_at_store(backend)
                checked = (clock(), said)
            return checked[1]

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(_: Request) -> Response:
        if backend.draining:
            return JSONResponse({"status": "draining"}, 503, {"retry-after": "1"})
        said = await store()
        if said:
            return JSONResponse({"status": said}, 503, {"retry-after": "1"})
        return JSONResponse({"status": "ready"})

    return [route_of(HEALTH, health), route_of(READY, ready)]


def metrics_route(backend: Backend) -> Route:
    """What Prometheus reads."""

    async def metrics(_: Request) -> Response:
        return Response(backend.metrics.render(), media_type=CONTENT_TYPE)

    return route_of(metrics_operation(backend), metrics)


def metrics_operation(backend: Backend) -> Operation:
    """It stands where the configuration says."""
    return Operation(
        "metrics",
        "GET",
        backend.settings.metrics.endpoint,
        "What there is to count, as Prometheus reads it.",
        told={TEXT: str},
        statuses=(),
        schemes=("",),
    )


async def _look_at_store(backend: Backend) -> str:
    """What is wrong with it, in a word; "" : nothing."""
    try:
        async with asyncio.timeout(CHECK_TIME_LIMIT_S):
            await backend.database.check()
    except TimeoutError:
        return "store_slow"
    except VictorError:
        return "store_unreachable"
    return await _look_at_master_key(backend)


async def _look_at_master_key(backend: Backend) -> str:
    try:
        async with asyncio.timeout(CHECK_TIME_LIMIT_S), backend.database.reading(None) as tx:
            await backend.vault.require_master(tx)
    except TimeoutError:
        return "store_slow"
    except VictorError:
        return "master_key_changed"
    return ""
