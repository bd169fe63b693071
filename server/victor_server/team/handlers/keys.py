"""Keeps the providers' keys of a tenant: they come in once, are sealed, and are told to nobody again."""

import time

from victor_server.errors import NotFound, UsageError
from victor_server.protocol import Empty, Key, Keys, KeySet, NamedKey
from victor_server.team.audit.event import AuditEvent
from victor_server.team.backend import Backend
from victor_server.team.gateway.providers import new_key_id, sealed_as
from victor_server.team.identity.changes import raise_revision
from victor_server.team.principal import Principal
from victor_server.team.sealing.sealed import wipe
from victor_server.team.store.database import Row

SHOWN = 4
SHORTEST_SHOWN = 20
"""Of a shorter key not even the last letters are told."""


async def list_all(backend: Backend, principal: Principal, params: Empty) -> Keys:
    """All keys, by name."""
    principal.require("keys:read")
    async with backend.database.reading(principal.tenant) as tx:
        rows = await tx.rows(
            "select name, key_id, created_us, ending from provider_keys where tenant = $1 order by name",
            principal.tenant,
        )
    return Keys(keys=tuple(map(_key, rows)))


async def set_one(backend: Backend, principal: Principal, params: KeySet) -> Key:
    """Seal a key; the one before is gone."""
    principal.require("keys:write")
    value = params.value.strip()
    if not value.isascii() or not value.isprintable() or not value:
        raise UsageError("A key is made of letters, digits and signs.", "Look for what was pasted with it.")
    plain = bytearray(value.encode("ascii"))
    ending = value[-SHOWN:] if len(value) >= SHORTEST_SHOWN else ""
    async with backend.database.transaction(principal.tenant) as tx:
        sealed = await backend.vault.seal(tx, principal.tenant, sealed_as(params.name), plain)
        wipe(plain)
        row = await tx.row(
            "insert into provider_keys (tenant, name, key_id, sealed, ending, created_us) values ($1, $2, $3, $4, $5, $6)"
            " on conflict (tenant, name) do update set key_id = excluded.key_id, sealed = excluded.sealed,"
            " ending = excluded.ending, created_us = excluded.created_us returning name, key_id, created_us, ending",
            principal.tenant,
            params.name,
            new_key_id(),
            sealed.to_bytes(),
            ending,
            time.time_ns() // 1_000,
        )
        await raise_revision(tx, principal.tenant)
        await backend.audit.append(tx, principal.tenant, [_event("key.set", principal, params.name)])
    backend.gateway.changed(principal.tenant)
    if row is None:
        raise NotFound("The key was removed meanwhile.", "Set it again.")
    return _key(row)


async def remove(backend: Backend, principal: Principal, params: NamedKey) -> Empty:
    """Forget a key."""
    principal.require("keys:write")
    async with backend.database.transaction(principal.tenant) as tx:
        sql = "delete from provider_keys where tenant = $1 and name = $2"
        if not await tx.execute(sql, principal.tenant, params.name):
            raise NotFound("Your tenant has no key of that name.", "See `victor team keys list`.")
        await raise_revision(tx, principal.tenant)
        await backend.audit.append(tx, principal.tenant, [_event("key.removed", principal, params.name)])
    backend.gateway.changed(principal.tenant)
    return Empty()


def _key(row: Row) -> Key:
    return Key(name=row["name"], key_id=row["key_id"], created_us=row["created_us"], ending=row["ending"])


def _event(action: str, principal: Principal, name: str) -> AuditEvent:
    personal = {"user": principal.subject, "details": {"name": name}}
    return AuditEvent(action, principal.subject, personal=personal)
