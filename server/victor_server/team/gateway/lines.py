"""The rows of `calls`: one for each call of a model, from before it is sent until long after it has ended."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from victor_server.ledger.model import Spent
from victor_server.protocol import CallState, CallStatus
from victor_server.team.gateway.budgets import Amount, Holder, settle
from victor_server.team.store.database import Row, Transaction


@dataclass(frozen=True, slots=True)
class Opening:
    """A call that is about to begin."""

    tenant: str
    subject: str
    call_id: str
    request_hash: bytes
    replica: str
    lease_us: int
    now_us: int
    day: str
    task: str
    session_id: str
    model: str
    provider: str
    upstream: str
    region: str
    price: str | None
    reserved: Amount
    teams: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def holder(self) -> Holder:
        """Whose budgets hold for it."""
        return Holder(self.tenant, self.subject, self.teams, self.day)


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of an attempt. `nano` None: nobody knows what it cost."""

    state: CallState
    spent: Spent
    nano: int | None
    n_events: int
    has_said: bool
    now_us: int
    error: str = ""
    message: str = ""
    cached: bool = False


async def find(tx: Transaction, tenant: str, subject: str, call_id: str) -> Row | None:
    """The row of a call; locked until the transaction ends where that is possible."""
    lock = " for update" if tx.dialect == "postgresql" else ""
    sql = f"select * from calls where tenant = $1 and subject = $2 and call_id = $3{lock}"  # noqa: S608 - no value in it
    return await tx.row(sql, tenant, subject, call_id)


async def insert(tx: Transaction, opening: Opening) -> int | None:
    """Begin the call, as its first attempt; None where the id is taken."""
    row = await tx.row(_INSERT, *_values(opening))
    return None if row is None else 1


async def again(tx: Transaction, opening: Opening) -> int | None:
    """Begin another attempt of a call that ended without a word; None where that is not so any more."""
    row = await tx.row(
        "update calls set state = 'open', replica = $4, lease_us = $5, has_said = true, n_attempts = n_attempts + 1,"
        " model = $6, provider = $7, upstream = $8, region = $9, price = $10, day = $11, ended_us = null,"
        " reserved_tokens = $12, reserved_nano = $13, details = $14, error = '', message = '', n_events = 0"
        " where tenant = $1 and subject = $2 and call_id = $3 and state = 'failed' and not has_said"
        " returning n_attempts",
        opening.tenant,
        opening.subject,
        opening.call_id,
        opening.replica,
        opening.lease_us,
        opening.model,
        opening.provider,
        opening.upstream,
        opening.region,
        opening.price,
        opening.day,
        opening.reserved.tokens,
        opening.reserved.nano,
        _details(opening),
    )
    return None if row is None else int(row["n_attempts"])


async def reserve_again(tx: Transaction, opening: Opening, attempt: int, more: Amount) -> bool:
    """Another server is asked: set as much aside once more, so that whoever closes the call charges both. False where
    somebody has closed it.
    """
    row = await tx.row(
        "update calls set reserved_tokens = reserved_tokens + $5, reserved_nano = reserved_nano + $6"
        " where tenant = $1 and subject = $2 and call_id = $3 and n_attempts = $4 and state = 'open' returning 1 as found",
        opening.tenant,
        opening.subject,
        opening.call_id,
        attempt,
        more.tokens,
        more.nano,
    )
    return row is not None


async def renew(
    tx: Transaction, opening: Opening, attempt: int, lease_us: int, *, has_said: bool, n_events: int
) -> str | None:
    """The call runs still; None where somebody has closed it, "cancelled" where somebody wants it to end."""
    row = await tx.row(
        "update calls set lease_us = $5, has_said = $6, n_events = $7 where tenant = $1 and subject = $2"
        " and call_id = $3 and n_attempts = $4 and state = 'open' returning error",
        opening.tenant,
        opening.subject,
        opening.call_id,
        attempt,
        lease_us,
        has_said,
        n_events,
    )
    return None if row is None else str(row["error"])


async def close(tx: Transaction, row: Row, ending: Ending) -> Row | None:
    """Settle an attempt: its row, its budgets, the usage. None, and nothing was done, if somebody closed it before.

    `row` needs tenant, subject, call_id and n_attempts. What attempts before this one have used stays counted.
    """
    spent = ending.spent
    closed = await tx.row(
        _CLOSE,
        row["tenant"],
        row["subject"],
        row["call_id"],
        row["n_attempts"],
        ending.state,
        ending.now_us,
        spent.input_tokens,
        spent.output_tokens,
        spent.cache_read_tokens,
        spent.cache_write_tokens,
        spent.counted,
        ending.nano,
        ending.n_events,
        ending.has_said,
        ending.error,
        ending.message,
        ending.cached,
    )
    if closed is None:
        return None
    details = json.loads(closed["details"])
    holder = Holder(closed["tenant"], closed["subject"], tuple(details.get("teams", ())), closed["day"])
    reserved = Amount(closed["reserved_tokens"], closed["reserved_nano"])
    used = Amount(spent.input_tokens + spent.output_tokens, ending.nano or 0)
    if reserved != Amount(0, 0) or used != Amount(0, 0):
        await settle(tx, holder, reserved, used)
    await _use(tx, closed, ending)
    return closed


