"""Keeps answers of deterministic tasks, and gives them again to the very same request of the same tenant."""

import json
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

from victor_server.agent.events import ModelEvent, Stopped, TextDelta, ThinkingDelta, ToolCallDelta, Usage
from victor_server.errors import SettingsError, StoreFailed
from victor_server.team.configuration.resolved import CacheSettings
from victor_server.team.gateway.wire import to_wire
from victor_server.team.sealing.sealed import Sealed, wipe
from victor_server.team.sealing.vault import Vault
from victor_server.team.store.database import Database

_log = logging.getLogger(__name__)

MAX_BYTES = 64_000_000
MAX_ANSWER_BYTES = 1_000_000
Answer = tuple[ModelEvent, ...]


class Answers(Protocol):
    """`key` says all that an answer depends on. What is put under a tenant is got under it only."""

    async def get(self, tenant: str, key: str) -> Answer | None:
        """The answer, None if there is none."""
        ...

    async def put(self, tenant: str, key: str, answer: Answer) -> None:
        """Keep it for a while. Raises nothing."""
        ...

    async def close(self) -> None:
        """Let go of what it holds."""
        ...


def open_answers(settings: CacheSettings, redis_url: str, database: Database, vault: Vault) -> Answers | None:
    """Where answers are kept; None where they are not. Raises `SettingsError`."""
    if not settings.enabled:
        return None
    if settings.backend == "in-memory":
        return MemoryAnswers(settings.ttl_s, settings.max_size)
    if settings.backend == "redis" and redis_url:
        client = Redis.from_url(redis_url, socket_timeout=1.0, socket_connect_timeout=1.0)
        return RedisAnswers(client, settings.ttl_s, database, vault)
    if settings.backend == "redis":
        raise SettingsError("`caching.backend: redis` needs an address.", "Set REDIS_URL.")
    raise SettingsError(
        "`caching.backend: memcached` is not supported: it would hold answers of all tenants unauthenticated.",
        "Use redis or in-memory.",
    )


class MemoryAnswers:
    """In this replica alone; the one that was not asked for the longest goes first."""

    def __init__(self, ttl_s: float, max_size: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._ttl_s = ttl_s
        self._max_size = max_size
        self._clock = clock
        self._kept: OrderedDict[tuple[str, str], tuple[float, int, Answer]] = OrderedDict()
        self._n_bytes = 0

    async def get(self, tenant: str, key: str) -> Answer | None:
        """See `Answers`."""
        kept = self._kept.get((tenant, key))
        if kept is None:
            return None
        if self._clock() >= kept[0]:
            self._drop((tenant, key))
            return None
        self._kept.move_to_end((tenant, key))
        return kept[2]

    async def put(self, tenant: str, key: str, answer: Answer) -> None:
        """See `Answers`."""
        size = sum(map(_size, answer))
        if size > MAX_ANSWER_BYTES:
            return
        self._drop((tenant, key))
        self._kept[tenant, key] = (self._clock() + self._ttl_s, size, answer)
        self._n_bytes += size
        while len(self._kept) > self._max_size or self._n_bytes > MAX_BYTES:
            self._drop(next(iter(self._kept)))

    async def close(self) -> None:
        """See `Answers`."""
        self._kept.clear()

    def _drop(self, key: tuple[str, str]) -> None:
        self._n_bytes -= self._kept.pop(key, (0.0, 0, ()))[1]


class RedisAnswers:
    """For all replicas. Redis sees ciphertext; where it does not answer, nothing is kept and nothing found."""

    def __init__(self, client: Redis, ttl_s: float, database: Database, vault: Vault) -> None:
        self._client = client
        self._ttl_s = ttl_s
        self._database = database
        self._vault = vault

    async def get(self, tenant: str, key: str) -> Answer | None:
        """See `Answers`."""
        try:
            kept = await self._client.get(_name(tenant, key))
            if not isinstance(kept, bytes):
                return None
            async with self._database.reading(tenant) as tx:
                plain = await self._vault.open(tx, tenant, _sealed_as(key), Sealed.from_bytes(kept))
        except (RedisError, OSError, StoreFailed) as error:
            _log.warning("A kept answer could not be read: %s", type(error).__name__)
            return None
        answer = tuple(map(_event, json.loads(plain)))
        wipe(plain)
        return answer

    async def put(self, tenant: str, key: str, answer: Answer) -> None:
        """See `Answers`."""
        plain = json.dumps([to_wire(event) for event in answer]).encode()
        if len(plain) > MAX_ANSWER_BYTES:
            return
        try:
            async with self._database.transaction(tenant) as tx:
                sealed = await self._vault.seal(tx, tenant, _sealed_as(key), plain)
            await self._client.set(_name(tenant, key), sealed.to_bytes(), px=int(self._ttl_s * 1_000))
        except (RedisError, OSError, StoreFailed) as error:
            _log.warning("An answer could not be kept: %s", type(error).__name__)

    async def close(self) -> None:
        """See `Answers`."""
        await self._client.aclose()


def _name(tenant: str, key: str) -> str:
    return f"victor:answer:{tenant}:{key}"


def _sealed_as(key: str) -> str:
    return f"answer {key}"


def _size(event: ModelEvent) -> int:
    return 200 + sum(len(text) for name in event.__slots__ if isinstance(text := getattr(event, name), str))


def _event(told: dict[str, Any]) -> ModelEvent:
    kind = told.pop("type")
    kinds: dict[str, type[ModelEvent]] = {
        "text": TextDelta,
        "thinking": ThinkingDelta,
        "tool_call": ToolCallDelta,
        "usage": Usage,
        "stopped": Stopped,
    }
    if kind == "thinking":
        told.setdefault("text", "")
    return kinds[kind](**told)
