"""Tenants are made, changed and taken out by whoever runs the backend, and each of it is in the audit log."""

from pathlib import Path
from typing import cast

import pytest
from audit_logs import opened_log
from audited_database import TENANT

from victor_server.errors import AuditFailed, Forbidden, NotFound, UsageError
from victor_server.protocol import METHODS, AuditAsked, Empty, NamedTenant, Tenant
from victor_server.team.audit.event import AuditEvent
from victor_server.team.audit.log import AuditLog
from victor_server.team.backend import Backend
from victor_server.team.handlers import tenants
from victor_server.team.principal import Principal
from victor_server.team.store.database import Database

OPERATOR = Principal(TENANT, "olga", "user", "admin", ("*",), "c", 1, 2**60, operator=True)
MEMBER = Principal(TENANT, "max", "user", "developer", ("chat:*",), "c", 1, 2**60)


class Parts:
    """As much of a backend as tenants need."""

    def __init__(self, database: Database, audit: AuditLog) -> None:
        self.database = database
        self.audit = audit


async def backend_of(database: Database, outside: Path) -> Backend:
    """On a database that holds the operator's own tenant."""
    return cast("Backend", Parts(database, await opened_log(database, outside)))


async def names(backend: Backend) -> list[str]:
    """Of all tenants."""
    return [tenant.name for tenant in (await tenants.list_all(backend, OPERATOR, Empty())).tenants]


async def actions(backend: Backend) -> list[str]:
    """What stands in the operator's own log."""
    page = await backend.audit.page(TENANT, AuditAsked())
    return [record["leaf"]["action"] for record in page.records]


async def test_made_changed_and_taken_out(postgres_database: Database, tmp_path: Path) -> None:
    """With a log of its own from the start; what is taken out leaves nothing, and can be made anew."""
    backend = await backend_of(postgres_database, tmp_path)
    await tenants.set_one(backend, OPERATOR, Tenant(name="bolt", region="eu-west-1"))
    first = await backend.audit.head("bolt")
    assert await names(backend) == sorted([TENANT, "bolt"])
    await backend.audit.record("bolt", AuditEvent("login", "ann"))
    await backend.audit.publish_head("bolt")
    await tenants.set_one(backend, OPERATOR, Tenant(name="bolt", disabled=True))
    async with postgres_database.reading("bolt") as tx:
        row = await tx.row("select region, disabled, revision from tenants")
    assert row == {"region": "", "disabled": True, "revision": 2}
    assert (await backend.audit.head("bolt")).log == first.log
    await tenants.remove(backend, OPERATOR, NamedTenant(name="bolt"))
    assert await names(backend) == [TENANT]
    async with postgres_database.reading("bolt") as tx:
        for table in ("audit_leaves", "audit_state", "data_keys", "audit_subjects"):
            assert await tx.rows(f"select * from {table}") == []
    await tenants.set_one(backend, OPERATOR, Tenant(name="bolt"))
    again = await backend.audit.head("bolt")
    assert again.log != first.log
    assert again.size == 0
    assert await actions(backend) == ["tenant.set", "tenant.set", "tenant.removed", "tenant.set"]
    assert (await backend.audit.verify(TENANT)).ok


async def test_sqlite_has_one(sqlite_database: Database, tmp_path: Path) -> None:
    """Nothing there keeps a second one apart. The one can be changed, and is told how to have several."""
    backend = await backend_of(sqlite_database, tmp_path)
    with pytest.raises(UsageError, match="one tenant") as caught:
        await tenants.set_one(backend, OPERATOR, Tenant(name="bolt"))
    assert "PostgreSQL" in caught.value.fix
    await tenants.set_one(backend, OPERATOR, Tenant(name=TENANT, region="eu-west-1"))
    told = await tenants.list_all(backend, OPERATOR, Empty())
    assert told.tenants == (Tenant(name=TENANT, region="eu-west-1"),)


async def test_nobody_takes_out_themselves(postgres_database: Database, tmp_path: Path) -> None:
    """Nor what is not there."""
    backend = await backend_of(postgres_database, tmp_path)
    with pytest.raises(UsageError, match="lock yourself out"):
        await tenants.set_one(backend, OPERATOR, Tenant(name=TENANT, disabled=True))
    with pytest.raises(UsageError, match="your own"):
        await tenants.remove(backend, OPERATOR, NamedTenant(name=TENANT))
    with pytest.raises(NotFound):
        await tenants.remove(backend, OPERATOR, NamedTenant(name="bolt"))
    assert await names(backend) == [TENANT]
    assert await actions(backend) == []


async def test_for_whoever_runs_the_backend_alone(postgres_database: Database, tmp_path: Path) -> None:
    """An administrator of a tenant is refused by the table of methods, anybody else by the handler, too."""
    backend = await backend_of(postgres_database, tmp_path)
    assert all(METHODS[f"tenants/{what}"].operator for what in ("list", "set", "remove"))
    with pytest.raises(Forbidden):
        await tenants.list_all(backend, MEMBER, Empty())
    with pytest.raises(Forbidden):
        await tenants.set_one(backend, MEMBER, Tenant(name="bolt"))
    with pytest.raises(Forbidden):
        await tenants.remove(backend, MEMBER, NamedTenant(name="bolt"))


async def test_what_cannot_be_recorded_is_not_done(postgres_database: Database, tmp_path: Path) -> None:
    """The record comes first."""

    class Failing(AuditLog):
        """Takes nothing more."""

        async def record(self, tenant: str, *events: AuditEvent) -> None:
            raise AuditFailed("It takes nothing more.")

    whole = await backend_of(postgres_database, tmp_path)
    await tenants.set_one(whole, OPERATOR, Tenant(name="bolt"))
    failing = Failing(postgres_database, whole.audit._vault, None)
    backend = cast("Backend", Parts(postgres_database, failing))
    with pytest.raises(AuditFailed):
        await tenants.set_one(backend, OPERATOR, Tenant(name="cube"))
    with pytest.raises(AuditFailed):
        await tenants.remove(backend, OPERATOR, NamedTenant(name="bolt"))
    assert await names(backend) == sorted([TENANT, "bolt"])
