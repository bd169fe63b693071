"""Rates and kept answers in a real Redis, and what holds where it is gone: no call fails for it."""

from pathlib import Path
from typing import Any

import pytest
from gateways import add_tenant, asked, principal, running_gateway, scripted_model, text_of
from redis_server import RedisServer

from victor_server.errors import TooMany
from victor_server.team.configuration.resolved import CacheSettings, LimitSettings
from victor_server.team.store.database import Database


async def test_without_redis_each_replica_counts_and_nothing_is_kept(
    postgres_database: Database, tmp_path: Path, redis: RedisServer
) -> None:
    """With it two replicas count together and share answers, which it cannot read."""
    await add_tenant(postgres_database)
    more: dict[str, Any] = {
        "limits": LimitSettings(backend="redis", requests_per_minute=2),
        "caching": CacheSettings(enabled=True, backend="redis"),
        "redis_url": redis.url,
    }
    model = scripted_model(tmp_path, "first", "second", "third")
    async with (
        running_gateway(postgres_database, tmp_path, model, **more) as one,
        running_gateway(postgres_database, tmp_path, model, **more) as two,
    ):
        assert text_of(await one.told(principal(), asked(task="explanation"))) == "first"
        kept = await two.told(principal(), asked(call_id="call-0002", task="explanation"))
        assert kept[-1].cached  # type: ignore[union-attr]
        with pytest.raises(TooMany):
            await one.told(principal(), asked(call_id="call-0003", task="explanation"))
        redis.stop()
        try:
            told = await one.told(principal(), asked(call_id="call-0004", task="explanation"))
            assert text_of(told) == "second"
            await one.told(principal("bob"), asked(call_id="call-0005"))
        finally:
            redis.start()
