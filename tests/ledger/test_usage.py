"""What has been used, added up."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger.asks import DOLLAR, NOON, Clock, ask, opener

from victor_server.ledger.ledger import KEPT_DAYS, LEASE_S, Ledger
from victor_server.ledger.model import DIMENSIONS, Spent, Summary, Used

DAY_S = 86_400


@pytest.fixture
def clock() -> Clock:
    """Noon."""
    return Clock()


@pytest.fixture
def ledger(tmp_path: Path, clock: Clock) -> Iterator[Ledger]:
    """No budgets."""
    with closing(opener(tmp_path, clock)) as opened:
        yield opened


def call(ledger: Ledger, call_id: str, spent: Spent, **changes: object) -> None:
    """Reserve and settle."""
    ledger.reserve(ask(call_id, **changes))
    ledger.settle(call_id, spent)


def test_nothing_was_used(ledger: Ledger) -> None:
    """Not even a day is listed."""
    assert ledger.usage() == Summary(Used(), {dimension: {} for dimension in DIMENSIONS})


def test_calls_are_added_up_by_everything(ledger: Ledger, clock: Clock) -> None:
    """Days in their order, all else by what it cost."""
    call(ledger, "a", Spent("done", 100, 10, 5, 6), model="small", task="test_generation")
    clock.now += DAY_S
    call(ledger, "b", Spent("cancelled", 200, 20), model="large", session_id="other", provider="openai")
    call(ledger, "c", Spent("failed", 300, 0, counted=False), model="large", price=None)
    used = ledger.usage()
    assert used.total == Used(3, 600, 30, 5, 6, 0.00033, unpriced_calls=1, estimated_calls=1)
    assert {dimension: list(values) for dimension, values in used.by.items()} == {
        "day": ["2026-11-22", "2026-11-23"],
        "model": ["large", "small"],
        "provider": ["openai", "anthropic"],
        "task": ["chat", "test_generation"],
        "session": ["other", "session"],
    }
    assert used.by["model"]["large"] == Used(2, 500, 20, 0, 0, 0.00022, unpriced_calls=1, estimated_calls=1)


def test_only_what_is_asked_for(ledger: Ledger, clock: Clock) -> None:
    """Since a day, or of one session."""
    call(ledger, "a", Spent("done", 100, 0))
    clock.now += DAY_S
    call(ledger, "b", Spent("done", 200, 0), session_id="other")
    assert ledger.usage(since=date(2026, 11, 23)).total.input_tokens == 200
    assert ledger.usage(session_id="session").total.input_tokens == 100
    assert ledger.usage(since=date(2026, 11, 23), session_id="session").total == Used()


def test_what_was_not_sent_or_still_runs_is_no_call(ledger: Ledger) -> None:
    """It has used nothing, or nobody knows yet."""
    call(ledger, "a", Spent("not_sent", 100, 0))
    ledger.reserve(ask("b"))
    assert ledger.usage().total == Used()


def test_a_lost_call_is_listed_as_estimated(ledger: Ledger, clock: Clock) -> None:
    """Its process died; its input counts."""
    ledger.reserve(ask())
    clock.now += LEASE_S
    assert ledger.usage().total == Used(1, 600, cost_usd=0.0006, estimated_calls=1)


def test_old_calls_are_forgotten(tmp_path: Path) -> None:
    """With their sums; what is younger stays, and so does a session that goes on."""
    clock = Clock()
    with closing(opener(tmp_path, clock, session_tokens=5_000)) as ledger:
        call(ledger, "a", Spent("done", 100, 0), session_id="old")
        call(ledger, "b", Spent("done", 200, 0))
        clock.now += DAY_S
        call(ledger, "c", Spent("done", 400, 0))
    clock.now = NOON + KEPT_DAYS * DAY_S
    with closing(opener(tmp_path, clock, session_tokens=5_000)) as ledger:
        assert ledger.usage().total.calls == 3
    clock.now += DAY_S
    with closing(opener(tmp_path, clock, session_tokens=5_000)) as ledger:
        assert ledger.usage().total.input_tokens == 400
        assert [state.used for state in ledger.left("old")] == [0]
        assert [state.used for state in ledger.left("session")] == [600]


CALLS = st.lists(
    st.tuples(
        st.sampled_from(["m1", "m2"]),
        st.sampled_from(["", "s1", "s2"]),
        st.integers(0, 5),
        st.integers(0, 10_000),
        st.integers(0, 10_000),
        st.booleans(),
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=25)
@given(calls=CALLS)
def test_every_dimension_adds_up_to_the_total(
    calls: list[tuple[str, str, int, int, int, bool]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Nothing is counted twice or left out, whatever the calls."""
    clock = Clock()
    with closing(opener(tmp_path_factory.mktemp("ledger"), clock)) as ledger:
        for number, (model, session, day, n_input, n_output, priced) in enumerate(calls):
            clock.now = NOON + day * DAY_S
            price = DOLLAR if priced else None
            spent = Spent("done", n_input, n_output)
            call(ledger, f"{number}", spent, model=model, session_id=session, price=price)
        used = ledger.usage()
    assert used.total.calls == len(calls)
    assert used.total.input_tokens == sum(each[3] for each in calls)
    assert used.total.cost_usd == pytest.approx(sum((each[3] + each[4]) * 1e-6 for each in calls if each[5]))
    for values in used.by.values():
        assert sum(each.calls for each in values.values()) == used.total.calls
        assert sum(each.output_tokens for each in values.values()) == used.total.output_tokens
        assert sum(each.unpriced_calls for each in values.values()) == used.total.unpriced_calls
