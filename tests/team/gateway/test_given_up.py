"""Calls that somebody gives up early, and calls whose replica is gone: nothing stays open, and none holds up another."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from gateways import TENANT, Running, add_tenant, asked, principal, running_gateway, scripted_model

from victor_server.errors import AuditFailed
from victor_server.protocol import CallStatus
from victor_server.team.audit.event import AuditEvent
from victor_server.team.configuration.resolved import AuditSettings, CacheSettings, LimitSettings
from victor_server.team.gateway import budgets, lines
from victor_server.team.gateway.budgets import Amount, Holder
from victor_server.team.gateway.events import Routed
from victor_server.team.gateway.lines import Ending
from victor_server.team.principal import Principal
from victor_server.team.store.database import Database, Row, Transaction

UNLIMITED = LimitSettings(requests_per_minute=0, calls_at_once=0)


async def test_closed_after_its_first_event(database: Database, tmp_path: Path) -> None:
    """Nothing was sent yet: it is settled, and nothing is charged."""
    await add_tenant(database)
    async with running_gateway(database, tmp_path, scripted_model(tmp_path, "x")) as it:
        async with aclosing(it.gateway.call(principal(), asked())) as events:
            assert isinstance(await anext(events), Routed)
        assert (await it.gateway.status(principal(), "call-0001")).state == "cancelled"
        assert all(row["reserved_tokens"] == row["used_tokens"] == 0 for row in await it.in_use())


async def test_a_kept_answer_that_nobody_hears_out(database: Database, tmp_path: Path) -> None:
    """It has ended before it is told."""
    await add_tenant(database)
    caching = CacheSettings(enabled=True)
    async with running_gateway(database, tmp_path, scripted_model(tmp_path, "x"), caching=caching) as it:
        await it.told(principal(), asked(temperature=0.0))
        again = asked(call_id="call-0002", temperature=0.0)
        async with aclosing(it.gateway.call(principal(), again)) as events:
            assert [type(await anext(events)).__name__ for _ in range(2)] == ["Routed", "TextDelta"]
        assert (await it.gateway.status(principal(), "call-0002")).state == "done"


async def test_cancelled_at_any_moment(sqlite_database: Database, tmp_path: Path) -> None:
    """Also in the midst of its beginning: no call stays open, and nothing stays set aside."""
    await add_tenant(sqlite_database)
    model = scripted_model(tmp_path, *["x"] * 60)
    async with running_gateway(sqlite_database, tmp_path, model, limits=UNLIMITED) as it:
        for n in range(60):
            call = asyncio.ensure_future(it.told(principal(), asked(call_id=f"call-{n:04}")))
            for _ in range(n):
                await asyncio.sleep(0)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
        async with sqlite_database.reading(TENANT) as tx:
            assert await tx.rows("select call_id from calls where state = 'open'") == []
        assert all(row["reserved_tokens"] == 0 for row in await it.in_use())


async def test_a_tenant_whose_log_fails_holds_up_no_other(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its calls stay for the next time; those of the tenants after it are closed."""
    async with running_gateway(database, tmp_path, scripted_model(tmp_path, "x", "x")) as it:
        for tenant in ("aaa", "zzz"):
            await add_tenant(database, tenant)
            await _lost(it, principal(tenant=tenant), monkeypatch)
        append = it.audit.append

        async def failing(tx: Transaction, tenant: str, events: Sequence[AuditEvent]) -> Sequence[int]:
            if tenant == "aaa":
                raise AuditFailed("It fails.", "Wait.")
            return await append(tx, tenant, events)

        monkeypatch.setattr(it.audit, "append", failing)
        assert await it.gateway.reap() == 1
        assert (await it.gateway.status(principal(tenant="aaa"), "call-0001")).state == "open"
        assert (await it.gateway.status(principal(tenant="zzz"), "call-0001")).state == "interrupted"


async def test_a_lost_call_is_closed_above_its_record(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where an operator put calls above their record, the reaper does, too."""
    await add_tenant(database)
    audit = AuditSettings(strict=False)
    async with running_gateway(database, tmp_path, scripted_model(tmp_path, "x"), audit=audit) as it:
        await _lost(it, principal(), monkeypatch)

        async def failing(*_: object) -> Sequence[int]:
            raise AuditFailed("It fails.", "Wait.")

        monkeypatch.setattr(it.audit, "append", failing)
        assert await it.gateway.reap() == 1


async def test_lost_calls_and_running_ones_lock_alike(
    postgres_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While calls of two people are closed, one of a team's is charged: neither waits for the other for ever."""
    await add_tenant(postgres_database)
    async with running_gateway(postgres_database, tmp_path, scripted_model(tmp_path, "x", "x")) as it:
        await _lost(it, principal("ann"), monkeypatch)
        await _lost(it, principal("bob", teams=("core",)), monkeypatch)
        day = datetime.fromtimestamp(it.clock.now_us / 1e6, UTC).date().isoformat()
        closed, go_on = asyncio.Event(), asyncio.Event()
        close = lines.close

        async def held(tx: Transaction, row: Row, ending: Ending) -> Row | None:
            found = await close(tx, row, ending)
            closed.set()
            await go_on.wait()
            return found

        async def charge() -> None:
            async with postgres_database.transaction(TENANT) as tx:
                await budgets.settle(tx, Holder(TENANT, "cat", ("core",), day), Amount(0, 0), Amount(1, 1))

        monkeypatch.setattr(lines, "close", held)
        reaping = asyncio.ensure_future(it.gateway.reap())
        await closed.wait()
        charging = asyncio.ensure_future(charge())
        await _someone_waits_for_a_lock(postgres_database)
        go_on.set()
        assert await reaping == 2
        await charging


async def _lost(it: Running, who: Principal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call of `who` whose replica ends before it can write what became of it; its lease has run out."""

    async def dead(*_: object) -> CallStatus:
        return CallStatus(call_id=call.call_id, state="failed")

    call = asked(call_id="call-0001")
    with monkeypatch.context() as patched:
        patched.setattr(it.gateway, "_close", dead)
        async with aclosing(it.gateway.call(who, call)) as events:
            await anext(events)
    it.clock.now_us += 600_000_000


async def _someone_waits_for_a_lock(database: Database) -> None:
    async with asyncio.timeout(30):
        while True:
            async with database.reading(None) as tx:
                if await tx.rows("select 1 from pg_locks where not granted"):
                    return
