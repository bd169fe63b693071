"""Sets aside what a call may use at most, in every budget that holds for it, and settles it afterwards.

Every call is added to the rows of its tenant, its teams and its user, for the day and the month that it began in, also
where nobody has set a budget: one that is set later counts from the beginning of its period. The rows are changed
before they are looked at, so they are locked until the transaction ends: no two calls can both take what is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from victor_server.errors import BudgetExceeded
from victor_server.team.store.database import Row, Transaction, Value

_KEY = "scope, subject, period, key"


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose budgets hold for a call, and the day that it began, `2026-11-23`."""

    tenant: str
    subject: str
    teams: tuple[str, ...]
    day: str

    def places(self) -> list[tuple[str, str, str, str]]:
        """Scope, subject, period and key of every row, in the order in which rows are locked."""
        scopes = [("tenant", ""), ("user", self.subject), *(("team", team) for team in self.teams)]
        periods = (("day", self.day), ("month", self.day[:7]))
        return sorted((*scope, *period) for scope in set(scopes) for period in periods)


@dataclass(frozen=True, slots=True)
class Amount:
    """Tokens and billionths of a dollar."""

    tokens: int
    nano: int


class BudgetDoesNotHold(BudgetExceeded):
    """`scope` says whose."""

    def __init__(self, scope: str, message: str, fix: str) -> None:
        super().__init__(message, fix)
        self.scope = scope


async def reserve(tx: Transaction, holder: Holder, bound: Amount, *, is_priced: bool) -> None:
    """Set `bound` aside. Raises `BudgetDoesNotHold`; the transaction must then be left."""
    rows = await _add(tx, holder, Amount(0, 0), bound)
    used = {(row["scope"], row["subject"], row["period"]): row for row in rows}
    for budget in await tx.rows(
        "select scope, subject, period, unit, amount from budgets where tenant = $1", holder.tenant
    ):
        row = used.get((budget["scope"], budget["subject"], budget["period"]))
        if row is not None:
            _check(budget, row, is_priced=is_priced)


async def settle(tx: Transaction, holder: Holder, reserved: Amount, used: Amount) -> None:
    """Give back what was set aside, and count what was used."""
    await _add(tx, holder, used, Amount(-reserved.tokens, -reserved.nano))


async def _add(tx: Transaction, holder: Holder, used: Amount, reserved: Amount) -> Sequence[Row]:
    values: list[Value] = [holder.tenant, used.tokens, used.nano, reserved.tokens, reserved.nano]
    lines = []
    for key in holder.places():
        n = len(values)
        values += key
        lines.append(f"($1, ${n + 1}, ${n + 2}, ${n + 3}, ${n + 4}, $2, $3, $4, $5)")
    # Only names of columns and parameters are put together here.
    sql = (
        f"insert into budget_use (tenant, {_KEY}, used_tokens, used_nano, reserved_tokens, reserved_nano)"  # noqa: S608
        f" values {', '.join(lines)} on conflict (tenant, {_KEY}) do update set"
        " used_tokens = budget_use.used_tokens + excluded.used_tokens,"
        " used_nano = budget_use.used_nano + excluded.used_nano,"
        " reserved_tokens = budget_use.reserved_tokens + excluded.reserved_tokens,"
        " reserved_nano = budget_use.reserved_nano + excluded.reserved_nano"
        f" returning {_KEY}, used_tokens, used_nano, reserved_tokens, reserved_nano"
    )
    return await tx.rows(sql, *values)


def _check(budget: Row, row: Row, *, is_priced: bool) -> None:
    scope, whose = str(budget["scope"]), _whose(budget)
    if budget["unit"] == "usd" and not is_priced:
        raise BudgetDoesNotHold(
            scope,
            f"{whose} is in dollars, and nobody knows what this model costs.",
            "Ask for another model, or have its price set.",
        )
    of = "nano" if budget["unit"] == "usd" else "tokens"
    if row[f"used_{of}"] + row[f"reserved_{of}"] > budget["amount"]:
        raise BudgetDoesNotHold(
            scope,
            f"{whose} does not hold what this call may cost.",
            "Ask for a shorter answer, wait until it renews, or ask an administrator.",
        )


def _whose(budget: Row) -> str:
    period = {"day": "daily", "month": "monthly"}[budget["period"]]
    if budget["scope"] == "user":
        return f"Your {period} budget"
    whose = "of the organisation" if budget["scope"] == "tenant" else f"of the team {budget['subject']}"
    return f"The {period} budget {whose}"
