"""Holds each person to so many requests and tokens a minute: counted in memory, or in Redis for all replicas."""

import logging

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import ConnectionPool

from victor_server.errors import TooMany
from victor_server.team.configuration.resolved import LimitSettings

_log = logging.getLogger(__name__)
_WAIT_S = 5.0
_REDIS_S = 1.0


class Limiter:
    """Where Redis does not answer, each replica counts by itself until it does again."""

    def __init__(self, settings: LimitSettings, redis_url: str) -> None:
        self._here = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._pool: ConnectionPool | None = None
        self._shared: SlidingWindowCounterRateLimiter | None = None
        if settings.backend == "redis":
            # One that hangs must not hold anybody up.
            self._pool = ConnectionPool.from_url(
                redis_url, socket_timeout=_REDIS_S, socket_connect_timeout=_REDIS_S
            )
            self._shared = SlidingWindowCounterRateLimiter(_redis(redis_url, self._pool))

    async def request(self, tenant: str, subject: str, most: int) -> None:
        """Count a request; `most` are allowed a minute, 0: any number. Raises `TooMany`."""
        await self._count(_item(most), "requests", tenant, subject, 1)

    async def tokens(self, tenant: str, subject: str, n_tokens: int, most: int) -> None:
        """Count what a call may use; `most` as above. Raises `TooMany`."""
        await self._count(_item(most), "tokens", tenant, subject, n_tokens)

    async def close(self) -> None:
        """Let go of its connections."""
        if self._pool is not None:
            await self._pool.disconnect()

    async def _count(
        self, item: RateLimitItemPerMinute | None, what: str, tenant: str, subject: str, amount: int
    ) -> None:
        if item is not None and not await self._hit(item, what, tenant, subject, amount):
            raise TooMany(
                f"That were more than {item.amount:,} {what} a minute.",
                "Wait a moment.",
                retry_after_s=_WAIT_S,
            )

    async def _hit(
        self, item: RateLimitItemPerMinute, what: str, tenant: str, subject: str, amount: int
    ) -> bool:
        if self._shared is not None:
            try:
                return await self._shared.hit(item, what, tenant, subject, cost=amount)
            except Exception as error:  # noqa: BLE001 - the library wraps what any of its clients raises
                _log.warning("Redis does not count: %s", type(error).__name__)
        return await self._here.hit(item, what, tenant, subject, cost=amount)


def _item(amount: int) -> RateLimitItemPerMinute | None:
    return RateLimitItemPerMinute(amount) if amount else None


def _redis(url: str, pool: ConnectionPool) -> Storage:
    return RedisStorage(
        f"async+{url}",
        wrap_exceptions=True,
        implementation="redispy",
        key_prefix="victor",
        connection_pool=pool,  # type: ignore[arg-type]  # not in its words, and looked for by name
    )
