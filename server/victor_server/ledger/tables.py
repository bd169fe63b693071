"""The ledger's tables: a row for each call, and sums of what calls were charged."""

import json
import sqlite3
from typing import Literal

from victor_server.ledger.cost import Bound, cost, tiers_of
from victor_server.ledger.model import Ask, Price, PriceTier, Spent
from victor_server.ledger.periods import PERIODS, key_of
from victor_server.settings.database import Format

State = Literal["open", "lost", "settled"]
"""`open` while a reservation holds, `lost` once it was let go, `settled` when it is known what the call has used."""

# Tokens of an open call are those known so far. Costs (`nano`) are in billionths of a US dollar.
FORMAT = Format(
    name="The ledger",
    application_id=0x56494C47,
    version=1,
    schema="""
create table calls (call_id text primary key, at real not null, day text not null, session text not null,
    workspace text not null, task text not null, profile text not null, provider text not null, model text not null,
    price text, reserved_tokens integer not null, reserved_nano integer,
    state text not null, lease_until real not null, outcome text not null,
    input_tokens integer not null, output_tokens integer not null, cache_read_tokens integer not null,
    cache_write_tokens integer not null, counted integer not null, nano integer) without rowid;
create index calls_by_day on calls (day);
create index open_calls on calls (lease_until) where state = 'open';
create table used (period text not null, key text not null, tokens integer not null, nano integer not null,
    primary key (period, key)) without rowid;
""",
)


def insert_call(
    db: sqlite3.Connection, ask: Ask, bound: Bound, *, at: float, day: str, lease_until: float
) -> None:
    """Set `bound` aside for a call. Until more is known, its input counts as sent and nothing as answered."""
    who = (ask.session_id, ask.workspace, ask.task, ask.profile, ask.provider, ask.model)
    reserved = (_price_to_text(ask.price), bound.tokens, bound.nano)
    so_far = ("open", lease_until, "", bound.input_tokens, 0, 0, 0, False, None)
    values = (ask.call_id, at, day, *map(_storable, who), *reserved, *so_far)
    db.execute(f"insert into calls values ({', '.join('?' * len(values))})", values)  # noqa: S608 -- question marks only


def state_of(db: sqlite3.Connection, call_id: str) -> State | None:
    """How a call stands, None if it is not known."""
    row: tuple[State] | None = db.execute("select state from calls where call_id = ?", (call_id,)).fetchone()
    return row and row[0]


def let_go_of_expired(db: sqlite3.Connection, now: float) -> None:
    """Charge calls whose lease is over, because their process died or sleeps, with what is known of them."""
    expired = db.execute(
        "select call_id, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens from calls"
        " indexed by open_calls where state = 'open' and lease_until <= ?",
        (now,),
    ).fetchall()
    for call_id, n_input, n_output, n_read, n_write in expired:
        close_call(db, call_id, "lost", Spent("failed", n_input, n_output, n_read, n_write, counted=False))


def extend_call(db: sqlite3.Connection, call_id: str, so_far: Spent | None, lease_until: float) -> None:
    """Give an open or lost call a new lease (a lost one is open again), and note what it has used until now."""
    _charge(db, call_id, sign=-1)
    db.execute(
        "update calls set state = 'open', lease_until = ?, outcome = '', nano = null where call_id = ?",
        (lease_until, call_id),
    )
    if so_far is not None:
        _write_spent(db, call_id, so_far)


def close_call(
    db: sqlite3.Connection, call_id: str, state: Literal["lost", "settled"], spent: Spent
) -> int | None:
    """Charge a call with `spent`, and take back what it was charged as a lost one; returns the cost, None if unknown."""
    _charge(db, call_id, sign=-1)
    (text,) = db.execute("select price from calls where call_id = ?", (call_id,)).fetchone()
    nano = None if text is None else cost(_price_from_text(text), spent)
    outcome = "lost" if state == "lost" else spent.outcome
    db.execute(
        "update calls set state = ?, outcome = ?, nano = ? where call_id = ?", (state, outcome, nano, call_id)
    )
    _write_spent(db, call_id, spent)
    _charge(db, call_id, sign=1)
    return nano


def forget_before(db: sqlite3.Connection, day: str) -> None:
    """Forget calls that were reserved before `day` and have ended, and the sums that nobody asks for any more."""
    if not db.execute("delete from calls where day < ? and state != 'open'", (day,)).rowcount:
        return
    db.execute("delete from used where period = 'day' and key < ?", (day,))
    db.execute("delete from used where period = 'month' and key < ?", (day[:7],))
    db.execute("delete from used where period = 'session' and key not in (select session from calls)")


def cost_of(db: sqlite3.Connection, call_id: str) -> int | None:
    """What a call was charged, None while it is open or if nobody knows its price."""
    (nano,) = db.execute("select nano from calls where call_id = ?", (call_id,)).fetchone()
    return None if nano is None else int(nano)


def _write_spent(db: sqlite3.Connection, call_id: str, spent: Spent) -> None:
    db.execute(
        "update calls set input_tokens = ?, output_tokens = ?, cache_read_tokens = ?, cache_write_tokens = ?,"
        " counted = ? where call_id = ?",
        (
            spent.input_tokens,
            spent.output_tokens,
            spent.cache_read_tokens,
            spent.cache_write_tokens,
            spent.counted,
            call_id,
        ),
    )


def _charge(db: sqlite3.Connection, call_id: str, *, sign: int) -> None:
    """Add what a closed call was charged to the sums of its periods, or take it away again; an open one has no charge."""
    row = db.execute(
        "select day, session, input_tokens + output_tokens, ifnull(nano, 0) from calls"
        " where call_id = ? and state != 'open'",
        (call_id,),
    ).fetchone()
    if row is None:
        return
    day, session, tokens, nano = row
    sums = [(period, key_of(period, day, session), sign * tokens, sign * nano) for period in PERIODS]
    db.executemany(
        "insert into used values (?, ?, ?, ?) on conflict do update"
        " set tokens = tokens + excluded.tokens, nano = nano + excluded.nano",
        [row for row in sums if row[1]],
    )


def _storable(text: str) -> str:
    """The text without the half characters that a folder's name may hold, and UTF-8 cannot."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _price_to_text(price: Price | None) -> str | None:
    if price is None:
        return None
    rates = [
        (tier.above_tokens, tier.input_usd, tier.output_usd, tier.cache_read_usd, tier.cache_write_usd)
        for tier in tiers_of(price)
    ]
    return json.dumps(rates)


def _price_from_text(text: str) -> Price:
    base, *further = (PriceTier(*tier) for tier in json.loads(text))
    return Price(
        base.input_usd, base.output_usd, base.cache_read_usd, base.cache_write_usd, tiers=tuple(further)
    )
