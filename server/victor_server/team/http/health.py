"""`/health`, `/ready` and `/metrics`: for whoever watches over the backend, without a token, and without a secret."""

import asyncio
import time
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from victor_server.errors import VictorError
from victor_server.team.backend import Backend
from victor_server.telemetry.metrics import CONTENT_TYPE

CACHED_S = 1.0
"""Whoever asks more often is told the same: it must cost nothing to ask."""

CHECK_TIME_LIMIT_S = 2.0


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

    return [Route("/health", health, name="health"), Route("/ready", ready, name="ready")]


def metrics_route(backend: Backend) -> Route:
    """What Prometheus reads."""

    async def metrics(_: Request) -> Response:
        return Response(backend.metrics.render(), media_type=CONTENT_TYPE)

    return Route(backend.settings.metrics.endpoint, metrics, name="metrics")


async def _look_at_store(backend: Backend) -> str:
    """What is wrong with it, in a word; "" : nothing."""
    try:
        async with asyncio.timeout(CHECK_TIME_LIMIT_S):
            await backend.database.check()
    except TimeoutError:
        return "store_slow"
    except VictorError:
        return "store_unreachable"
    return ""
