"""Keeps going what nobody asks for: sessions are looked after, lost calls closed, heads of the audit log published."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from victor_server.errors import VictorError
from victor_server.team.audit import opening
from victor_server.team.backend import Backend
from victor_server.team.connection.hub import Hub

_log = logging.getLogger(__name__)

RETAIN_EVERY_S = 6 * 3_600.0
"""More often than once a day: a backend may be started again every night."""


@contextlib.asynccontextmanager
async def background(backend: Backend, hub: Hub) -> AsyncIterator[None]:
    """Within this, all of it runs. Nothing here ends the backend."""
    works = [
        asyncio.ensure_future(hub.run()),
        asyncio.ensure_future(_every(lambda: backend.settings.sessions.call_lease_s, backend.gateway.reap)),
        asyncio.ensure_future(
            _every(lambda: backend.settings.audit.head_every_s, lambda: publish_heads(backend))
        ),
        asyncio.ensure_future(_every(lambda: RETAIN_EVERY_S, lambda: drop_old_records(backend))),
    ]
    try:
        yield
    finally:
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)


async def publish_heads(backend: Backend) -> None:
    """Publish the head of every tenant's log."""
    if backend.settings.audit.enabled:
        await opening.publish_heads(backend.audit, backend.database)


async def drop_old_records(backend: Backend) -> None:
    """Drop what is older than the operator wants it kept."""
    await opening.retain_all(backend.audit, backend.database, backend.settings.audit.retention_days)


async def _every(seconds: Callable[[], float], work: Callable[[], Awaitable[object]]) -> None:
    while True:
        await asyncio.sleep(seconds())
        try:
            await work()
        except VictorError as error:
            _log.warning("what is done now and then was not: %s", error.message)
        except Exception as error:  # noqa: BLE001 - the next time may do; the backend goes on
            _log.error("a bug in what is done now and then: %s", type(error).__name__)
