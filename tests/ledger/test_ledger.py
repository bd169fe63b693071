"""What is set aside before a call, and what is charged after it."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from ledger.asks import DOLLAR, NOON, Clock, ask, opener

from victor_server.errors import BudgetExceeded, HistoryFailed
from victor_server.ledger.ledger import LEASE_S, Ledger
from victor_server.ledger.model import Reservation, Spent


@pytest.fixture
def clock() -> Clock:
    """Noon."""
    return Clock()


@pytest.fixture
def ledger(tmp_path: Path, clock: Clock) -> Iterator[Ledger]:
    """A budget of 1,000 tokens and 0.0015 dollars for a day."""
    with closing(opener(tmp_path, clock, day_tokens=2_000, day_usd=0.0015)) as opened:
        yield opened


def left(ledger: Ledger, name: str = "budget.day_tokens", session_id: str = "session") -> float:
    """What the budget of that name still allows."""
    return next(state.left for state in ledger.left(session_id) if state.name == name)


def test_a_reservation_is_the_upper_bound(ledger: Ledger) -> None:
    """Input and all of the longest answer are set aside, in tokens and dollars."""
    assert ledger.reserve(ask()) == Reservation("call", 1_000, 0.001)
    assert left(ledger) == 1_000
    assert left(ledger, "budget.day_usd") == pytest.approx(0.0005)


def test_a_settled_call_gives_the_rest_back(ledger: Ledger) -> None:
    """After the call only what it used is charged."""
    ledger.reserve(ask())
    assert ledger.settle("call", Spent("done", 500, 100)) == pytest.approx(0.0006)
    assert left(ledger) == 1_400
    assert left(ledger, "budget.day_usd") == pytest.approx(0.0009)


def test_what_was_not_sent_is_not_charged(ledger: Ledger) -> None:
    """A call that was refused on the way costs nothing, whatever numbers come with it."""
    ledger.reserve(ask())
    assert ledger.settle("call", Spent("not_sent", 600, 400)) == 0
    assert left(ledger) == 2_000


def test_a_budget_stops_the_call_that_it_does_not_hold(ledger: Ledger) -> None:
    """The error names the budget, what is left, what the call wanted, when it renews, and what to do."""
    ledger.reserve(ask())
    with pytest.raises(BudgetExceeded) as caught:
        ledger.reserve(ask("second"))
    assert caught.value.message == (
        "The budget of $0.0015 for a day (budget.day_usd) has $0.0005 left ($0.001 are set aside for calls that run),"
        " and this call may use $0.001. It renews on 2026-11-23 at 00:00 UTC."
    )
    assert caught.value.fix == (
        "Wait until then, use a local model, or raise budget.day_usd in settings.yaml."
    )
    ledger.settle("call", Spent("done", 1, 1))
    assert ledger.reserve(ask("second")).tokens == 1_000


def test_a_refused_call_leaves_no_trace(ledger: Ledger) -> None:
    """Its id may be used again, and nothing is set aside."""
    with pytest.raises(BudgetExceeded):
        ledger.reserve(ask(input_tokens=5_000))
    assert left(ledger) == 2_000
    ledger.reserve(ask())


def test_the_budget_that_renews_last_is_named(tmp_path: Path, clock: Clock) -> None:
    """Where the month is used up, it helps nobody to wait for tomorrow."""
    with (
        closing(opener(tmp_path, clock, day_tokens=10, month_tokens=20, session_tokens=5)) as ledger,
        pytest.raises(BudgetExceeded, match=r"20 tokens for a month .* 2026-12-01 at 00:00 UTC"),
    ):
        ledger.reserve(ask())


def test_a_session_has_its_own_budget(tmp_path: Path, clock: Clock) -> None:
    """Another session begins with all of it; calls outside of sessions are not counted by it."""
    with closing(opener(tmp_path, clock, session_tokens=1_500)) as ledger:
        ledger.reserve(ask("a"))
        with pytest.raises(BudgetExceeded, match="It does not renew: each session has its own") as caught:
            ledger.reserve(ask("b"))
        assert caught.value.fix.startswith("Begin a new session")
        ledger.reserve(ask("c", session_id="other"))
        ledger.reserve(ask("d", session_id=""))
        ledger.reserve(ask("e", session_id=""))
        assert [state.left for state in ledger.left("session")] == [500]
        assert ledger.left() == []


@pytest.mark.parametrize(
    ("limit", "seconds"), [("day_tokens", 12 * 3600), ("month_tokens", 8 * 86400 + 12 * 3600)]
)
def test_days_and_months_renew_by_utc(tmp_path: Path, clock: Clock, limit: str, seconds: int) -> None:
    """One second before midnight the budget is used up, at midnight it is whole."""
    with closing(opener(tmp_path, clock, **{limit: 1_000})) as ledger:
        ledger.reserve(ask())
        ledger.settle("call", Spent("done", 600, 400))
        clock.now = NOON + seconds - 1
        with pytest.raises(BudgetExceeded):
            ledger.reserve(ask("late"))
        assert ledger.left()[0].renews_at == NOON + seconds
        clock.now = NOON + seconds
        ledger.reserve(ask("next"))


def test_money_needs_a_price(ledger: Ledger) -> None:
    """Under a money budget a call whose price nobody knows is refused, with the profile to write it at."""
    with pytest.raises(BudgetExceeded, match=r"nobody knows what model-1 at anthropic costs") as caught:
        ledger.reserve(ask(price=None))
    assert "'cloud' in profiles.yaml" in caught.value.fix


def test_tokens_need_no_price(tmp_path: Path, clock: Clock) -> None:
    """Under budgets of tokens alone it is let through, and its cost stays unknown."""
    with closing(opener(tmp_path, clock, day_tokens=1_000)) as ledger:
        assert ledger.reserve(ask(price=None)).cost_usd is None
        assert ledger.settle("call", Spent("done", 600, 400)) is None


def test_what_costs_nothing_needs_no_money(tmp_path: Path, clock: Clock) -> None:
    """Local models answer although the money is used up, or none is allowed."""
    with closing(opener(tmp_path, clock, day_usd=0)) as ledger:
        ledger.reserve(ask(price=replace(DOLLAR, input_usd=0, output_usd=0)))
        with pytest.raises(BudgetExceeded):
            ledger.reserve(ask("paid"))


def test_a_server_that_overshoots_is_charged_and_stops_the_next(ledger: Ledger) -> None:
    """The ledger holds what was used, not what was promised."""
    ledger.reserve(ask())
    ledger.settle("call", Spent("done", 600, 4_000))
    assert left(ledger) == 0
    with pytest.raises(BudgetExceeded, match="has 0 tokens left"):
        ledger.reserve(ask("second", input_tokens=1, max_output_tokens=0))


@pytest.mark.parametrize(
    "spent", [Spent("done", -5, -7, -1, -1), Spent("done", 10**30, 10**30, 10**30, 10**30)]
)
def test_numbers_that_make_no_sense_do_no_harm(ledger: Ledger, spent: Spent) -> None:
    """They come from servers: never a credit, never a number that the file cannot hold."""
    ledger.reserve(ask())
    cost = ledger.settle("call", spent)
    assert cost is not None
    assert cost >= 0
    assert left(ledger) in (0, 2_000)


def test_the_first_settlement_counts(ledger: Ledger) -> None:
    """Settling again answers the same and charges nothing more."""
    ledger.reserve(ask())
    first = ledger.settle("call", Spent("done", 100, 100))
    assert ledger.settle("call", Spent("failed", 600, 400)) == first
    ledger.renew("call")
    assert left(ledger) == 1_800


def test_a_call_is_reserved_once(ledger: Ledger) -> None:
    """The same id for two calls would lose one of them."""
    ledger.reserve(ask(input_tokens=1, max_output_tokens=1))
    with pytest.raises(HistoryFailed, match="already knows"):
        ledger.reserve(ask(input_tokens=1, max_output_tokens=1))


def test_an_unknown_call_is_said(ledger: Ledger) -> None:
    """Nobody reserved it, or the file was moved away."""
    with pytest.raises(HistoryFailed, match="knows no call nothing"):
        ledger.renew("nothing")
    with pytest.raises(HistoryFailed, match="knows no call nothing"):
        ledger.settle("nothing", Spent("done"))


def test_a_lost_reservation_is_charged_as_far_as_known(ledger: Ledger, clock: Clock) -> None:
    """After its lease only the input, which was perhaps sent, is charged."""
    ledger.reserve(ask())
    clock.now += LEASE_S - 1
    assert left(ledger) == 1_000
    clock.now += 1
    assert left(ledger) == 1_400
    assert left(ledger, "budget.day_usd") == pytest.approx(0.0009)


def test_a_renewed_reservation_stays(ledger: Ledger, clock: Clock) -> None:
    """A long answer keeps what is set aside; once its process dies, what it had told is charged."""
    ledger.reserve(ask())
    clock.now += LEASE_S - 1
    ledger.renew("call", Spent("done", 600, 250))
    clock.now += LEASE_S - 1
    assert left(ledger) == 1_000
    clock.now += 1
    assert left(ledger) == 1_150


def test_who_wakes_up_late_settles_right(ledger: Ledger, clock: Clock) -> None:
    """A machine slept: the charge of the lost call is replaced by what was used."""
    ledger.reserve(ask())
    clock.now += LEASE_S
    assert left(ledger) == 1_400
    ledger.settle("call", Spent("done", 600, 300))
    assert left(ledger) == 1_100


def test_who_wakes_up_late_goes_on(ledger: Ledger, clock: Clock) -> None:
    """Renewing a lost call sets its upper bound aside again."""
    ledger.reserve(ask())
    clock.now += LEASE_S
    assert left(ledger) == 1_400
    ledger.renew("call")
    assert left(ledger) == 1_000
    ledger.settle("call", Spent("cancelled", 600, 0))
    assert left(ledger) == 1_400


def test_processes_share_one_budget(tmp_path: Path, clock: Clock) -> None:
    """What one has set aside, another cannot have."""
    with (
        closing(opener(tmp_path, clock, day_tokens=1_000)) as one,
        closing(opener(tmp_path, clock, day_tokens=1_000)) as other,
    ):
        one.reserve(ask("a"))
        with pytest.raises(BudgetExceeded):
            other.reserve(ask("b"))
        other.settle("a", Spent("done", 100, 0))
        assert left(one) == left(other) == 900


def test_a_ledger_that_is_moved_away_is_begun_anew_by_all(tmp_path: Path, clock: Clock) -> None:
    """Nobody goes on counting in a file that others no longer see."""
    with (
        closing(opener(tmp_path, clock, day_tokens=1_000)) as one,
        closing(opener(tmp_path, clock, day_tokens=1_000)) as other,
    ):
        one.reserve(ask("a"))
        for file in tmp_path.iterdir():
            file.rename(tmp_path.parent / f"away-{file.name}")
        other.reserve(ask("b"))
        with pytest.raises(BudgetExceeded):
            one.reserve(ask("c"))


def test_names_may_hold_half_characters(ledger: Ledger) -> None:
    """A folder's name need not be UTF-8."""
    ledger.reserve(ask(workspace=os.fsdecode(b"/w/\xff")))


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_only_its_owner_can_read_it(tmp_path: Path, clock: Clock) -> None:
    """The file, SQLite's files beside it, and a folder that had to be made."""
    with closing(opener(tmp_path / "home", clock)) as ledger:
        ledger.reserve(ask())
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "home").iterdir()}
    assert modes == {"ledger.db": 0o600, "ledger.db-wal": 0o600, "ledger.db-shm": 0o600}
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700


