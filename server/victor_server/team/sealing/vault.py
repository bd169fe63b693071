"""The vault: seals what the database must not show, under a data key of each tenant's, and keeps the keys that sign."""

import json
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from victor_server.errors import SettingsError, StoreFailed
from victor_server.team.sealing.master import MasterKeyBytes
from victor_server.team.sealing.sealed import Sealed, decrypt, encrypt, wipe
from victor_server.team.store.database import Database, Transaction

Purpose = Literal["tokens", "policy", "audit"]
INSTANCE = ""
"""Stands for the whole backend where a tenant is asked for."""

MAX_CACHED = 4_096
CHECK = "master_key"
"""The row of `instance` that says which master key the database is sealed with."""


class Signer(Protocol):
    """Signs with Ed25519. `public` is the raw key of 32 bytes."""

    @property
    def key_id(self) -> str:
        """Names the key; signatures say it."""
        ...

    @property
    def public(self) -> bytes:
        """What verifies."""
        ...

    def sign(self, data: bytes) -> bytes:
        """64 bytes."""
        ...


@dataclass(frozen=True, slots=True)
class SigningKey:
    """See `Signer`."""

    key_id: str
    public: bytes
    private: Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"SigningKey({self.key_id!r})"

    def sign(self, data: bytes) -> bytes:
        """See `Signer`."""
        return self.private.sign(data)


async def open_vault(
    database: Database, master: MasterKeyBytes, clock: Callable[[], int] = time.time_ns
) -> "Vault":
    """The vault of this database. Raises `SettingsError` if it was sealed with another master key."""
    async with database.transaction(None) as tx:
        known = await read_check(tx)
        if known is None:
            await write_check(tx, {"id": master.key_id})
            known = await read_check(tx) or {}
    require_key_of(known, master)
    return Vault(database, master, clock)


def require_key_of(known: Mapping[str, str], master: MasterKeyBytes) -> None:
    """Raise `SettingsError` unless what the database says of its master key, `read_check`, is `master`."""
    if known.get("before"):
        raise SettingsError(
            "A change of the master key was broken off.", "Run `victor team rotate-master-key` again."
        )
    if known.get("id") != master.key_id:
        _refuse(master, str(known.get("id")))


def _refuse(master: MasterKeyBytes, wanted: str) -> None:
    said = f"The database was sealed with another master key ({wanted}) than this one ({master.key_id})."
    if master.made is not None:
        master.made.unlink(missing_ok=True)
        said = f"The database was sealed with a master key ({wanted}) whose file {master.made} is not there."
    raise SettingsError(said, "Put the right key back; without it, what is sealed cannot be read.")


async def read_check(tx: Transaction, *, lock: bool = False) -> Mapping[str, str] | None:
    """Which master key it is: `id`, and `before` while it is being changed. `lock`: nobody changes it meanwhile."""
    found = "select value from instance where name = $1"
    locked = "select value from instance where name = $1 for share"
    row = await tx.row(locked if lock and tx.dialect == "postgresql" else found, CHECK)
    return None if row is None else json.loads(row["value"])


async def write_check(tx: Transaction, value: Mapping[str, str]) -> None:
    """Say which it is, if nobody has said yet."""
    said = "insert into instance (name, value) values ($1, $2) on conflict (name) do nothing"
    await tx.execute(said, CHECK, json.dumps(dict(value)))


