"""Events of an edge in a real database: each once and in order, whatever is sent, and how often."""

from pathlib import Path
from typing import Any, cast

import pytest
from audit_logs import add_tenant, opened_log
from audited_database import TENANT

from victor_server.errors import UsageError
from victor_server.protocol import AuditAsked, Deliver
from victor_server.team.audit.log import AuditLog
from victor_server.team.backend import Backend
from victor_server.team.handlers.events import deliver
from victor_server.team.principal import Principal
from victor_server.team.store.database import Database
from victor_server.telemetry.metrics import Metrics

ADA = Principal(TENANT, "ada", "user", "developer", ("chat:*",), "c", 1, 2**60, teams=("core",))


class Both:
    """The parts of a backend that take in events."""

    def __init__(self, database: Database, audit: AuditLog) -> None:
        self.database = database
        self.audit = audit
        self.metrics = Metrics()

    async def take(self, *events: dict[str, Any], who: Principal = ADA) -> tuple[int, list[int]]:
        told = await deliver(cast("Backend", self), who, Deliver(install="one", events=events))
        return told.acked, [each.seq for each in told.quarantined]

    async def actions(self) -> list[str]:
        page = await self.audit.page(TENANT, AuditAsked())
        return sorted(record["leaf"]["action"] for record in page.records)


@pytest.fixture
async def backend(database: Database, tmp_path: Path) -> Both:
    return Both(database, await opened_log(database, tmp_path / "heads"))


def audit(seq: int, action: str = "edit_decided", **more: Any) -> dict[str, Any]:
    body = {
        "at_us": 1_700_000_000_000_000,
        "user": "me",
        "action": action,
        "session_id": "s",
        "success": True,
    }
    return {"seq": seq, "kind": "audit", "body": {**body, **more}}


def usage(seq: int, **more: Any) -> dict[str, Any]:
    body = {
        "at_us": 1_700_000_000_000_000,
        "provider": "anthropic",
        "model": "m",
        "input_tokens": 7,
        "output_tokens": 2,
        "cost_nano": 5,
    }
    return {"seq": seq, "kind": "usage", "body": {**body, **more}}


async def test_what_is_sent_again_counts_once(backend: Both) -> None:
    """A batch of which the answer was lost comes again, with more: only what is new is added."""
    assert await backend.take(audit(1, "one"), usage(2), audit(3, "three")) == (3, [])
    assert await backend.take(audit(1, "one"), usage(2), audit(3, "three"), audit(4, "four")) == (4, [])
    assert await backend.actions() == ["four", "one", "three"]
    async with backend.database.reading(TENANT) as tx:
        row = await tx.row("select calls, input_tokens, nano, source, team from usage")
    assert row is not None
    assert dict(row) == {
        "calls": 1,
        "input_tokens": 7,
        "nano": 5,
        "source": "edge",
        "team": "core",
    }


async def test_a_gap_is_not_stepped_over(backend: Both) -> None:
    """What comes behind a missing event is not taken: it is sent again, in order."""
    assert await backend.take(audit(2, "two")) == (0, [])
    assert await backend.take(audit(1, "one"), audit(3, "three")) == (1, [])
    assert await backend.actions() == ["one"]


@pytest.mark.parametrize(
    "bad",
    [
        {"body": {}},
        {"kind": "gossip"},
        {"more": 1},
        {"body": {**audit(2)["body"], "action": "Not An Action"}},
        {"body": {**audit(2)["body"], "at_us": -1}},
        {"body": {**audit(2)["body"], "details": {"x": float("nan")}}},
        {"body": {**audit(2)["body"], "details": {"x": "y" * 1_100_000}}},
    ],
    ids=["empty", "kind", "extra", "action", "time", "nan", "long"],
)
async def test_a_bad_event_holds_up_none(backend: Both, bad: dict[str, Any]) -> None:
    """It is put aside, on record in its place, and those behind it arrive."""
    assert await backend.take(audit(1, "one"), {**audit(2), **bad}, audit(3, "three")) == (3, [2])
    assert await backend.actions() == ["edge.event_quarantined", "one", "three"]


async def test_an_event_without_a_place_is_refused_whole(backend: Both) -> None:
    """Nobody could say what comes before it: nothing of the batch is taken."""
    for seq in (None, "1", 0, True, 2**70):
        with pytest.raises(UsageError):
            await backend.take(audit(1, "one"), {**audit(2), "seq": seq})
    assert await backend.actions() == []


async def test_others_have_counts_of_their_own(backend: Both) -> None:
    """The same name of an install under another person's is another one."""
    eve = Principal(TENANT, "eve", "user", "developer", ("chat:*",), "c", 1, 2**60)
    assert await backend.take(audit(1, "one")) == (1, [])
    assert await backend.take(audit(1, "hers"), who=eve) == (1, [])
    assert await backend.actions() == ["hers", "one"]


async def test_tenants_are_strangers(backend: Both, database: Database) -> None:
    """What arrived for one says nothing of another."""
    if database.dialect == "sqlite":
        return  # it serves one tenant
    await add_tenant(database, "other", "log-of-other")
    other = Principal("other", "ada", "user", "developer", ("chat:*",), "c", 1, 2**60)
    assert await backend.take(audit(1, "one")) == (1, [])
    assert await backend.take(audit(1, "one"), who=other) == (1, [])