async def _use(tx: Transaction, row: Row, ending: Ending) -> None:
    spent = ending.spent
    is_first = row["n_attempts"] == 1
    await tx.execute(
        "insert into usage (tenant, day, subject, team, source, provider, model, calls, unpriced_calls,"
        " input_tokens, output_tokens, nano) values ($1, $2, $3, $4, 'gateway', $5, $6, $7, $8, $9, $10, $11)"
        " on conflict (tenant, day, subject, team, source, provider, model) do update set"
        " calls = usage.calls + excluded.calls, unpriced_calls = usage.unpriced_calls + excluded.unpriced_calls,"
        " input_tokens = usage.input_tokens + excluded.input_tokens,"
        " output_tokens = usage.output_tokens + excluded.output_tokens, nano = usage.nano + excluded.nano",
        row["tenant"],
        row["day"],
        row["subject"],
        row["team"],
        row["provider"],
        row["model"],
        int(is_first),
        int(is_first and ending.nano is None),
        spent.input_tokens,
        spent.output_tokens,
        ending.nano or 0,
    )


async def open_calls(tx: Transaction, tenant: str, subject: str, now_us: int) -> tuple[int, int]:
    """How many calls of somebody, and of the tenant, run now."""
    row = await tx.row(
        "select count(*) as of_tenant, coalesce(sum(case when subject = $2 then 1 else 0 end), 0) as of_user"
        " from calls where tenant = $1 and state = 'open' and lease_us > $3",
        tenant,
        subject,
        now_us,
    )
    return (0, 0) if row is None else (int(row["of_user"]), int(row["of_tenant"]))


async def lost(tx: Transaction, tenant: str, now_us: int) -> Row | None:
    """The call that has gone longest without its replica's renewing its lease, of those that have run out."""
    lock = " for update skip locked" if tx.dialect == "postgresql" else ""
    sql = (
        "select * from calls where tenant = $1 and state = 'open' and lease_us <= $2"  # noqa: S608 - no value in it
        f" order by lease_us limit 1{lock}"
    )
    return await tx.row(sql, tenant, now_us)


async def lost_of(tx: Transaction, opening: Opening) -> Row | None:
    """The call of that id, if it was lost before this one; locked."""
    row = await find(tx, opening.tenant, opening.subject, opening.call_id)
    return row if row is not None and row["state"] == "open" and row["lease_us"] <= opening.now_us else None


def to_status(row: Row) -> CallStatus:
    """What is known of a call."""
    details = json.loads(row["details"])
    return CallStatus(
        call_id=row["call_id"],
        state=row["state"],
        model=row["model"],
        provider=row["provider"],
        region=row["region"],
        input_tokens=row["input_tokens"],
        output_tokens=row["output_tokens"],
        cost_nano=row["nano"],
        n_events=row["n_events"],
        cached=bool(row["cached"]),
        redacted=details.get("redacted", {}),
        stripped_tools=tuple(details.get("stripped_tools", ())),
        error=row["error"],
        message=row["message"],
    )


def _details(opening: Opening) -> str:
    return json.dumps({**opening.details, "teams": opening.teams})


def _values(opening: Opening) -> tuple[Any, ...]:
    return (
        opening.tenant,
        opening.subject,
        opening.call_id,
        opening.request_hash,
        opening.replica,
        opening.lease_us,
        opening.task,
        opening.teams[0] if opening.teams else "",
        opening.session_id,
        opening.model,
        opening.provider,
        opening.upstream,
        opening.region,
        opening.price,
        opening.day,
        opening.now_us,
        opening.reserved.tokens,
        opening.reserved.nano,
        _details(opening),
    )


_INSERT = (
    "insert into calls (tenant, subject, call_id, request_hash, state, replica, lease_us, has_said, n_attempts, task,"
    " team, session_id, model, provider, upstream, region, price, day, begun_us, reserved_tokens, reserved_nano, details)"
    " values ($1, $2, $3, $4, 'open', $5, $6, true, 1, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)"
    " on conflict (tenant, subject, call_id) do nothing returning n_attempts"
)

_CLOSE = (
    "update calls set state = $5, ended_us = $6, input_tokens = input_tokens + $7, output_tokens = output_tokens + $8,"
    " cache_read_tokens = cache_read_tokens + $9, cache_write_tokens = cache_write_tokens + $10, counted = counted and $11,"
    " nano = case when n_attempts = 1 then cast($12 as bigint) else nano + cast($12 as bigint) end, n_events = $13,"
    " has_said = $14, error = $15, message = $16, cached = $17"
    " where tenant = $1 and subject = $2 and call_id = $3 and n_attempts = $4 and state = 'open' returning *"
)
