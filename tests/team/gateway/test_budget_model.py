"""Budgets and calls against a model of them: whatever is asked, cancelled and killed in whatever order, the sums hold."""

import asyncio
import contextlib
import itertools
import json
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from gateways import Running, add_tenant, asked, principal, running_gateway, scripted_model
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from victor_server.errors import BudgetExceeded, StoreFailed, VictorError
from victor_server.protocol import CallStatus
from victor_server.team.configuration.resolved import DatabaseSettings, LimitSettings, ModelSettings
from victor_server.team.gateway.events import Routed
from victor_server.team.store.database import Database, Transaction
from victor_server.team.store.open import open_database

UNLIMITED = LimitSettings(requests_per_minute=0, calls_at_once=0)
LIMITS = {("tenant", ""): 4_000, ("team", "core"): 2_500, ("user", "ann"): 900}
"""Tokens a day; a call here may use some 200."""

MODELS = ("says", "refuses", "breaks")
PEOPLE = {"ann": ("core",), "bob": ("core", "tools"), "eve": ()}
_NUMBERS = itertools.count()


@dataclass(frozen=True)
class Ask:
    """Somebody asks: `number` and `text` make the id and the body, `pieces` None hears it out."""

    replica: int
    who: str
    model: str
    number: int
    text: str
    pieces: int | None


@dataclass(frozen=True)
class Crowd:
    """Several ask at once."""

    asks: list[Ask]


@dataclass(frozen=True)
class Step:
    """The loop goes on for so many turns."""

    turns: int


@dataclass(frozen=True)
class Cancel:
    """One of the calls that run is given up."""

    which: int


@dataclass(frozen=True)
class Stop:
    """One that was made is ended by its id, at either replica."""

    replica: int
    which: int


@dataclass(frozen=True)
class Kill:
    """A replica is gone, in the midst of whatever it does; another takes its place."""

    replica: int


@dataclass(frozen=True)
class Reap:
    """All leases have run out, and a replica looks for lost calls."""

    replica: int


_ASKS = st.builds(
    Ask,
    st.integers(0, 1),
    st.sampled_from(sorted(PEOPLE)),
    st.sampled_from(MODELS),
    st.integers(0, 5),
    st.sampled_from(["one", "two"]),
    st.none() | st.integers(0, 3),
)
_DEEDS = st.lists(
    st.builds(Crowd, st.lists(_ASKS, min_size=1, max_size=5))
    | st.builds(Step, st.integers(1, 40))
    | st.builds(Cancel, st.integers(0, 20))
    | st.builds(Stop, st.integers(0, 1), st.integers(0, 20))
    | st.builds(Kill, st.integers(0, 1))
    | st.builds(Reap, st.integers(0, 1)),
    min_size=8,
    max_size=50,
)
Deed = Crowd | Step | Cancel | Stop | Kill | Reap


