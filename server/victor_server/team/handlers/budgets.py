"""Answers what administrators ask of budgets."""

import time
from datetime import UTC, datetime

from victor_server.errors import NotFound, UsageError
from victor_server.protocol import BudgetLine, BudgetRef, Budgets, Empty
from victor_server.team.audit.event import AuditEvent
from victor_server.team.backend import Backend
from victor_server.team.principal import Principal
from victor_server.team.store.database import Transaction

MAX_AMOUNT = 10**18


async def list_all(backend: Backend, principal: Principal, params: Empty) -> Budgets:
    """All budgets, and where they stand."""
    principal.require("budgets:read")
    async with backend.database.reading(principal.tenant) as tx:
        return Budgets(budgets=await lines_of(tx, principal.tenant))


async def set_one(backend: Backend, principal: Principal, params: BudgetLine) -> Budgets:
    """Set one. What was used since its period began counts."""
    principal.require("budgets:write")
    if params.scope != "tenant" and not params.subject:
        raise UsageError("A budget of a team or a user names it.", "Give `subject`.")
    if params.limit > MAX_AMOUNT:
        raise UsageError("The limit is too large.", "Leave the budget out where there is no limit.")
    subject = "" if params.scope == "tenant" else params.subject
    async with backend.database.transaction(principal.tenant) as tx:
        await tx.execute(
            "insert into budgets (tenant, scope, subject, period, unit, amount) values ($1, $2, $3, $4, $5, $6)"
            " on conflict (tenant, scope, subject, period, unit) do update set amount = excluded.amount",
            principal.tenant,
            params.scope,
            subject,
            params.period,
            params.unit,
            params.limit,
        )
        told = params.model_copy(update={"subject": subject}).model_dump(exclude={"used", "reserved"})
        event = _event("budget.set", principal, told)
        await backend.audit.append(tx, principal.tenant, [event])
        return Budgets(budgets=await lines_of(tx, principal.tenant))


async def remove(backend: Backend, principal: Principal, params: BudgetRef) -> Budgets:
    """Take one away."""
    principal.require("budgets:write")
    async with backend.database.transaction(principal.tenant) as tx:
        n_removed = await tx.execute(
            "delete from budgets where tenant = $1 and scope = $2 and subject = $3 and period = $4 and unit = $5",
            principal.tenant,
            params.scope,
            params.subject,
            params.period,
            params.unit,
        )
        if not n_removed:
            raise NotFound("There is no such budget.", "See `victor team budgets list`.")
        event = _event("budget.removed", principal, params.model_dump())
        await backend.audit.append(tx, principal.tenant, [event])
        return Budgets(budgets=await lines_of(tx, principal.tenant))


async def lines_of(tx: Transaction, tenant: str, now_s: float | None = None) -> tuple[BudgetLine, ...]:
    """All budgets of a tenant, and where they stand in the day and month that it is."""
    day = datetime.fromtimestamp(time.time() if now_s is None else now_s, UTC).date().isoformat()
    rows = await tx.rows(
        "select b.scope, b.subject, b.period, b.unit, b.amount,"
        " coalesce(case when b.unit = 'usd' then u.used_nano else u.used_tokens end, 0) as used,"
        " coalesce(case when b.unit = 'usd' then u.reserved_nano else u.reserved_tokens end, 0) as reserved"
        " from budgets b left join budget_use u on u.tenant = b.tenant and u.scope = b.scope"
        " and u.subject = b.subject and u.period = b.period"
        " and u.key = case when b.period = 'day' then cast($2 as text) else cast($3 as text) end"
        " where b.tenant = $1 order by b.scope, b.subject, b.period, b.unit",
        tenant,
        day,
        day[:7],
    )
    return tuple(
        BudgetLine(
            scope=row["scope"],
            subject=row["subject"],
            period=row["period"],
            unit=row["unit"],
            limit=row["amount"],
            used=row["used"],
            reserved=row["reserved"],
        )
        for row in rows
    )


def holding(lines: tuple[BudgetLine, ...], principal: Principal) -> tuple[BudgetLine, ...]:
    """Those that hold for calls of `principal`."""
    whose = {("tenant", ""), ("user", principal.subject), *(("team", team) for team in principal.teams)}
    return tuple(line for line in lines if (line.scope, line.subject) in whose)


def _event(action: str, principal: Principal, details: dict[str, object]) -> AuditEvent:
    names = (str(details["subject"]),) if details.get("scope") == "user" else ()
    personal = {"user": principal.subject, "details": details}
    return AuditEvent(action, principal.subject, personal=personal, names=names)
