"""Adds to the log of a tenant: one place, one order, whoever writes."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from victor_server.audit.encoding import canonical
from victor_server.audit.leaf import FIRST_CHAIN, SALT_BYTES, Leaf, commitment, inner_commitment, next_chain
from victor_server.audit.merkle import Frontier, frontier_from_bytes, leaf_hash
from victor_server.errors import AuditFailed, StoreFailed
from victor_server.team.audit.clock import now_us
from victor_server.team.audit.event import AuditEvent
from victor_server.team.audit.subjects import Subject, Subjects
from victor_server.team.store.database import Transaction, Value


@dataclass(frozen=True, slots=True)
class State:
    """Where a log ends."""

    log: str
    chain: bytes
    frontier: Frontier
    at_us: int


_STATE = (
    "select s.size, s.chain, s.frontier, s.at_us, t.log from audit_state s join tenants t on t.name = s.tenant"
    " where s.tenant = $1"
)
_LOCKED = f"{_STATE} for update of s"

MAX_PERSONAL_BYTES = 1_200_000
"""More than an edge's event may have."""

MAX_DEPTH = 32


async def read_state(tx: Transaction, tenant: str, *, to_append: bool = False) -> State:
    """Where the log of a tenant ends; `to_append`: nobody else may add to it until this transaction has ended."""
    row = await tx.row(_LOCKED if to_append and tx.dialect == "postgresql" else _STATE, tenant)
    if row is not None:
        frontier = frontier_from_bytes(row["size"], bytes(row["frontier"]))
        return State(row["log"], bytes(row["chain"]), frontier, row["at_us"])
    log = await tx.row("select log from tenants where name = $1", tenant)
    if log is None:
        raise StoreFailed(f"There is no tenant {tenant!r}.", "See `victor team tenants list`.")
    if not to_append:
        return State(log["log"], FIRST_CHAIN, Frontier(), 0)
    await tx.execute(
        "insert into audit_state (tenant, size, chain, frontier, at_us) values ($1, 0, $2, $3, $4)"
        " on conflict (tenant) do nothing",
        tenant,
        FIRST_CHAIN,
        b"",
        now_us(),
    )
    return await read_state(tx, tenant, to_append=True)


async def append(
    tx: Transaction, tenant: str, events: Sequence[AuditEvent], subjects: Subjects
) -> Sequence[int]:
    """Add events to the log of a tenant: their numbers. The last step of a transaction. Raises `AuditFailed`."""
    # The state is locked first: whoever is new to the log is made known by one transaction at a time.
    state = await read_state(tx, tenant, to_append=True)
    named = dict.fromkeys(name for event in events for name in (event.subject, *event.names))
    people = {name: await subjects.of(tx, tenant, name) for name in named}
    frontier, chain, added_us = state.frontier, state.chain, max(now_us(), state.at_us)
    leaves: list[Sequence[Value]] = []
    payloads: list[Sequence[Value]] = []
    for event in events:
        seq = frontier.size + 1
        entry, payload = _entry(state.log, seq, event, people, added_us)
        data = entry.to_bytes()
        hashed = leaf_hash(data)
        frontier, chain = frontier.add(hashed), next_chain(chain, hashed)
        leaves.append((tenant, seq, data.decode("ascii"), hashed, chain, added_us))
        payloads.append((tenant, seq, entry.pseudonym, payload))
    await tx.many(
        "insert into audit_leaves (tenant, seq, leaf, leaf_hash, chain, at_us) values ($1, $2, $3, $4, $5, $6)",
        leaves,
    )
    await tx.many(
        "insert into audit_payloads (tenant, seq, pseudonym, sealed) values ($1, $2, $3, $4)", payloads
    )
    await tx.execute(
        "update audit_state set size = $2, chain = $3, frontier = $4, at_us = $5 where tenant = $1",
        tenant,
        frontier.size,
        chain,
        frontier.to_bytes(),
        added_us,
    )
    return range(state.frontier.size + 1, frontier.size + 1)


def _entry(
    log: str, seq: int, event: AuditEvent, people: Mapping[str, Subject], added_us: int
) -> tuple[Leaf, bytes]:
    """The entry, and its personal part as it is stored: the inner commitment, then the ciphertext."""
    subject = people[event.subject]
    at_us = added_us if event.at_us is None else min(max(event.at_us, 0), added_us)
    salt, personal = secrets.token_bytes(SALT_BYTES), _personal(_record(event, at_us, people))
    inner = inner_commitment(salt, personal)
    sealed = subject.seal(log, seq, salt + personal)
    leaf = Leaf(
        log=log,
        seq=seq,
        time=at_us,
        pseudonym=subject.pseudonym,
        action=event.action,
        provider=event.provider,
        model=event.model,
        success=event.success,
        source=event.source,
        commitment=commitment(inner, sealed),
    )
    return leaf, inner + sealed


def _record(event: AuditEvent, at_us: int, people: Mapping[str, Subject]) -> dict[str, Any]:
    """The audit record as people and programs read it."""
    return {
        "user": event.subject,
        "tool_calls": [],
        "files_accessed": [],
        "session_id": "",
        **_pseudonymous(event, people),
        "timestamp": datetime.fromtimestamp(at_us / 1_000_000, UTC).isoformat(timespec="milliseconds"),
        "action": event.action,
        "provider": event.provider or None,
        "model": event.model or None,
        "success": event.success,
        "source": event.source,
    }


def _pseudonymous(event: AuditEvent, people: Mapping[str, Subject]) -> Mapping[str, Any]:
    """What is sealed with one person's key outlives the key of another: it must not name them."""
    details = event.personal.get("details")
    name = details.get("subject") if isinstance(details, Mapping) else None
    if not isinstance(details, Mapping) or name not in event.names or name == event.subject:
        return event.personal
    return {**event.personal, "details": {**details, "subject": {"pseudonym": people[name].pseudonym}}}


def _personal(record: dict[str, Any]) -> bytes:
    """What is sealed of a record. Raises `AuditFailed` for what could not be read back as it was written."""
    try:
        data = canonical(_plain(record, MAX_DEPTH))
    except (TypeError, ValueError):
        data = b""
    if not 0 < len(data) <= MAX_PERSONAL_BYTES:
        raise AuditFailed("An event for the audit log is too large, or is not JSON.", "Make it smaller.")
    return data


def _plain(value: Any, depth: int) -> Any:
    """The value as every reader of JSON takes it: half characters and what is nested too deeply are replaced."""
    if not depth:
        return "(nested too deeply)"
    match value:
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case Mapping():
            return {_plain(str(name), 2): _plain(each, depth - 1) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each, depth - 1) for each in value]
    return value
