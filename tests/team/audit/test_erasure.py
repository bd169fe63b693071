"""Whom a team has erased: no table knows their name any more, nor does one that is added later."""

from audited_database import TENANT
from lived_in_database import ERASED, PEOPLE, live

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
