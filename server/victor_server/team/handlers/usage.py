"""Answers what was used: by oneself, or by the whole tenant."""

from victor_server.protocol import UsageAsked, UsageLine, UsageReport
from victor_server.team.backend import Backend
from victor_server.team.handlers.budgets import holding, lines_of
from victor_server.team.principal import Principal
from victor_server.team.store.database import Row

_COLUMNS = {
    "user": "subject",
    "team": "team",
    "model": "model",
    "provider": "provider",
    "day": "day",
    "source": "source",
}
_SUMS = "coalesce(sum(calls), 0) as calls, coalesce(sum(unpriced_calls), 0) as unpriced_calls,"
_SUMS += " coalesce(sum(input_tokens), 0) as input_tokens, coalesce(sum(output_tokens), 0) as output_tokens,"
_SUMS += " coalesce(sum(nano), 0) as nano"


async def mine(backend: Backend, principal: Principal, params: UsageAsked) -> UsageReport:
    """What one has used, and the budgets that hold for one."""
    return await _report(backend, principal, params, principal.subject)


async def report(backend: Backend, principal: Principal, params: UsageAsked) -> UsageReport:
    """What the tenant has used."""
    principal.require("usage:read")
    return await _report(backend, principal, params, None)


async def _report(
    backend: Backend, principal: Principal, params: UsageAsked, subject: str | None
) -> UsageReport:
    column = _COLUMNS[params.by]
    where = "tenant = $1 and day >= $2 and day <= $3 and (cast($4 as text) is null or subject = $4)"
    values = (principal.tenant, params.since or "", params.until or "9999-12-31", subject)
    # The column is one of ours, never what somebody sent.
    by = f"select {column} as key, {_SUMS} from usage where {where} group by {column} order by {column}"  # noqa: S608
    async with backend.database.long_reading(principal.tenant) as tx:
        rows = await tx.rows(by, *values)
        total = await tx.row(f"select 'total' as key, {_SUMS} from usage where {where}", *values)  # noqa: S608
        budgets = await lines_of(tx, principal.tenant)
    if subject is not None:
        budgets = holding(budgets, principal)
    return UsageReport(
        lines=tuple(map(_line, rows)),
        total=_line(total) if total is not None else _NOTHING,
        budgets=budgets,
    )


_NOTHING = UsageLine(key="total", calls=0, input_tokens=0, output_tokens=0, cost_nano=0)


def _line(row: Row) -> UsageLine:
    return UsageLine(
        key=row["key"],
        calls=int(row["calls"]),
        input_tokens=int(row["input_tokens"]),
        output_tokens=int(row["output_tokens"]),
        cost_nano=int(row["nano"]),
        unpriced_calls=int(row["unpriced_calls"]),
    )
