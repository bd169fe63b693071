"""`victor team budgets|usage`: what may be spent, and what was."""

import csv
import io
from collections.abc import Iterable
from datetime import date

from victor_server.cli.team.asking import Where, answer, ask, made, table
from victor_server.cli.team.shown import amount, usd
from victor_server.errors import Forbidden, UsageError
from victor_server.protocol import BudgetLine, BudgetRef, Budgets, Empty, UsageAsked, UsageLine, UsageReport

_NANO = 1_000_000_000


def list_budgets(where: Where, *, json: bool) -> int:
    """All budgets, and where they stand."""
    return answer(where, "budgets/list", Empty(), _budgets, json=json)


def set_budget(
    where: Where, scope: str, subject: str, *, period: str, usd: float | None, tokens: int | None, json: bool
) -> int:
    """Set one."""
    if (usd is None) == (tokens is None):
        raise UsageError("A budget is in dollars or in tokens.", "Write --usd AMOUNT or --tokens AMOUNT.")
    if usd is not None and not 0 <= usd <= 1e9:
        raise UsageError("--usd must be from 0 to 1,000,000,000.", "Write it like --usd 20.")
    params = made(
        BudgetLine,
        scope=scope,
        subject=subject,
        period=period,
        unit="usd" if usd is not None else "tokens",
        limit=round(usd * _NANO) if usd is not None else tokens,
    )
    return answer(where, "budgets/set", params, _budgets, json=json)


def remove_budget(where: Where, scope: str, subject: str, *, period: str, unit: str, json: bool) -> int:
    """Take one away."""
    params = made(BudgetRef, scope=scope, subject=subject, period=period, unit=unit)
    return answer(where, "budgets/remove", params, _budgets, json=json)


def report_usage(
    where: Where, *, since: str | None, until: str | None, by: str, mine: bool, as_csv: bool, json: bool
) -> int:
    """What the tenant has used, or oneself; as CSV for whoever bills it."""
    for name, day in (("--since", since), ("--until", until)):
        if day is not None and not _is_day(day):
            raise UsageError(f"{name}: {day!r} is no day.", "Write it like 2026-11-01.")
    params = made(UsageAsked, since=since, until=until, by=by)
    method = "usage/mine" if mine else "usage/report"
    try:
        if as_csv and not json:
            print(_csv(ask(where, method, params), by), end="")
            return 0
        return answer(where, method, params, lambda found: _report(found, by), json=json)
    except Forbidden as error:
        if mine:
            raise
        raise Forbidden(error.message, "See your own with `victor team usage --mine`.") from None


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _budgets(found: Budgets) -> Iterable[str]:
    return _budget_table(found.budgets)


def _budget_table(budgets: Iterable[BudgetLine]) -> Iterable[str]:
    rows = (
        (
            each.scope,
            each.subject,
            each.period,
            each.unit,
            amount(each.limit, each.unit),
            amount(each.used, each.unit),
            amount(each.reserved, each.unit),
        )
        for each in budgets
    )
    head = ("scope", "of", "each", "in", "limit", "used", "set aside")
    return table(head, rows, "There are no budgets: only limits of requests hold calls back.")


def _report(found: UsageReport, by: str) -> Iterable[str]:
    rows = [_row(each) for each in found.lines] + [("in all", *_row(found.total)[1:])]
    yield from table((by, "calls", "tokens in", "tokens out", "cost", "unpriced"), rows, "")
    if found.budgets:
        yield ""
        yield from _budget_table(found.budgets)


def _row(line: UsageLine) -> tuple[object, ...]:
    return (
        line.key or "(none)",
        line.calls,
        line.input_tokens,
        line.output_tokens,
        usd(line.cost_nano),
        line.unpriced_calls,
    )


def _csv(found: UsageReport, by: str) -> str:
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow([by, "calls", "input_tokens", "output_tokens", "cost_usd", "unpriced_calls"])
    for each in found.lines:
        cost = f"{each.cost_nano // _NANO}.{each.cost_nano % _NANO:09d}"
        rows.writerow(
            [_plain(each.key), each.calls, each.input_tokens, each.output_tokens, cost, each.unpriced_calls]
        )
    return written.getvalue()


def _plain(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
