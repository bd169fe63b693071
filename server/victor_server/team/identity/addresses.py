"""Holds each address to so many questions of those who have not said who they are: counted in memory, or in Redis."""

import ipaddress
import logging

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError

from victor_server.errors import TooMany

logger = logging.getLogger(__name__)

PER_MINUTE = 60
_WAIT_S = 10.0
_REDIS_S = 1.0


class Addresses:
    """Where Redis does not answer, each replica counts by itself until it does again. `redis_url` "": it always does."""

    def __init__(self, redis_url: str = "", per_minute: int = PER_MINUTE) -> None:
        self._item = RateLimitItemPerMinute(per_minute)
        self._here = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._shared = None
        if redis_url:
            store = RedisStorage(
                f"async+{redis_url}",
                wrap_exceptions=True,
                implementation="redispy",
                key_prefix="victor",
                socket_timeout=_REDIS_S,  # one that hangs must not hold anybody up
                socket_connect_timeout=_REDIS_S,
            )
            self._shared = SlidingWindowCounterRateLimiter(store)

    async def count(self, address: str) -> None:
        """Count a question. Raises `TooMany`."""
        if not await self._hit(network_of(address)):
            raise TooMany("Too many logins come from your address.", "Wait a moment.", retry_after_s=_WAIT_S)

    async def _hit(self, network: str) -> bool:
        if self._shared is not None:
            try:
                return await self._shared.hit(self._item, "login", network)
            except StorageError as error:
                logger.warning("logins are not counted in Redis: %s", type(error.storage_error).__name__)
        return await self._here.hit(self._item, "login", network)


def network_of(address: str) -> str:
    """What is counted together: an address, or the /64 network of an IPv6 one, which is what one person is given."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
