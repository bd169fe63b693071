"""What calls have used, added up by day, model, provider, task and session."""

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import date
from operator import attrgetter

from victor_server.ledger.cost import to_usd
from victor_server.ledger.model import DIMENSIONS, Dimension, Summary, Used

_GROUPED = f"""
select {", ".join(DIMENSIONS)}, count(*), sum(input_tokens), sum(output_tokens), sum(cache_read_tokens),
    sum(cache_write_tokens), ifnull(sum(nano), 0), sum(nano is null), sum(not counted)
from calls where state != 'open' and outcome != 'not_sent' and day >= ? and ifnull(session = ?, true)
group by {", ".join(DIMENSIONS)}
"""  # noqa: S608 -- names from a constant

Sums = tuple[int, ...]


def usage_of(db: sqlite3.Connection, since: date | None, session_id: str | None) -> Summary:
    """Sums over calls that were sent and have ended, since the beginning of a day of UTC."""
    rows = db.execute(_GROUPED, (since.isoformat() if since else "", session_id)).fetchall()
    n = len(DIMENSIONS)
    by = {
        dimension: _ordered(dimension, _added((row[at], row[n:]) for row in rows))
        for at, dimension in enumerate(DIMENSIONS)
    }
    total = _added(("", row[n:]) for row in rows)
    return Summary(_to_used(total[""]) if total else Used(), by)


def _added(parts: Iterable[tuple[str, Sums]]) -> dict[str, Sums]:
    sums: dict[str, Sums] = {}
    for value, numbers in parts:
        before = sums.get(value)
        sums[value] = numbers if before is None else tuple(map(sum, zip(before, numbers, strict=True)))
    return sums


def _ordered(dimension: Dimension, sums: Mapping[str, Sums]) -> dict[str, Used]:
    used = [(value, _to_used(numbers)) for value, numbers in sorted(sums.items())]
    if dimension != "day":
        used.sort(key=lambda item: attrgetter("cost_usd", "input_tokens")(item[1]), reverse=True)
    return dict(used)


def _to_used(numbers: Sums) -> Used:
    calls, n_input, n_output, n_read, n_written, nano, unpriced, estimated = numbers
    return Used(calls, n_input, n_output, n_read, n_written, to_usd(nano), unpriced, estimated)
