"""Whom a team has erased: no table knows their name any more, nor does one that is added later."""

import json
from pathlib import Path
from typing import Any

from audited_database import TENANT
from lived_in_database import ERASED, PEOPLE, live
from team_backend import running_backend

from victor_server.team.configuration.resolved import DatabaseSettings
from victor_server.team.store.database import Database
from victor_server.team.store.schema import TENANT_TABLES


async def test_no_table_names_them(database: Database) -> None:
    """Every table that says whose a row is; all others are in it still."""
    await live(database)
    named = {}
    async with database.reading(TENANT) as tx:
        for table in TENANT_TABLES:
            rows = await tx.rows(f"select * from {table} where tenant = $1", TENANT)
            assert rows, f"{table}: fill it in lived_in_database.py"
            if "subject" in dict(rows[0]):
                named[table] = {row["subject"] for row in rows}
    for table, subjects in named.items():
        assert ERASED not in subjects, table
        assert set(PEOPLE) - {ERASED} <= subjects, table


async def test_whoever_is_written_down_can_be_erased_from_a_backup(
    tmp_path: Path, database_settings: DatabaseSettings
) -> None:
    """Erasures are kept by pseudonym: a backup from before somebody did anything must know theirs."""
    async with running_backend(tmp_path, database=database_settings) as it:
        await it.rpc("users/set", {"subject": "ada", "role": "developer"})
        await it.rpc("tokens/create", {"label": "laptop", "subject": "bob", "role": "developer"})
        budget = {"scope": "user", "subject": "eve", "period": "month", "unit": "usd", "limit": 1}
        await it.rpc("budgets/set", budget)
        await it.rpc("budgets/set", {**budget, "scope": "team", "subject": "core"})
        async with it.backend.database.reading("default") as tx:
            rows = await tx.rows("select subject from audit_subjects where tenant = $1", "default")
        assert {"ada", "bob", "eve"} <= {row["subject"] for row in rows}
        assert "core" not in {row["subject"] for row in rows}


async def test_no_record_of_somebody_else_names_them(
    tmp_path: Path, database_settings: DatabaseSettings
) -> None:
    """What was done to somebody is told with their name until they are erased, and by nothing of the log afterwards."""
    name = "ada-lovelace"
    budget = {"scope": "user", "subject": name, "period": "month", "unit": "usd"}
    async with running_backend(tmp_path, database=database_settings) as it:
        await it.rpc("users/set", {"subject": name, "role": "developer"})
        await it.rpc("users/set", {"subject": name, "role": "admin"})
        await it.rpc("tokens/create", {"label": "laptop", "subject": name, "role": "developer"})
        await it.rpc("budgets/set", {**budget, "limit": 1})
        await it.rpc("budgets/remove", budget)
        await it.rpc("audit/search", {"subject": name})
        await it.rpc("users/revoke", {"subject": name})
        await it.rpc("users/remove", {"subject": name})
        page = await it.rpc("audit/search", {"decrypt": True, "limit": 1_000})
        (pseudonym,) = page["names"]
        assert page["names"] == {pseudonym: name}
        told = [each["leaf"]["action"] for each in page["records"] if _whom(each) == {"pseudonym": pseudonym}]
        assert told == [
            "user.set", "role.changed", "token.created", "budget.set", "budget.removed", "audit.searched",
            "sessions.revoked", "user.removed",
        ]  # fmt: skip
        await it.rpc("audit/erase", {"subject": name})
        await it.rpc("audit/search", {"subject": name})
        await it.rpc("audit/search", {"subject": name, "decrypt": True})
        page = await it.rpc("audit/search", {"decrypt": True, "limit": 1_000})
        assert name not in json.dumps(page)
        assert page["names"] == {}
        assert (await it.rpc("audit/verify"))["ok"]


def _whom(record: dict[str, Any]) -> object:
    details = record["record"].get("details")
    return details.get("subject") if isinstance(details, dict) else None