def test_a_file_of_another_format_is_refused(tmp_path: Path, clock: Clock) -> None:
    """Never guessed, never changed; nothing can be reserved."""
    with closing(opener(tmp_path, clock)) as ledger:
        ledger.reserve(ask())
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as db:
        db.execute("pragma user_version = 7")
    with (
        closing(opener(tmp_path, clock)) as ledger,
        pytest.raises(HistoryFailed, match="has format 7") as caught,
    ):
        ledger.reserve(ask("second"))
    assert "move the file away" in caught.value.fix
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as db:
        assert db.execute("select count(*) from calls").fetchone() == (1,)


def test_a_foreign_database_is_refused(tmp_path: Path, clock: Clock) -> None:
    """Somebody else's tables stay as they are."""
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as db:
        db.execute("create table mine (x)")
    with closing(opener(tmp_path, clock)) as ledger, pytest.raises(HistoryFailed, match="is something else"):
        ledger.reserve(ask())


def test_a_damaged_file_is_said(tmp_path: Path, clock: Clock) -> None:
    """Nothing is sent on the word of a ledger that cannot be read."""
    (tmp_path / "ledger.db").write_bytes(b"\0garbage" * 1_000)
    with closing(opener(tmp_path, clock)) as ledger, pytest.raises(HistoryFailed, match="damaged"):
        ledger.reserve(ask())


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="needs O_NOFOLLOW")
def test_a_link_is_not_followed(tmp_path: Path, clock: Clock) -> None:
    """A ledger that leads elsewhere is not ours."""
    (tmp_path / "ledger.db").symlink_to(tmp_path / "elsewhere")
    with closing(opener(tmp_path, clock)) as ledger, pytest.raises(HistoryFailed):
        ledger.reserve(ask())
    assert not (tmp_path / "elsewhere").exists()


