"""A call of a model from its admission to its settlement, on both stores."""

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest
from gateways import add_tenant, asked, principal, running_gateway, scripted_model, text_of

from victor_server.agent.events import TextDelta
from victor_server.errors import BudgetExceeded, Conflict, Forbidden, NoModel, TooMany
from victor_server.protocol import CallStatus
from victor_server.team.configuration.resolved import CacheSettings, ComplianceSettings, LimitSettings
from victor_server.team.gateway.events import Routed
from victor_server.team.store.database import Database


async def test_an_answer_is_told_charged_and_on_record(database: Database, tmp_path: Path) -> None:
    """Routed first, CallStatus last; the budgets hold what was used and nothing that was set aside."""
    await add_tenant(database)
    async with running_gateway(database, tmp_path, scripted_model(tmp_path, "good day")) as it:
        told = await it.told(principal(teams=("core",)), asked())
        assert told[0] == Routed("demo", "scripted", "script", "")
        assert text_of(told) == "good day"
        status = told[-1]
        assert isinstance(status, CallStatus)
        assert status.state == "done"
        assert status.cost_nano
        assert await it.actions() == ["model_call.begin", "model_call.end"]
        rows = await it.in_use()
        assert len(rows) == 6
        for row in rows:
            assert row["reserved_tokens"] == row["reserved_nano"] == 0
            assert row["used_tokens"] == status.input_tokens + status.output_tokens
            assert row["used_nano"] == status.cost_nano
        assert (await it.gateway.status(principal(), "call-0001")).state == "done"


async def test_a_budget_stops_a_call_before_it_is_sent(database: Database, tmp_path: Path) -> None:
    """The upper bound counts; what was refused leaves nothing behind but its record."""
    await add_tenant(database)
    async with running_gateway(database, tmp_path, scripted_model(tmp_path, "x")) as it:
        await it.budget("user", "ann", "tokens", 50)
        with pytest.raises(BudgetExceeded, match="Your daily budget"):
            await it.told(principal(), asked())
        assert await it.in_use() == []
        assert await it.actions() == ["model_call.refused"]
        assert (await it.ended(principal("bob"), asked())).state == "done"


async def test_a_budget_in_dollars_needs_a_price(database: Database, tmp_path: Path) -> None:
    """What nobody knows the price of is refused where dollars are counted."""
    await add_tenant(database)
    model = scripted_model(tmp_path, "x", input_usd=None)
    object.__setattr__(model, "provider", "openai")
    async with running_gateway(database, tmp_path, model) as it:
        await it.budget("tenant", "", "usd", 10**15)
        with pytest.raises(BudgetExceeded, match="nobody knows what this model costs"):
            await it.told(principal(), asked())


async def test_calls_at_the_same_time_never_exceed_a_budget(database: Database, tmp_path: Path) -> None:
    """Twenty calls, a budget for some of them: used and set aside never pass the limit, and nothing stays set aside."""
    await add_tenant(database)
    model = scripted_model(tmp_path, *[[{"sleep_ms": 1}, {"text": "x" * 200}] for _ in range(20)])
    limits = LimitSettings(requests_per_minute=0, calls_at_once=0)
    async with running_gateway(database, tmp_path, model, limits=limits) as it:
        await it.budget("tenant", "", "tokens", 900)

        async def one(n: int) -> str:
            try:
                return (await it.ended(principal(f"user-{n % 3}"), asked(call_id=f"call-{n:04}"))).state
            except BudgetExceeded:
                return "refused"

        states = await asyncio.gather(*(one(n) for n in range(20)))
        assert set(states) == {"done", "refused"}
        tenant = next(row for row in await it.in_use() if row["scope"] == "tenant" and row["period"] == "day")
        assert 0 < tenant["used_tokens"] <= 900
        assert tenant["reserved_tokens"] == 0


async def test_the_same_id_is_the_same_call(database: Database, tmp_path: Path) -> None:
    """Done: told again without a provider. Another request under the id: refused."""
    await add_tenant(database)
    async with running_gateway(database, tmp_path, scripted_model(tmp_path, "once")) as it:
        await it.told(principal(), asked())
        again = await it.told(principal(), asked())
        assert [type(event) for event in again] == [CallStatus]
        with pytest.raises(Conflict):
            await it.told(principal(), asked("something else"))
        assert await it.actions() == ["model_call.begin", "model_call.end"]


