"""`victor usage`: what model calls have used, and what the budgets still allow."""

import json as jsonlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime

from victor_server.cli.scan_formats.printable import printable
from victor_server.cli.worker import load_settings
from victor_server.errors import UsageError
from victor_server.ledger.ledger import LEDGER_FILE, Ledger
from victor_server.ledger.model import DIMENSIONS, BudgetState, Dimension, Summary, Used
from victor_server.settings.home import create_home


def run_usage(*, by: Dimension | None, since: date | None, session: str | None, json: bool) -> int:
    """Print the sums, those of each value of `by`, and the budgets."""
    settings = load_settings()
    ledger = Ledger(create_home(settings.home) / LEDGER_FILE, settings.budget)
    try:
        session = _whole(ledger, session) if session else None
        summary = ledger.usage(since=since, session_id=session)
        budgets = ledger.left(session or "")
    finally:
        ledger.close()
    if json:
        print(jsonlib.dumps(_document(summary, budgets, [by] if by else DIMENSIONS)))
    else:
        print("\n".join(_lines(summary, budgets, by)))
    return 0


def _whole(ledger: Ledger, beginning: str) -> str:
    """The one session with calls whose name begins so; as it is where there is none. Raises UsageError for several."""
    found = [each for each in ledger.usage().by["session"] if each.startswith(beginning)]
    if len(found) > 1 and beginning not in found:
        raise UsageError(f"{len(found)} sessions begin with {beginning}.", "Write more of its letters.")
    return found[0] if len(found) == 1 else beginning


def _document(
    summary: Summary, budgets: Sequence[BudgetState], dimensions: Sequence[Dimension]
) -> dict[str, object]:
    by = {
        dimension: {value: asdict(used) for value, used in summary.by[dimension].items()}
        for dimension in dimensions
    }
    return {**asdict(summary.total), "by": by, "budgets": [_budget_document(each) for each in budgets]}


def _budget_document(budget: BudgetState) -> dict[str, object]:
    renews_at = None if budget.renews_at is None else _moment(budget.renews_at).isoformat()
    return {**asdict(budget), "left": budget.left, "renews_at": renews_at}


def _lines(summary: Summary, budgets: Sequence[BudgetState], by: Dimension | None) -> Iterator[str]:
    total = summary.total
    if total.calls:
        yield from _table(summary.by[by] if by else {}, total)
        yield from _notes(total)
    else:
        yield "No model was called."
    yield from map(_budget_line, budgets)


def _table(used: Mapping[str, Used], total: Used) -> Iterator[str]:
    rows = {**{printable(value) or "(none)": sums for value, sums in used.items()}, "in all": total}
    cells = [("", "calls", "tokens in", "tokens out", "cost"), *(_cells(*row) for row in rows.items())]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for name, *numbers in cells:
        yield "  ".join([name.ljust(widths[0]), *map(str.rjust, numbers, widths[1:])])


def _cells(name: str, used: Used) -> tuple[str, ...]:
    tokens = (f"{used.input_tokens:,}", f"{used.output_tokens:,}")
    return (name, f"{used.calls:,}", *tokens, _usd(used.cost_usd))


def _notes(total: Used) -> Iterator[str]:
    if total.unpriced_calls:
        yield f"The cost is without {_calls(total.unpriced_calls)} of models whose price nobody knows."
    if total.estimated_calls:
        yield f"The tokens of {_calls(total.estimated_calls)} are estimated: no provider has counted them."


def _calls(n_calls: int) -> str:
    return f"{n_calls:,} call{'' if n_calls == 1 else 's'}"


def _budget_line(budget: BudgetState) -> str:
    amount = _usd if budget.unit == "usd" else _tokens
    aside = f", {amount(budget.reserved)} set aside" if budget.reserved else ""
    renews = f"; renews on {_moment(budget.renews_at):%Y-%m-%d at %H:%M} UTC" if budget.renews_at else ""
    return f"{budget.name}: {amount(budget.left)} left of {amount(budget.limit)}{aside}{renews}"


def _usd(usd: float) -> str:
    return f"${usd:,.4f}"


def _tokens(n_tokens: float) -> str:
    return f"{n_tokens:,.0f} tokens"


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
