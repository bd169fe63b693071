"""When a budget begins and ends: days and months of UTC."""

from datetime import UTC, date, datetime, timedelta

from victor_server.ledger.model import Period

PERIODS: tuple[Period, ...] = ("month", "day", "session")
"""In the order in which budgets are looked at: who is told to wait waits for the one that renews last."""


def day_of(at: float) -> str:
    """The day of a moment (seconds since the epoch), as `2026-11-22`."""
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def key_of(period: Period, day: str, session_id: str) -> str:
    """What the sums of a period are kept under; "" for the session of a call without one."""
    match period:
        case "day":
            return day
        case "month":
            return day[:7]
        case "session":
            return session_id


def renewal_of(period: Period, day: str) -> float | None:
    """When the period that `day` is in ends, in seconds since the epoch; None for a session, which does not."""
    today = date.fromisoformat(day)
    match period:
        case "day":
            first = today + timedelta(days=1)
        case "month":
            first = (today.replace(day=1) + timedelta(days=31)).replace(day=1)
        case "session":
            return None
    return datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp()
