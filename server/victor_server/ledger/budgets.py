"""Whether budgets hold what a call may use, and what a person is told if they do not."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from victor_server.errors import BudgetExceeded
from victor_server.ledger.cost import Bound, to_nano, to_usd
from victor_server.ledger.model import Ask, BudgetState, Period, Unit
from victor_server.ledger.periods import PERIODS, key_of, renewal_of
from victor_server.settings.resolved import BudgetSettings


@dataclass(frozen=True, slots=True)
class Budget:
    """One budget as it stands, in whole tokens or billionths of a US dollar."""

    period: Period
    unit: Unit
    limit: int
    used: int
    reserved: int
    renews_at: float | None

    @property
    def name(self) -> str:
        """The setting that it is written in."""
        return f"budget.{self.period}_{self.unit}"

    @property
    def left(self) -> int:
        """What a further call may use; below 0 if more was used than allowed."""
        return self.limit - self.used - self.reserved


def budgets_now(
    db: sqlite3.Connection, settings: BudgetSettings, day: str, session_id: str
) -> Sequence[Budget]:
    """Every budget that is set. Those of a session only where there is one."""
    return list(_budgets(db, settings, day, session_id))


def _budgets(db: sqlite3.Connection, settings: BudgetSettings, day: str, session_id: str) -> Iterator[Budget]:
    for period in PERIODS:
        tokens: int | None = getattr(settings, f"{period}_tokens")
        usd: float | None = getattr(settings, f"{period}_usd")
        key = key_of(period, day, session_id)
        if not key or (tokens is None and usd is None):
            continue
        used, reserved = _used(db, period, key), _reserved(db, period, key)
        renews_at = renewal_of(period, day)
        if tokens is not None:
            yield Budget(period, "tokens", tokens, used[0], reserved[0], renews_at)
        if usd is not None:
            yield Budget(period, "usd", to_nano(usd), used[1], reserved[1], renews_at)


def check(budgets: Sequence[Budget], ask: Ask, bound: Bound) -> None:
    """Raise `BudgetExceeded` for the first budget that does not hold `bound`. What costs nothing needs no money left."""
    for budget in budgets:
        if budget.unit == "usd" and bound.nano is None:
            raise _unpriced(budget, ask)
        wanted = bound.tokens if budget.unit == "tokens" else bound.nano or 0
        if wanted > max(budget.left, 0):
            raise _exceeded(budget, wanted)


def to_state(budget: Budget) -> BudgetState:
    """The budget in dollars or tokens."""

    def amount(whole: int) -> float:
        return to_usd(whole) if budget.unit == "usd" else whole

    return BudgetState(
        budget.name,
        budget.period,
        budget.unit,
        limit=amount(budget.limit),
        used=amount(budget.used),
        reserved=amount(budget.reserved),
        renews_at=budget.renews_at,
    )


def _used(db: sqlite3.Connection, period: Period, key: str) -> tuple[int, int]:
    row = db.execute("select tokens, nano from used where period = ? and key = ?", (period, key)).fetchone()
    return row or (0, 0)


# Through the index of open calls, which are few: left to itself SQLite looks at all calls of the day.
_SET_ASIDE = (
    "select ifnull(sum(reserved_tokens), 0), ifnull(sum(reserved_nano), 0) from calls indexed by open_calls"
    " where state = 'open'"
)
_WITHIN = {
    "day": "day = ?",
    "month": "substr(day, 1, 7) = ?",
    "session": "session = ?",
}


def _reserved(db: sqlite3.Connection, period: Period, key: str) -> tuple[int, int]:
    row: tuple[int, int] = db.execute(f"{_SET_ASIDE} and {_WITHIN[period]}", (key,)).fetchone()
    return row


def _unpriced(budget: Budget, ask: Ask) -> BudgetExceeded:
    return BudgetExceeded(
        f"{_described(budget)} counts money, and nobody knows what {ask.model} at {ask.provider} costs.",
        f"Write its `price` (`input_usd` and `output_usd`, for a million tokens) at the profile {ask.profile!r}"
        f" in profiles.yaml, or take {budget.name} away.",
    )


def _exceeded(budget: Budget, wanted: int) -> BudgetExceeded:
    aside = (
        f" ({_amount(budget, budget.reserved)} are set aside for calls that run)" if budget.reserved else ""
    )
    message = (
        f"{_described(budget)} has {_amount(budget, max(budget.left, 0))} left{aside}, and this call may use"
        f" {_amount(budget, wanted)}. {_renewal(budget)}"
    )
    wait = "Wait until then" if budget.renews_at else "Begin a new session"
    return BudgetExceeded(
        message, f"{wait}, {_INSTEAD[budget.unit]}, or raise {budget.name} in settings.yaml."
    )


_INSTEAD = {"tokens": "ask for less", "usd": "use a local model"}


def _described(budget: Budget) -> str:
    return f"The budget of {_amount(budget, budget.limit)} for a {budget.period} ({budget.name})"


def _renewal(budget: Budget) -> str:
    if budget.renews_at is None:
        return "It does not renew: each session has its own."
    return f"It renews on {datetime.fromtimestamp(budget.renews_at, UTC):%Y-%m-%d at %H:%M} UTC."


def _amount(budget: Budget, amount: int) -> str:
    if budget.unit == "tokens":
        return f"{amount:,} token{'s' * (amount != 1)}"
    usd = to_usd(amount)
    return f"${usd:,.2f}" if usd == round(usd, 2) else f"${usd:,.6f}".rstrip("0")
