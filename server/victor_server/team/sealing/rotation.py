"""Changes the master key: every data key is wrapped anew; what they seal stays as it is."""

import json
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from victor_server.errors import SettingsError
from victor_server.team.sealing.master import MasterKeyBytes
from victor_server.team.sealing.sealed import decrypt, encrypt, wipe
from victor_server.team.sealing.vault import CHECK, INSTANCE, read_check, wrap_name
from victor_server.team.store.database import Database, Transaction


async def rotate_master_key(database: Database, old: MasterKeyBytes, new: MasterKeyBytes) -> int:
    """Wrap all data keys with `new`; returns how many. No replica may run meanwhile, and all start with `new` after it.

    Broken off, it is to be run again with the same keys; until then no replica starts. Raises `SettingsError` if the
    database was not sealed with `old`.
    """
    tenants = await _begin(database, old, new)
    n_wrapped = 0
    for tenant in tenants:
        async with database.transaction(tenant) as tx:
            n_wrapped += await _wrap_anew(tx, tenant, old, new)
    async with database.transaction(None) as tx:
        await _say(tx, {"id": new.key_id})
    return n_wrapped


async def _begin(database: Database, old: MasterKeyBytes, new: MasterKeyBytes) -> Sequence[str]:
    async with database.transaction(None) as tx:
        known = await read_check(tx) or {}
        goes_on = known.get("id") == new.key_id and known.get("before") == old.key_id
        if not goes_on and (known.get("id") != old.key_id or known.get("before")):
            raise SettingsError(
                f"The database is sealed with the master key {known.get('id')}, not with {old.key_id}.",
                "Name the key that it is sealed with as the old one.",
            )
        await _say(tx, {"id": new.key_id, "before": old.key_id})
        rows = await tx.rows("select name from tenants")
    return (INSTANCE, *(row["name"] for row in rows))


async def _wrap_anew(tx: Transaction, tenant: str, old: MasterKeyBytes, new: MasterKeyBytes) -> int:
    found = "select key_id, wrapped from data_keys where tenant = $1 and master_id = $2"
    rows = await tx.rows(found, tenant, old.key_id)
    for row in rows:
        bound = wrap_name(tenant, row["key_id"])
        plain = decrypt(AESGCM(old.key), bytes(row["wrapped"]), bound)
        wrapped = encrypt(AESGCM(new.key), plain, bound)
        wipe(plain)
        changed = "update data_keys set master_id = $3, wrapped = $4 where tenant = $1 and key_id = $2"
        await tx.execute(changed, tenant, row["key_id"], new.key_id, wrapped)
    return len(rows)


async def _say(tx: Transaction, value: dict[str, str]) -> None:
    await tx.execute("update instance set value = $2 where name = $1", CHECK, json.dumps(value))