class Mortal:
    """A database as one replica sees it. Once that is dead, nothing that it was about to write becomes so."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.is_dead = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    @asynccontextmanager
    async def transaction(self, tenant: str | None) -> AsyncIterator[Transaction]:
        """See `Database`."""
        self._look()
        async with self._database.transaction(tenant) as tx:
            yield tx
            self._look()

    def _look(self) -> None:
        if self.is_dead:
            raise StoreFailed("This replica is gone.")


@dataclass
class Replica:
    """One process, and the calls that it makes."""

    it: Running
    database: Mortal
    stack: contextlib.AsyncExitStack
    calls: list[asyncio.Task[None]] = field(default_factory=list)


@dataclass
class World:
    """A tenant on a store, two replicas, and what its people were told."""

    database: Database
    home: Path
    models: tuple[ModelSettings, ...]
    tenant: str
    replicas: list[Replica] = field(default_factory=list)
    told: list[tuple[str, CallStatus]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    forward_us: int = 0

    async def replica(self) -> Replica:
        """Another one, of the time that it is by now."""
        stack, mortal = contextlib.AsyncExitStack(), Mortal(self.database)
        running = running_gateway(
            mortal,
            self.home,
            *self.models,
            limits=UNLIMITED,
        )
        it = await stack.enter_async_context(running)
        it.clock.now_us += self.forward_us
        return Replica(it, mortal, stack)

    async def do(self, deed: Deed) -> None:
        """One deed."""
        match deed:
            case Crowd():
                for each in deed.asks:
                    self._begin(each)
            case Step():
                for _ in range(deed.turns):
                    await asyncio.sleep(0)
                if deed.turns > 20:
                    await asyncio.sleep(0.002)  # long enough for some commits
            case Cancel():
                running = [call for each in self.replicas for call in each.calls if not call.done()]
                if running:
                    running[deed.which % len(running)].cancel()
            case Stop() if self.asked:
                who, call_id = self.asked[deed.which % len(self.asked)]
                with contextlib.suppress(VictorError):
                    await self.replicas[deed.replica].it.gateway.cancel(self._person(who), call_id)
            case Kill():
                dead, self.replicas[deed.replica] = self.replicas[deed.replica], await self.replica()
                await _kill(dead)
            case Reap():
                self._later()
                await self.replicas[deed.replica].it.gateway.reap()
            case _:
                pass

    def _begin(self, ask: Ask) -> None:
        call_id = f"call-{ask.number:04}"
        self.asked.append((ask.who, call_id))
        replica = self.replicas[ask.replica]
        replica.calls.append(asyncio.create_task(self._ask(replica.it, ask, call_id)))

    async def end(self) -> None:
        """Nobody asks any more, and what is lost is found."""
        for each in self.replicas:
            await asyncio.gather(*each.calls, return_exceptions=True)
        self._later()
        await self.replicas[0].it.gateway.reap()
        for each in self.replicas:
            await each.stack.aclose()

    def _later(self) -> None:
        self.forward_us += 3_600_000_000
        for each in self.replicas:
            each.it.clock.now_us += 3_600_000_000

    def _person(self, who: str) -> Any:
        return principal(who, tenant=self.tenant, teams=PEOPLE[who])

    async def _ask(self, it: Running, deed: Ask, call_id: str) -> None:
        start = asked(deed.text, call_id, model=deed.model)
        with contextlib.suppress(VictorError):
            async with aclosing(it.gateway.call(self._person(deed.who), start)) as events:
                n_pieces = 0
                async for event in events:
                    if isinstance(event, CallStatus):
                        self.told.append((deed.who, event))
                    elif not isinstance(event, Routed):
                        n_pieces += 1
                    if deed.pieces is not None and n_pieces > deed.pieces:
                        return

    async def check_limits(self) -> None:
        """At every moment: no budget holds more than it may."""
        for row in await self._rows("budget_use"):
            most = LIMITS.get((row["scope"], row["subject"]))
            if most is not None and row["period"] == "day":
                assert row["used_tokens"] + row["reserved_tokens"] <= most, dict(row)
            assert row["reserved_tokens"] >= 0, dict(row)

    async def check_end(self) -> None:
        """Nothing is open or set aside; calls, budgets and usage say the same; each attempt is on record, whole."""
        calls = await self._rows("calls")
        assert all(call["state"] != "open" for call in calls)
        used, nano = Counter[str](), Counter[str]()
        for call in calls:
            n_tokens = call["input_tokens"] + call["output_tokens"]
            if call["has_said"]:
                assert n_tokens > 0, dict(call)
            if call["error"] == "interrupted" and call["n_attempts"] == 1:
                assert n_tokens == call["reserved_tokens"], (
                    "nobody knows what it used, so all of it is charged"
                )
            used[call["subject"]] += call["input_tokens"] + call["output_tokens"]
            nano[call["subject"]] += call["nano"] or 0
        for row in await self._rows("budget_use"):
            assert row["reserved_tokens"] == row["reserved_nano"] == 0, dict(row)
            if row["period"] == "day":
                whose = [who for who, teams in PEOPLE.items() if _holds(row, who, teams)]
                assert row["used_tokens"] == sum(used[who] for who in whose), dict(row)
                assert row["used_nano"] == sum(nano[who] for who in whose), dict(row)
        told = Counter[str]()
        for row in await self._rows("usage"):
            told[row["subject"]] += row["input_tokens"] + row["output_tokens"]
        assert told == used
        actions = Counter(json.loads(row["leaf"])["action"] for row in await self._rows("audit_leaves"))
        n_attempts = sum(call["n_attempts"] for call in calls)
        assert actions["model_call.begin"] == actions["model_call.end"] == n_attempts
        by_id = {(call["subject"], call["call_id"]): call for call in calls}
        for who, status in self.told:
            call = by_id[who, status.call_id]
            if status.state in ("done", "cancelled", "interrupted"):
                assert call["state"] in (status.state, "interrupted"), (status, dict(call))

    async def _rows(self, table: str) -> list[Any]:
        async with self.database.reading(self.tenant) as tx:
            sql = f"select * from {table} where tenant = $1"
            return list(await tx.rows(sql, self.tenant))


def _holds(row: Any, who: str, teams: tuple[str, ...]) -> bool:
    return (row["scope"], row["subject"]) in {
        ("tenant", ""),
        ("user", who),
        *(("team", each) for each in teams),
    }


async def _kill(replica: Replica) -> None:
    """What it would still do at its end comes to nothing, as with a process that is gone."""
    replica.database.is_dead = True
    for call in replica.calls:
        call.cancel()
    await asyncio.gather(*replica.calls, return_exceptions=True)
    await replica.stack.aclose()


async def _live(database: Database, home: Path, deeds: list[Deed]) -> World:
    tenant = f"t{next(_NUMBERS)}"
    await add_tenant(database, tenant)
    world = World(database, home, _models(home), tenant)
    world.replicas = [await world.replica(), await world.replica()]
    for (scope, subject), amount in LIMITS.items():
        await world.replicas[0].it.budget(scope, subject, "tokens", amount, tenant=tenant)
    for deed in deeds:
        await world.do(deed)
        await world.check_limits()
    await world.end()
    await world.check_limits()
    await world.check_end()
    assert (await world.replicas[0].it.audit.verify(tenant)).ok
    return world


def _models(home: Path) -> tuple[ModelSettings, ...]:
    pieces: list[Any] = [{"text": "a word "}, {"text": "and another "}, {"text": "and the last"}]
    scripts: dict[str, list[Any]] = {
        "says": [[*pieces]] * 40,
        "refuses": [{"error": "refused"}] * 40,
        "breaks": [[pieces[0], {"error": "bad_response"}]] * 40,
    }
    return tuple(scripted_model(home, *script, name=name) for name, script in scripts.items())


def _run(database_settings: DatabaseSettings | None, deeds: list[Deed]) -> None:
    async def live() -> None:
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            wanted = database_settings or DatabaseSettings(url=f"sqlite:///{home / 'team.db'}")
            database = await open_database(wanted, home)
            try:
                await _live(database, home, deeds)
            finally:
                await database.close()

    asyncio.run(live())


_FEW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
)


@_FEW
@given(deeds=_DEEDS)
def test_the_sums_hold(deeds: list[Deed]) -> None:
    """On SQLite."""
    _run(None, deeds)


@settings(_FEW, max_examples=10)
@given(deeds=_DEEDS)
def test_the_sums_hold_on_postgresql(postgres_settings: DatabaseSettings, deeds: list[Deed]) -> None:
    """Where transactions run beside each other."""
    _run(postgres_settings, deeds)


@pytest.mark.torture
@settings(_FEW, max_examples=600)
@given(deeds=_DEEDS)
def test_the_sums_hold_for_long(deeds: list[Deed]) -> None:
    """The same, many times over."""
    _run(None, deeds)


@pytest.mark.torture
@settings(_FEW, max_examples=300)
@given(deeds=_DEEDS)
def test_the_sums_hold_for_long_on_postgresql(postgres_settings: DatabaseSettings, deeds: list[Deed]) -> None:
    """The same, many times over."""
    _run(postgres_settings, deeds)


async def test_a_budget_is_reached(sqlite_database: Database, tmp_path: Path) -> None:
    """The limits above do hold somebody up: calls of one person, all at once, are refused when it is used up."""
    await add_tenant(sqlite_database, "t")
    world = World(sqlite_database, tmp_path, _models(tmp_path), "t")
    world.replicas = [await world.replica()]
    it = world.replicas[0].it
    await it.budget("user", "ann", "tokens", LIMITS["user", "ann"], tenant="t")
    person = principal("ann", tenant="t")
    calls = [it.told(person, asked("one", f"call-{n:04}", model="says")) for n in range(12)]
    ended = await asyncio.gather(*calls, return_exceptions=True)
    n_refused = sum(isinstance(each, BudgetExceeded) for each in ended)
    assert 0 < n_refused < 12
    await world.end()
