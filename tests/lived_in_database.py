"""Fills a database as months of use would, through the backend's own rooms where they seal or sign; and looks at it again."""

import secrets
from pathlib import Path

from audit_logs import event
from audited_database import LOG, TENANT, master

from victor_server.protocol import AuditAsked
from victor_server.team.audit.log import AuditLog
from victor_server.team.sealing.sealed import Sealed
from victor_server.team.sealing.vault import open_vault
from victor_server.team.store.database import Database
from victor_server.team.store.tables import INSTANCE_TABLES, TENANT_TABLES

PLAIN = b"nothing that anybody must keep to themselves"
DAY_US = 86_400_000_000
NOW_US = 1_790_000_000_000_000
PEOPLE = ("ada", "ben", "eve")
ERASED = "eve"

_ROWS = {
    "users": ("subject, role, teams, disabled, created_us", "$2, 'developer', '[\"core\"]', false, $3"),
    "families": ("id, subject, kind, install, created_us, expires_us", "$2, $2, 'device', 'one', $3, $3"),
    "consents": ("subject, purpose, given, at_us", "$2, 'training', true, $3"),
    "installs": ("install, subject, acked, created_us", "'one', $2, 7, $3"),
    "budgets": ("scope, subject, period, unit, amount", "'user', $2, 'month', 'usd', $3"),
    "budget_use": ("scope, subject, period, key, used_nano", "'user', $2, 'month', '2026-09', $3"),
    "login_nonces": ("nonce, expires_us", "$2, $3"),
    "models": ("name, document", "$2, cast($3 as text)"),
}


async def live(database: Database, outside: Path | None = None) -> None:
    """One tenant with people, tokens, budgets, calls in every state, a log of which one person was erased."""
    async with database.transaction(None) as tx:
        made = "insert into tenants (name, log, region, created_us, policy) values ($1, $2, 'eu-central-1', $3, $4)"
        await tx.execute(made, TENANT, LOG, NOW_US, '{"cloud": "backend"}')
    vault = await open_vault(database, master())
    await vault.signer("tokens")
    await vault.signer("policy")
    async with database.transaction(TENANT) as tx:
        for table, (columns, values) in _ROWS.items():
            value = "{}" if table == "models" else NOW_US
            for person in PEOPLE:
                await tx.execute(
                    f"insert into {table} (tenant, {columns}) values ($1, {values})", TENANT, person, value
                )
        for person in PEOPLE:
            await tx.execute(
                "insert into refresh_tokens (tenant, hash, family, issued_us, expires_us) values ($1, $2, $3, 1, 2)",
                TENANT,
                secrets.token_bytes(32),
                person,
            )
            await tx.execute(
                "insert into api_tokens (tenant, id, hash, label, subject, role, created_us, expires_us) "
                "values ($1, $2, $3, 'for tests', $2, 'developer', 1, 2)",
                TENANT,
                person,
                secrets.token_bytes(32),
            )
            await tx.execute(
                "insert into usage (tenant, day, subject, team, source, provider, model, calls, nano) "
                "values ($1, '2026-09-21', $2, 'core', 'gateway', 'anthropic', 'm', 3, 1000)",
                TENANT,
                person,
            )
            for state in ("open", "done", "failed", "cancelled", "interrupted"):
                await tx.execute(
                    "insert into calls (tenant, subject, call_id, request_hash, state, replica, lease_us, task, day, begun_us) "
                    "values ($1, $2, $3, $4, $3, 'one', $5, 'chat', '2026-09-21', $5)",
                    TENANT,
                    person,
                    state,
                    secrets.token_bytes(32),
                    NOW_US,
                )
        spent = "insert into spent_tokens (tenant, hash, expires_us) values ($1, $2, $3)"
        await tx.execute(spent, TENANT, secrets.token_bytes(32), NOW_US)
        sealed = await vault.seal(tx, TENANT, "provider_keys/one", PLAIN)
        await tx.execute(
            "insert into provider_keys (tenant, name, key_id, sealed, created_us) values ($1, 'one', $2, $3, $4)",
            TENANT,
            sealed.key_id,
            sealed.data,
            NOW_US,
        )
    audit = AuditLog(database, vault, outside)
    for n in range(12):
        await audit.record(TENANT, event(subject=PEOPLE[n % 3], files_accessed=[f"src/{n}.py"]))
    await audit.publish_head(TENANT)
    await audit.erase(TENANT, ERASED, "ada")
    await audit.record(TENANT, event(subject="ada"))
    await audit.publish_head(TENANT)


async def look(database: Database) -> dict[str, int]:
    """Check that everything of it is readable and verifies; returns how many rows each table has."""
    vault = await open_vault(database, master())
    async with database.transaction(TENANT) as tx:
        row = await tx.row("select key_id, sealed from provider_keys where tenant = $1", TENANT)
        assert row is not None
        assert (
            await vault.open(tx, TENANT, "provider_keys/one", Sealed(row["key_id"], row["sealed"])) == PLAIN
        )
    audit = AuditLog(database, vault, None)
    verdict = await audit.verify(TENANT)
    assert verdict.ok, verdict.reason
    page = await audit.page(TENANT, AuditAsked(decrypt=True))
    told = str(page.records)
    assert "src/0.py" in told
    assert "src/2.py" not in told, "what was of somebody erased can be read"
    counts = {}
    async with database.reading(None) as tx:
        for table in INSTANCE_TABLES:
            counts[table] = (await tx.rows(f"select count(*) as n from {table}"))[0]["n"]
    async with database.reading(TENANT) as tx:
        for table in TENANT_TABLES:
            counts[table] = (await tx.rows(f"select count(*) as n from {table}"))[0]["n"]
    return counts
