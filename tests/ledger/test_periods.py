"""Days and months of UTC."""

import calendar
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from victor_server.ledger.model import Period
from victor_server.ledger.periods import day_of, key_of, renewal_of

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 -- hypothesis adds the zone
PERIODS: tuple[Period, ...] = ("day", "month")


@pytest.mark.parametrize(
    ("day", "next_day", "next_month"),
    [
        ("2026-11-22", "2026-11-23", "2026-12-01"),
        ("2026-12-31", "2027-01-01", "2027-01-01"),
        ("2026-01-31", "2026-02-01", "2026-02-01"),
        ("2028-02-28", "2028-02-29", "2028-03-01"),
    ],
)
def test_when_budgets_renew(day: str, next_day: str, next_month: str) -> None:
    """At the next midnight, at the first of the next month; a session's does not."""
    assert renewal_of("day", day) == datetime.fromisoformat(f"{next_day}T00:00:00Z").timestamp()
    assert renewal_of("month", day) == datetime.fromisoformat(f"{next_month}T00:00:00Z").timestamp()
    assert renewal_of("session", day) is None


@given(MOMENTS)
def test_a_period_ends_where_the_next_begins(moment: datetime) -> None:
    """The moment before is in the same period, the renewal itself in the next; whatever the machine's own zone is."""
    day = day_of(moment.timestamp())
    assert day == f"{moment:%Y-%m-%d}"
    for period in PERIODS:
        renewal = renewal_of(period, day)
        assert renewal is not None
        assert renewal > moment.timestamp()
        assert key_of(period, day_of(renewal - 1), "") == key_of(period, day, "")
        assert key_of(period, day_of(renewal), "") != key_of(period, day, "")


@given(MOMENTS)
def test_a_month_has_all_its_days(moment: datetime) -> None:
    """It renews as many days after its first as the calendar says."""
    first = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    _, n_days = calendar.monthrange(moment.year, moment.month)
    assert renewal_of("month", day_of(moment.timestamp())) == first.timestamp() + n_days * 86_400