async def test_a_call_that_failed_without_a_word_may_be_repeated(database: Database, tmp_path: Path) -> None:
    """Under its id, as its second attempt."""
    await add_tenant(database)
    model = scripted_model(tmp_path, {"error": "rate_limited", "retry_after_s": 30}, "now")
    async with running_gateway(database, tmp_path, model) as it:
        failed = await it.ended(principal(), asked())
        assert (failed.state, failed.error) == ("failed", "rate_limited")
        assert text_of(await it.told(principal(), asked())) == "now"


async def test_a_call_that_broke_off_is_never_repeated(database: Database, tmp_path: Path) -> None:
    """It ends interrupted, is charged for what came, and says so when it is asked for again."""
    await add_tenant(database)
    model = scripted_model(tmp_path, [{"text": "half of"}, {"error": "provider_unavailable"}], "again")
    async with running_gateway(database, tmp_path, model) as it:
        broken = await it.ended(principal(), asked())
        assert broken.state == "interrupted"
        assert broken.output_tokens
        assert [
            event.state for event in await it.told(principal(), asked()) if isinstance(event, CallStatus)
        ] == ["interrupted"]


async def test_who_goes_away_cancels(database: Database, tmp_path: Path) -> None:
    """The call is settled before `aclose` returns."""
    await add_tenant(database)
    model = scripted_model(tmp_path, [{"text": "a"}, {"sleep_ms": 60_000}, {"text": "b"}])
    async with running_gateway(database, tmp_path, model) as it:
        async with aclosing(it.gateway.call(principal(), asked())) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    break
        assert (await it.gateway.status(principal(), "call-0001")).state == "cancelled"
        assert all(row["reserved_tokens"] == 0 for row in await it.in_use())


async def test_a_cancel_from_elsewhere_ends_a_call(database: Database, tmp_path: Path) -> None:
    """Also while the provider is silent; the one who waits is told."""
    await add_tenant(database)
    model = scripted_model(tmp_path, [{"text": "a"}, {"sleep_ms": 60_000}, {"text": "b"}])
    async with running_gateway(database, tmp_path, model) as it:
        told = []
        async with aclosing(it.gateway.call(principal(), asked())) as events:
            async for event in events:
                told.append(event)
                if isinstance(event, TextDelta):
                    await it.gateway.cancel(principal(), "call-0001")
        assert isinstance(told[-1], CallStatus)
        assert told[-1].state == "cancelled"


async def test_a_lost_call_is_charged_in_full(database: Database, tmp_path: Path) -> None:
    """Once its lease has run out the reaper closes it; the replica that lost it cannot charge it again."""
    await add_tenant(database)
    model = scripted_model(tmp_path, [{"text": "a"}, {"sleep_ms": 60_000}, {"text": "b"}])
    async with running_gateway(database, tmp_path, model) as it:
        async with aclosing(it.gateway.call(principal(), asked())) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    break
            with pytest.raises(Conflict, match="runs already"):
                await it.told(principal(), asked())
            before = await it.in_use()
            it.clock.now_us += 31_000_000
            assert await it.gateway.reap() == 1
            assert await it.gateway.reap() == 0
        status = await it.gateway.status(principal(), "call-0001")
        assert status.state == "interrupted"
        for was, now in zip(sorted(before, key=str), sorted(await it.in_use(), key=str), strict=True):
            assert (now["used_tokens"], now["used_nano"]) == (was["reserved_tokens"], was["reserved_nano"])
            assert now["reserved_tokens"] == now["reserved_nano"] == 0
        assert await it.actions() == ["model_call.begin", "model_call.end"]


