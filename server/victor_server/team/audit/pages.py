"""Records of a stored log as they are exported, page by page."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from victor_server.audit.encoding import to_base64
from victor_server.audit.export import RecordLine, to_line
from victor_server.audit.leaf import SALT_BYTES
from victor_server.audit.merkle import HASH_BYTES
from victor_server.protocol import AuditAsked, AuditPage
from victor_server.team.audit.chain import read_state
from victor_server.team.audit.subjects import Subjects
from victor_server.team.store.database import Database, Row, Transaction

READ_AT_ONCE = 1_000
MAX_PAGE_BYTES = 2_000_000
"""A page ends after the record that passes this: it must fit into a frame."""


async def read_page(database: Database, subjects: Subjects, tenant: str, asked: AuditAsked) -> AuditPage:
    """The records after a number that fit, and where the next page begins, None at the end of the log; without its head.

    Those of somebody who was erased stay ciphertext, whatever is asked. A page may be empty and not be the last.
    """
    async with database.reading(tenant) as tx:
        state = await read_state(tx, tenant)
        pseudonym = await subjects.pseudonym(tx, tenant, asked.subject) if asked.subject else None
        if asked.subject and pseudonym is None:
            return AuditPage(records=(), next=None)
        rows = await tx.rows(_PAGE, tenant, asked.after, state.frontier.size, READ_AT_ONCE)
        records, names, n_bytes, last = list[dict[str, Any]](), dict[str, str](), 0, asked.after
        for row in rows:
            if len(records) >= asked.limit or n_bytes > MAX_PAGE_BYTES:
                break
            last = row["seq"]
            if _is_wanted(row, asked, pseudonym):
                line = await _line(tx, subjects, tenant, state.log, row, decrypt=asked.decrypt)
                n_bytes += len(to_line(line))
                names |= await _named(tx, subjects, tenant, line)
                records.append(line.model_dump(mode="json", exclude_none=True))
    following = last if rows and last < state.frontier.size else None
    return AuditPage(records=tuple(records), next=following, names=names)


_PAGE = (
    "select l.seq, l.leaf, l.leaf_hash, l.chain, l.at_us, p.pseudonym, p.sealed from audit_leaves l"
    " left join audit_payloads p on p.tenant = l.tenant and p.seq = l.seq"
    " where l.tenant = $1 and l.seq > $2 and l.seq <= $3 order by l.seq limit $4"
)


def _is_wanted(row: Row, asked: AuditAsked, pseudonym: str | None) -> bool:
    asks = (asked.action, asked.subject, asked.since_us, asked.until_us)
    if row["leaf"] is None or asks == (None,) * len(asks):
        return asks == (None,) * len(asks)
    leaf = json.loads(row["leaf"])
    return (
        (asked.action is None or leaf["action"] == asked.action)
        and (pseudonym is None or leaf["pseudonym"] == pseudonym)
        and (asked.since_us is None or leaf["time"] >= asked.since_us)
        and (asked.until_us is None or leaf["time"] < asked.until_us)
    )


async def _line(
    tx: Transaction, subjects: Subjects, tenant: str, log: str, row: Row, *, decrypt: bool
) -> RecordLine:
    told: dict[str, Any] = {
        "seq": row["seq"],
        "leaf_hash": to_base64(bytes(row["leaf_hash"])),
        "chain": to_base64(bytes(row["chain"])),
    }
    if row["leaf"] is not None and row["sealed"] is not None:
        told["leaf"] = json.loads(row["leaf"])
        told |= await _personal(tx, subjects, tenant, log, row, decrypt=decrypt)
    return RecordLine.model_validate(told)


async def _named(tx: Transaction, subjects: Subjects, tenant: str, line: RecordLine) -> Mapping[str, str]:
    """To whom it was done, where the details say so by a pseudonym."""
    details = (line.record or {}).get("details")
    whom = details.get("subject") if isinstance(details, dict) else None
    pseudonym = whom.get("pseudonym") if isinstance(whom, dict) else None
    known = await subjects.behind(tx, tenant, pseudonym) if isinstance(pseudonym, str) else None
    return {} if known is None else {str(pseudonym): known[1]}


async def _personal(
    tx: Transaction, subjects: Subjects, tenant: str, log: str, row: Row, *, decrypt: bool
) -> dict[str, Any]:
    stored = bytes(row["sealed"])
    inner, sealed = stored[:HASH_BYTES], stored[HASH_BYTES:]
    known = await subjects.behind(tx, tenant, row["pseudonym"]) if decrypt else None
    if known is None:
        return {"inner": to_base64(inner), "sealed": to_base64(sealed)}
    opened = bytes(known[0].open(log, row["seq"], sealed))
    return {
        "salt": to_base64(opened[:SALT_BYTES]),
        "record": json.loads(opened[SALT_BYTES:]),
        "sealed_hash": to_base64(sha256(sealed).digest()),
    }