class Vault:
    """Data keys are unwrapped once and kept; which one is current is asked of the database each time, so that no key
    of a transaction that was taken back is ever used."""

    def __init__(
        self, database: Database, master: MasterKeyBytes, clock: Callable[[], int] = time.time_ns
    ) -> None:
        self._database = database
        self._master_id = master.key_id
        self._master = AESGCM(master.key)
        self._clock = clock
        self._keys: OrderedDict[tuple[str, str], AESGCM] = OrderedDict()
        self._signers: dict[Purpose, SigningKey] = {}

    def __repr__(self) -> str:
        return f"Vault({self._master_id!r})"

    async def seal(self, tx: Transaction, tenant: str, name: str, plain: bytes | bytearray) -> Sealed:
        """What only this vault opens, and only as `name` of `tenant`. `tx` is of that tenant."""
        key_id, key = await self._current(tx, tenant)
        return Sealed(key_id, encrypt(key, plain, bound_to(tenant, name, key_id)))

    async def open(self, tx: Transaction, tenant: str, name: str, sealed: Sealed) -> bytearray:
        """What was sealed: `wipe` it after use. Raises `StoreFailed`."""
        key = self._keys.get((tenant, sealed.key_id))
        if key is None:
            found = "select master_id, wrapped from data_keys where tenant = $1 and key_id = $2"
            row = await tx.row(found, tenant, sealed.key_id)
            if row is None:
                raise StoreFailed(
                    "The key of something sealed is gone.", "Restore the database from a backup."
                )
            key = self._unwrapped(tenant, sealed.key_id, row["master_id"], row["wrapped"])
        return decrypt(key, sealed.data, bound_to(tenant, name, sealed.key_id))

    async def renew_data_key(self, tx: Transaction, tenant: str) -> str:
        """From now on the tenant's things are sealed with a new key; older ones go on opening what they sealed."""
        return (await self._made(tx, tenant))[0]

    async def signer(self, purpose: Purpose) -> Signer:
        """The key that signs; made on first use."""
        signer = self._signers.get(purpose)
        if signer is None:
            signer = self._signers[purpose] = await self._stored(purpose) or await self._make_signer(purpose)
        return signer

    async def verifying_keys(self, purpose: Purpose) -> Mapping[str, bytes]:
        """Key id → raw public key; retired ones too. Read anew each time: other replicas make and retire keys."""
        await self.signer(purpose)
        async with self._database.reading(None) as tx:
            rows = await tx.rows("select key_id, public from signing_keys where purpose = $1", purpose)
        return {row["key_id"]: bytes(row["public"]) for row in rows}

    async def retire_signer(self, purpose: Purpose) -> Signer:
        """Sign with a new key from now on. Other replicas follow when they are started again."""
        async with self._database.transaction(None) as tx:
            retire = "update signing_keys set retired_us = $2 where purpose = $1 and retired_us is null"
            await tx.execute(retire, purpose, self._now_us())
        self._signers.pop(purpose, None)
        return await self.signer(purpose)

    async def _stored(self, purpose: Purpose) -> SigningKey | None:
        """The oldest that is not retired: two replicas that both made one agree on it."""
        async with self._database.transaction(None) as tx:
            row = await tx.row(
                "select key_id, public, sealed from signing_keys where purpose = $1 and retired_us is null"
                " order by created_us, key_id limit 1",
                purpose,
            )
        if row is None:
            return None
        name = _signing_name(purpose, row["key_id"])
        async with self._database.transaction(INSTANCE) as tx:
            seed = await self.open(tx, INSTANCE, name, Sealed.from_bytes(bytes(row["sealed"])))
        private = Ed25519PrivateKey.from_private_bytes(seed)
        wipe(seed)
        public = private.public_key().public_bytes_raw()
        return SigningKey(row["key_id"], public, private)

    async def _make_signer(self, purpose: Purpose) -> SigningKey:
        private = Ed25519PrivateKey.generate()
        key_id = f"{purpose}-{os.urandom(6).hex()}"
        seed = bytearray(private.private_bytes_raw())
        async with self._database.transaction(INSTANCE) as tx:
            sealed = await self.seal(tx, INSTANCE, _signing_name(purpose, key_id), seed)
        wipe(seed)
        async with self._database.transaction(None) as tx:
            await tx.execute(
                "insert into signing_keys (purpose, key_id, public, sealed, created_us) values ($1, $2, $3, $4, $5)",
                purpose,
                key_id,
                private.public_key().public_bytes_raw(),
                sealed.to_bytes(),
                self._now_us(),
            )
        stored = await self._stored(purpose)
        if stored is None:
            raise StoreFailed("A signing key was retired while it was made.", "Try again.")
        return stored

    async def _current(self, tx: Transaction, tenant: str) -> tuple[str, AESGCM]:
        newest = (
            "select key_id, master_id, wrapped from data_keys where tenant = $1"
            " order by created_us desc, key_id desc limit 1"
        )
        row = await tx.row(newest, tenant)
        if row is None:
            return await self._made(tx, tenant)
        key = self._keys.get((tenant, row["key_id"]))
        return row["key_id"], key or self._unwrapped(tenant, row["key_id"], row["master_id"], row["wrapped"])

    async def require_master(self, tx: Transaction, *, to_wrap: bool = False) -> None:
        """Raise `StoreFailed` if the master key was changed meanwhile: what this replica wraps would open for nobody.

        `to_wrap`: a change of it waits until this transaction has ended, and then finds what was wrapped.
        """
        known = await read_check(tx, lock=to_wrap)
        if known is None or known.get("id") != self._master_id:
            raise StoreFailed("The master key was changed.", "Start this replica with the new one.")

    async def _made(self, tx: Transaction, tenant: str) -> tuple[str, AESGCM]:
        await self.require_master(tx, to_wrap=True)
        key_id, plain = os.urandom(8).hex(), bytearray(os.urandom(32))
        wrapped = encrypt(self._master, plain, wrap_name(tenant, key_id))
        key = AESGCM(bytes(plain))
        wipe(plain)
        await tx.execute(
            "insert into data_keys (tenant, key_id, master_id, wrapped, created_us) values ($1, $2, $3, $4, $5)",
            tenant,
            key_id,
            self._master_id,
            wrapped,
            self._now_us(),
        )
        return key_id, key

    def _unwrapped(self, tenant: str, key_id: str, master_id: str, wrapped: bytes) -> AESGCM:
        if master_id != self._master_id:
            raise StoreFailed(
                "A key in the database is wrapped with another master key than this replica's.",
                "Start the replica again with the newest master key.",
            )
        plain = decrypt(self._master, bytes(wrapped), wrap_name(tenant, key_id))
        key = AESGCM(bytes(plain))
        wipe(plain)
        self._keys[tenant, key_id] = key
        if len(self._keys) > MAX_CACHED:
            self._keys.popitem(last=False)
        return key

    def _now_us(self) -> int:
        return self._clock() // 1_000


def bound_to(tenant: str, name: str, key_id: str) -> bytes:
    """Whose it is, what it is, and which key it is under: none of it can be changed for another."""
    return json.dumps(["victor", tenant, name, key_id]).encode("ascii")


def wrap_name(tenant: str, key_id: str) -> bytes:
    """What a wrapped data key is bound to."""
    return bound_to(tenant, "data key", key_id)


def _signing_name(purpose: Purpose, key_id: str) -> str:
    return f"signing key {purpose} {key_id}"
