"""The pseudonyms and keys of those whom the log is about: whoever has no key any more cannot be read any more."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field

from victor_server.team.audit.clock import now_us
from victor_server.team.sealing.sealed import Sealed, decrypt, encrypt
from victor_server.team.sealing.vault import Vault
from victor_server.team.store.database import Row, Transaction

MAX_CACHED_SUBJECTS = 4_096


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody under a pseudonym, and the key that seals what is personal of them."""

    pseudonym: str
    key: bytes = field(repr=False)

    def seal(self, log: str, seq: int, plain: bytes) -> bytes:
        """Seal the personal part of one entry; it opens for that entry only."""
        return encrypt(self.key, plain, _bound(log, seq))

    def open(self, log: str, seq: int, sealed: bytes) -> bytearray:
        """What `seal` sealed. Raises `StoreFailed`."""
        return decrypt(self.key, sealed, _bound(log, seq))


class Subjects:
    """The subjects of all tenants. Keys that were opened are kept in memory; whether they still hold, the database says
    each time: somebody erased by another replica is new to the next transaction.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._opened: OrderedDict[tuple[str, str], Subject] = OrderedDict()

    async def of(self, tx: Transaction, tenant: str, subject: str) -> Subject:
        """Who `subject` is in the log; a first time makes pseudonym and key."""
        row = await tx.row(
            "select pseudonym, wrapped from audit_subjects where tenant = $1 and subject = $2",
            tenant,
            subject,
        )
        return await self._open(tx, tenant, row) if row else await self._make(tx, tenant, subject)

    async def pseudonym(self, tx: Transaction, tenant: str, subject: str) -> str | None:
        """What `subject` is called in the log now, None if nothing is recorded of them."""
        row = await tx.row(
            "select pseudonym from audit_subjects where tenant = $1 and subject = $2", tenant, subject
        )
        return None if row is None else str(row["pseudonym"])

    async def behind(self, tx: Transaction, tenant: str, pseudonym: str) -> tuple[Subject, str] | None:
        """Whom a pseudonym stands for, with their name; None if they were erased."""
        row = await tx.row(
            "select pseudonym, wrapped, subject from audit_subjects"
            " where tenant = $1 and pseudonym = $2 and erased_us is null",
            tenant,
            pseudonym,
        )
        return None if row is None else (await self._open(tx, tenant, row), row["subject"])

    async def erase(self, tx: Transaction, tenant: str, pseudonym: str) -> bool:
        """Destroy the key and the link to the name, for good. False if there is nobody of that pseudonym any more."""
        changed = await tx.execute(
            "update audit_subjects set subject = null, wrapped = null, erased_us = $3"
            " where tenant = $1 and pseudonym = $2 and erased_us is null",
            tenant,
            pseudonym,
            now_us(),
        )
        self._opened.pop((tenant, pseudonym), None)
        return bool(changed)

    async def _make(self, tx: Transaction, tenant: str, subject: str) -> Subject:
        made = Subject(f"p-{secrets.token_hex(12)}", secrets.token_bytes(32))
        sealed = await self._vault.seal(tx, tenant, _name(made.pseudonym), made.key)
        await tx.execute(
            "insert into audit_subjects (tenant, pseudonym, subject, wrapped, created_us) values ($1, $2, $3, $4, $5)",
            tenant,
            made.pseudonym,
            subject,
            sealed.to_bytes(),
            now_us(),
        )
        return made

    async def _open(self, tx: Transaction, tenant: str, row: Row) -> Subject:
        pseudonym = str(row["pseudonym"])
        known = self._opened.get((tenant, pseudonym))
        if known is not None:
            return known
        key = await self._vault.open(tx, tenant, _name(pseudonym), Sealed.from_bytes(bytes(row["wrapped"])))
        opened = Subject(pseudonym, bytes(key))
        self._opened[tenant, pseudonym] = opened
        while len(self._opened) > MAX_CACHED_SUBJECTS:
            self._opened.popitem(last=False)
        return opened


def _name(pseudonym: str) -> str:
    return f"subject {pseudonym}"


def _bound(log: str, seq: int) -> bytes:
    return f"{log}\0{seq}".encode()
