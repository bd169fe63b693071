"""The audit log of every tenant: what is done with it, under one roof."""

import asyncio
import logging
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from victor_server.audit.encoding import canonical, to_base64
from victor_server.audit.export import RecordLine, header_line
from victor_server.audit.head import sign_head
from victor_server.audit.leaf import SALT_BYTES
from victor_server.audit.merkle import HASH_BYTES, Frontier, consistency_proof, inclusion_proof
from victor_server.errors import NotFound, UsageError
from victor_server.protocol import AuditAsked, AuditPage, SignedHead, Verdict
from victor_server.team.audit import chain
from victor_server.team.audit.clock import now_us
from victor_server.team.audit.event import AuditEvent
from victor_server.team.audit.outside import Outside
from victor_server.team.audit.stored import verify_stored
from victor_server.team.audit.subjects import Subjects
from victor_server.team.sealing.vault import Vault
from victor_server.team.store.database import Database, Row, Transaction

_log = logging.getLogger(__name__)

MOST_AT_ONCE = 1_000


class AuditLog:
    """Appends in the caller's transaction; everything else in transactions of its own.

    `outside`: the folder beyond the database to which heads and erasures are written, None for nowhere.
    """

    def __init__(self, database: Database, vault: Vault, outside: Path | None) -> None:
        self._database = database
        self._vault = vault
        self._subjects = Subjects(vault)
        self._outside = Outside(outside) if outside else None
        self._heads: dict[str, SignedHead] = {}

    async def append(self, tx: Transaction, tenant: str, events: Sequence[AuditEvent]) -> Sequence[int]:
        """Add events as the last step of a transaction; returns their numbers. What is rolled back was never added."""
        numbers, _ = await chain.append(tx, tenant, events, self._subjects)
        return numbers

    async def record(self, tenant: str, *events: AuditEvent) -> None:
        """Add events; durable when this returns. Raises `StoreFailed`."""
        async with self._database.transaction(tenant) as tx:
            await self.append(tx, tenant, events)

    async def head(self, tenant: str) -> SignedHead:
        """The newest head, signed; the same object as long as nothing was added."""
        async with self._database.reading(tenant) as tx:
            state = await chain.read_state(tx, tenant)
        known = self._heads.get(tenant)
        if known is not None and known.size == state.frontier.size and known.chain == to_base64(state.chain):
            return known
        signer = await self._vault.signer("audit")
        head = sign_head(
            state.log,
            state.frontier.size,
            state.frontier.root,
            state.chain,
            now_us(),
            key_id=signer.key_id,
            sign=signer.sign,
        )
        self._heads[tenant] = head
        return head

    async def publish_head(self, tenant: str) -> SignedHead:
        """Keep the newest head in the database and outside of it. Raises `StoreFailed`."""
        head = await self.head(tenant)
        async with self._database.transaction(tenant) as tx:
            await tx.execute(
                "insert into audit_heads (tenant, size, document) values ($1, $2, $3) on conflict do nothing",
                tenant,
                head.size,
                head.model_dump_json(),
            )
        if self._outside is not None:
            await asyncio.to_thread(self._outside.keep_head, head)
        return head

    async def consistency(self, tenant: str, first: int, second: int) -> list[bytes]:
        """The proof that the log's first `first` entries are the beginning of its first `second`."""
        leaves = await self._leaf_hashes(tenant, second)
        if not 0 <= first <= second:
            raise UsageError("The first size is larger than the second.", "Give the older head first.")
        return await asyncio.to_thread(consistency_proof, leaves, first)

    async def inclusion(self, tenant: str, seq: int, size: int) -> list[bytes]:
        """The proof that entry `seq` is in the tree of the first `size` entries."""
        leaves = await self._leaf_hashes(tenant, size)
        if not 1 <= seq <= size:
            raise UsageError(
                "There is no such entry in a tree of that size.", "Ask for one from 1 to its size."
            )
        return await asyncio.to_thread(inclusion_proof, leaves, seq - 1)

    async def page(self, tenant: str, asked: AuditAsked) -> AuditPage:
        """Records after a number, as they are exported. Those of an erased subject stay ciphertext whatever is asked."""
        limit = min(asked.limit, MOST_AT_ONCE)
        async with self._database.reading(tenant) as tx:
            state = await chain.read_state(tx, tenant)
            pseudonym = await self._pseudonym(tx, tenant, asked.subject)
            if asked.subject and pseudonym is None:
                return AuditPage(records=(), next=None, head=None)
            rows = await tx.rows(_PAGE, tenant, asked.after, MOST_AT_ONCE)
            wanted = [row for row in rows if _is_wanted(row, asked, pseudonym)][:limit]
            records = [await self._line(tx, tenant, state.log, row, decrypt=asked.decrypt) for row in wanted]
        last = wanted[-1]["seq"] if len(wanted) == limit else rows[-1]["seq"] if rows else state.frontier.size
        has_more = last < state.frontier.size and bool(rows)
        return AuditPage(
            records=tuple(record.model_dump(mode="json", exclude_none=True) for record in records),
            next=last if has_more else None,
            head=None if has_more else await self.head(tenant),
        )

    async def header(self, tenant: str) -> bytes:
        """The line that an export of the whole log begins with."""
        async with self._database.reading(tenant) as tx:
            state = await chain.read_state(tx, tenant)
        return header_line(state.log, bytes(HASH_BYTES), Frontier())

    async def verify(self, tenant: str) -> Verdict:
        """Recompute the stored log from its first entry."""
        return await verify_stored(self._database, tenant)

    async def erase(self, tenant: str, subject: str, by: str) -> int:
        """Make all that is personal of a subject unreadable, for good; returns how many entries that is.

        Raises `NotFound`. The erasure is written outside of the database first: a restore of a backup repeats it.
        """
        async with self._database.reading(tenant) as tx:
            state = await chain.read_state(tx, tenant)
            pseudonym = await self._pseudonym(tx, tenant, subject)
        if pseudonym is None:
            raise NotFound("The log knows nobody of that name.", "See `victor team users list`.")
        if self._outside is not None:
            await asyncio.to_thread(self._outside.keep_erasure, state.log, pseudonym)
        return await self._erase(tenant, pseudonym, by)

    async def replay_erasures(self, tenant: str) -> int:
        """Erase again whom the database, restored from a backup, still knows; returns how many people that were."""
        if self._outside is None:
            return 0
        async with self._database.reading(tenant) as tx:
            state = await chain.read_state(tx, tenant)
        erased = await asyncio.to_thread(self._outside.erasures, state.log)
        n_again = 0
        for pseudonym in erased:
            async with self._database.reading(tenant) as tx:
                is_back = await self._subjects.behind(tx, tenant, pseudonym) is not None
            if is_back:
                await self._erase(tenant, pseudonym, "restore")
                n_again += 1
        return n_again

    async def check_outside(self, tenant: str) -> None:
        """Raise `AuditFailed` if the stored log is not what the newest head outside says that it was."""
        if self._outside is None:
            return
        async with self._database.reading(tenant) as tx:
            state = await chain.read_state(tx, tenant)
        head = await asyncio.to_thread(self._outside.newest_head, state.log)
        if head is None:
            return
        leaves = await self._leaf_hashes(tenant, min(head.size, state.frontier.size))
        await asyncio.to_thread(self._outside.compare, head, state, leaves)

    async def retain(self, tenant: str, days: int) -> int:
        """Drop the contents of entries that were added more than `days` days ago; returns how many. Hashes stay."""
        before_us = now_us() - days * 86_400_000_000
        async with self._database.transaction(tenant) as tx:
            if tx.dialect == "postgresql":
                row = await tx.row("select victor_retain($1) as dropped", before_us)
                return int(row["dropped"]) if row else 0
            n_dropped = await tx.execute(
                "update audit_leaves set leaf = null where tenant = $1 and at_us < $2 and leaf is not null",
                tenant,
                before_us,
            )
            await tx.execute(
                "delete from audit_payloads where tenant = $1 and seq in"
                " (select seq from audit_leaves where tenant = $1 and leaf is null)",
                tenant,
            )
            return n_dropped

    async def _erase(self, tenant: str, pseudonym: str, by: str) -> int:
        async with self._database.transaction(tenant) as tx:
            counted = await tx.row(
                "select count(*) as n from audit_payloads where tenant = $1 and pseudonym = $2",
                tenant,
                pseudonym,
            )
            await self._subjects.erase(tx, tenant, pseudonym)
            told = AuditEvent("audit.erased", by, personal={"erased": pseudonym})
            await self.append(tx, tenant, [told])
        return int(counted["n"]) if counted else 0

    async def _pseudonym(self, tx: Transaction, tenant: str, subject: str | None) -> str | None:
        if subject is None:
            return None
        row = await tx.row(
            "select pseudonym from audit_subjects where tenant = $1 and subject = $2", tenant, subject
        )
        return None if row is None else str(row["pseudonym"])

    async def _leaf_hashes(self, tenant: str, size: int) -> list[bytes]:
        async with self._database.reading(tenant) as tx:
            rows = await tx.rows(
                "select leaf_hash from audit_leaves where tenant = $1 and seq <= $2 order by seq",
                tenant,
                size,
            )
        if len(rows) < size:
            raise UsageError(
                f"The log has {len(rows)} entries, not {size}.", "Ask for a head that there was."
            )
        return [bytes(row["leaf_hash"]) for row in rows]

    async def _line(self, tx: Transaction, tenant: str, log: str, row: Row, *, decrypt: bool) -> RecordLine:
        told: dict[str, Any] = {
            "seq": row["seq"],
            "leaf_hash": to_base64(bytes(row["leaf_hash"])),
            "chain": to_base64(bytes(row["chain"])),
        }
        if row["leaf"] is not None and row["sealed"] is not None:
            told["leaf"] = _leaf(row["leaf"])
            stored = bytes(row["sealed"])
            told |= await self._personal(tx, tenant, log, row, stored, decrypt=decrypt)
        return RecordLine.model_validate(told)

    async def _personal(
        self, tx: Transaction, tenant: str, log: str, row: Row, stored: bytes, *, decrypt: bool
    ) -> dict[str, Any]:
        inner, sealed = stored[:HASH_BYTES], stored[HASH_BYTES:]
        known = await self._subjects.behind(tx, tenant, row["pseudonym"]) if decrypt else None
        if known is None:
            return {"inner": to_base64(inner), "sealed": to_base64(sealed)}
        opened = known[0].open(log, row["seq"], sealed)
        return {
            "salt": to_base64(opened[:SALT_BYTES]),
            "record": _record(opened[SALT_BYTES:]),
            "sealed_hash": to_base64(sha256(sealed).digest()),
        }


_PAGE = (
    "select l.seq, l.leaf, l.leaf_hash, l.chain, l.at_us, p.pseudonym, p.sealed from audit_leaves l"
    " left join audit_payloads p on p.tenant = l.tenant and p.seq = l.seq"
    " where l.tenant = $1 and l.seq > $2 order by l.seq limit $3"
)


def _is_wanted(row: Row, asked: AuditAsked, pseudonym: str | None) -> bool:
    leaf = _leaf(row["leaf"]) if row["leaf"] is not None else None
    if leaf is None:
        return not (asked.action or pseudonym or asked.since_us or asked.until_us)
    return (
        (asked.action is None or leaf["action"] == asked.action)
        and (pseudonym is None or leaf["pseudonym"] == pseudonym)
        and (asked.since_us is None or leaf["time"] >= asked.since_us)
        and (asked.until_us is None or leaf["time"] < asked.until_us)
    )


def _leaf(text: str) -> dict[str, Any]:
    leaf: dict[str, Any] = _json(text)
    return leaf


def _record(data: bytes) -> dict[str, Any]:
    return _json(data)


def _json(text: str | bytes) -> dict[str, Any]:
    import json

    told: dict[str, Any] = json.loads(text)
    return told