async def test_tools_that_the_role_lacks_do_not_reach_a_model(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """They are named to the caller, and on record."""
    await add_tenant(sqlite_database)
    async with running_gateway(sqlite_database, tmp_path, scripted_model(tmp_path, "x")) as it:
        who = principal(permissions=("chat:*", "file:read"))
        status = await it.ended(who, asked(tools=("read_file", "run_command", "mcp_x")))
        assert status.stripped_tools == ("run_command", "mcp_x")
        assert "tools.stripped" in await it.actions()


async def test_a_region_is_kept(sqlite_database: Database, tmp_path: Path) -> None:
    """A tenant of a region is offered its models only, and refused the others."""
    await add_tenant(sqlite_database, region="eu-central-1")
    there = scripted_model(tmp_path, "there", name="there", region="us-east-1")
    here = scripted_model(tmp_path, "here", name="here", region="eu-central-1")
    async with running_gateway(sqlite_database, tmp_path, there, here) as it:
        assert [offer.name for offer in (await it.gateway.offers(principal())).models] == ["here"]
        assert text_of(await it.told(principal(), asked())) == "here"
        with pytest.raises(Forbidden, match="region"):
            await it.told(principal(), asked(call_id="call-0002", model="there"))
        with pytest.raises(NoModel):
            await it.told(principal(), asked(call_id="call-0003", model="nowhere"))


async def test_consent_comes_first(sqlite_database: Database, tmp_path: Path) -> None:
    """Where compliance asks for it, nothing is sent before it is given."""
    await add_tenant(sqlite_database)
    compliance = ComplianceSettings(consent=("model_calls",))
    async with running_gateway(
        sqlite_database, tmp_path, scripted_model(tmp_path, "x"), compliance=compliance
    ) as it:
        with pytest.raises(Forbidden, match="consent"):
            await it.told(principal(), asked())
        async with sqlite_database.transaction("acme") as tx:
            await tx.execute("insert into consents values ('acme', 'ann', 'model_calls', true, 1)")
        assert (await it.ended(principal(), asked())).state == "done"


async def test_requests_are_limited(sqlite_database: Database, tmp_path: Path) -> None:
    """Each person has their own."""
    await add_tenant(sqlite_database)
    limits = LimitSettings(requests_per_minute=1)
    async with running_gateway(
        sqlite_database, tmp_path, scripted_model(tmp_path, "x", "y"), limits=limits
    ) as it:
        await it.told(principal(), asked())
        with pytest.raises(TooMany):
            await it.told(principal(), asked(call_id="call-0002"))
        assert (await it.ended(principal("bob"), asked())).state == "done"


async def test_kept_answers_cost_nothing_and_stay_with_their_tenant(
    postgres_database: Database, tmp_path: Path
) -> None:
    """A second call of the tenant is answered without a provider, on record; another tenant asks anew."""
    await add_tenant(postgres_database)
    await add_tenant(postgres_database, "other")
    caching = CacheSettings(enabled=True)
    model = scripted_model(tmp_path, "first", "second")
    async with running_gateway(postgres_database, tmp_path, model, caching=caching) as it:
        await it.told(principal(), asked(task="explanation"))
        kept = await it.told(principal("bob"), asked(call_id="call-0002", task="explanation"))
        assert text_of(kept) == "first"
        assert isinstance(kept[-1], CallStatus)
        assert (kept[-1].cached, kept[-1].cost_nano) == (True, 0)
        assert (await it.actions())[2:] == ["model_call.begin", "model_call.end"]
        other = await it.told(principal(tenant="other"), asked(task="explanation"))
        assert text_of(other) == "second"


async def test_a_call_lost_while_its_model_is_silent_may_be_repeated(
    database: Database, tmp_path: Path
) -> None:
    """The store was told of the silence; what was set aside for the lost attempt is charged all the same."""
    await add_tenant(database)
    model = scripted_model(tmp_path, [{"sleep_ms": 60_000}, {"text": "late"}], "now")
    async with running_gateway(database, tmp_path, model, silence_s=0.0) as it:
        lost = asyncio.ensure_future(it.told(principal(), asked()))
        is_silent = False
        async with asyncio.timeout(20):
            while not is_silent:
                await asyncio.sleep(0)
                async with database.reading("acme") as tx:
                    row = await tx.row("select has_said from calls")
                is_silent = row is not None and not row["has_said"]
        it.clock.now_us += 31_000_000
        assert await it.gateway.reap() == 1
        charged = {row["used_tokens"] for row in await it.in_use()}
        again = await it.told(principal(), asked())
        lost.cancel()
        await asyncio.gather(lost, return_exceptions=True)
        assert text_of(again) == "now"
        assert min(row["used_tokens"] for row in await it.in_use()) > min(charged) > 0