def test_a_full_disk_refuses_the_call_and_forgets_nothing(tmp_path: Path, clock: Clock) -> None:
    """A reservation that cannot be written was not made; what was there is there when there is room again."""
    with closing(opener(tmp_path, clock, day_tokens=5_000)) as ledger:
        ledger.reserve(ask("first"))
        db = ledger._db
        assert db is not None
        pages = db.execute("pragma page_count").fetchone()[0]
        db.execute(f"pragma max_page_count = {pages}")
        with pytest.raises(HistoryFailed, match="no room on the disk"):
            ledger.reserve(ask("second", workspace="/w" * 100_000))
        db.execute("pragma max_page_count = 1000000")
        assert left(ledger) == 4_000
        ledger.settle("first", Spent("done", 600, 0))
        assert left(ledger) == 4_400


def test_a_call_costs_the_same_after_many_calls(tmp_path: Path, clock: Clock) -> None:
    """A reservation looks at sums and at calls that run, not at all calls of the month: counted in SQLite's steps."""
    limits = {"session_tokens": 10**9, "day_usd": 10**6, "month_tokens": 10**9}
    with closing(opener(tmp_path, clock, **limits)) as ledger:
        first = steps(ledger, "first")
        db = ledger._db
        assert db is not None
        db.execute("update calls set state = 'settled'")
        for number in range(12):
            copied = f"select '{number}-' || call_id, " + ", ".join(columns(db)[1:]) + " from calls"
            db.execute(f"insert into calls {copied}")
        assert db.execute("select count(*) from calls").fetchone() == (4096,)
        assert steps(ledger, "last") < first * 2


def steps(ledger: Ledger, call_id: str) -> int:
    """What SQLite did to reserve a call, in tens of its instructions."""
    ledger.left()
    n_steps = 0

    def count() -> None:
        nonlocal n_steps
        n_steps += 1

    assert ledger._db is not None
    ledger._db.set_progress_handler(count, 10)
    ledger.reserve(ask(call_id))
    ledger._db.set_progress_handler(None, 10)
    return n_steps


def columns(db: sqlite3.Connection) -> list[str]:
    """The columns of the table of calls."""
    return [row[1] for row in db.execute("pragma table_info(calls)")]
