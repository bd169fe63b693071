"""A replica that goes on with a master key that was changed makes no key with it, and says so."""

from pathlib import Path

import pytest
from team_backend import running_backend

from victor_server.errors import StoreFailed
from victor_server.team.sealing.master import MasterKeyBytes
from victor_server.team.sealing.rotation import rotate_master_key
from victor_server.team.sealing.vault import CHECK, INSTANCE, Vault, open_vault
from victor_server.team.store.database import Database

OLD = MasterKeyBytes(bytes(range(32)))
NEW = MasterKeyBytes(bytes(range(1, 33)))


async def _changed_under(database: Database) -> Vault:
    vault = await open_vault(database, OLD)
    await vault.signer("audit")
    await rotate_master_key(database, OLD, NEW)
    return vault


async def test_it_wraps_no_new_key(database: Database) -> None:
    """Neither the first key of a tenant nor a newer one of the instance; a replica with the new key makes both."""
    replica = await _changed_under(database)
    with pytest.raises(StoreFailed, match="master key was changed"):
        async with database.transaction("core") as tx:
            await replica.seal(tx, "core", "a key", b"sk-secret")
    with pytest.raises(StoreFailed, match="master key was changed"):
        async with database.transaction(INSTANCE) as tx:
            await replica.renew_data_key(tx, INSTANCE)
    started_again = await open_vault(database, NEW)
    async with database.transaction("core") as tx:
        sealed = await started_again.seal(tx, "core", "a key", b"sk-secret")
        assert await started_again.open(tx, "core", "a key", sealed) == b"sk-secret"


async def test_it_can_be_asked(database: Database) -> None:
    """Whoever looks whether the replica is ready is told."""
    replica = await _changed_under(database)
    async with database.reading(None) as tx:
        with pytest.raises(StoreFailed, match="master key was changed"):
            await replica.require_master(tx)
        await Vault(database, NEW).require_master(tx)


async def test_it_is_not_ready(tmp_path: Path) -> None:
    """A balancer sends it nothing more."""
    async with running_backend(tmp_path) as it:
        async with it.backend.database.transaction(None) as tx:
            changed = f'{{"id": "{NEW.key_id}"}}'
            await tx.execute("update instance set value = $1 where name = $2", changed, CHECK)
        answer = await it.http.get("/ready")
        assert (answer.status_code, answer.json()) == (503, {"status": "master_key_changed"})
