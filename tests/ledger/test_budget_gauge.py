"""What an editor's status line is told of the budgets: the one nearest to its end, when a person would notice."""

from pathlib import Path

import pytest
from ledger.asks import NOON, Clock, ask

from victor_server.compose.budget_gauge import BudgetGauge
from victor_server.ledger.ledger import LEDGER_FILE, Ledger
from victor_server.ledger.model import Spent
from victor_server.settings.resolved import BudgetSettings


class Desk:
    """A ledger, and a gauge of its own that counts how often it told."""

    def __init__(self, home: Path, **limits: float) -> None:
        budgets = BudgetSettings(**limits)  # type: ignore[arg-type]  # the fields of BudgetSettings
        self.clock = Clock(NOON)
        self.n_told = 0
        self.gauge = BudgetGauge(home / LEDGER_FILE, budgets, self.tell, self.clock)
        self.ledger = Ledger(home / LEDGER_FILE, budgets, self.clock, self.gauge.look)

    def tell(self) -> None:
        """Count."""
        self.n_told += 1

    def spend(self, call_id: str, n_tokens: int, session_id: str = "session") -> None:
        """A call that used so much."""
        self.ledger.reserve(ask(call_id, session_id=session_id))
        self.ledger.settle(call_id, Spent("done", n_tokens))

    def close(self) -> None:
        """Let go of the file."""
        self.ledger.close()
        self.gauge.close()


def test_the_nearest_to_its_end(tmp_path: Path) -> None:
    """By its share, in whatever unit; a chat's own counts as that of the chat that was asked last."""
    desk = Desk(tmp_path, day_tokens=100_000, month_usd=10.0, session_tokens=5_000)
    desk.gauge.look()
    assert desk.gauge.nearest is not None
    desk.spend("one", 900, "first")
    assert desk.gauge.nearest.name == "budget.session_tokens"
    assert (desk.gauge.nearest.used, desk.gauge.nearest.left) == (900, 4_100)
    desk.spend("two", 10, "second")
    assert (desk.gauge.nearest.name, desk.gauge.nearest.used) == ("budget.day_tokens", 910)
    desk.close()


def test_it_tells_what_a_person_would_notice(tmp_path: Path) -> None:
    """A whole percent, not a token; and the next day."""
    desk = Desk(tmp_path, day_tokens=100_000)
    desk.gauge.look()
    n_before = desk.n_told
    desk.spend("one", 10)
    assert desk.n_told == n_before
    desk.spend("two", 1_000)
    assert desk.n_told == n_before + 1
    desk.clock.now += 86_400
    desk.gauge.look()
    assert desk.n_told == n_before + 2
    assert desk.gauge.nearest is not None
    assert desk.gauge.nearest.used == 0
    desk.close()


def test_without_limits_nothing_is_read(tmp_path: Path) -> None:
    """No file is made, and nothing is told."""
    desk = Desk(tmp_path)
    desk.gauge.look("session")
    assert (desk.gauge.nearest, desk.n_told) == (None, 0)
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_that_cannot_be_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """There is no budget to show; that is no reason to fail."""
    (tmp_path / LEDGER_FILE).mkdir()
    desk = Desk(tmp_path, day_tokens=1_000)
    with caplog.at_level("INFO"):
        desk.gauge.look()
    assert desk.gauge.nearest is None
    assert "could not be read" in caplog.text


def test_a_limit_of_nothing_is_used_up(tmp_path: Path) -> None:
    """Nothing may be spent, so nothing is nearer to its end."""
    desk = Desk(tmp_path, day_tokens=0, month_tokens=5)
    desk.gauge.look()
    assert desk.gauge.nearest is not None
    assert (desk.gauge.nearest.name, desk.gauge.nearest.left) == ("budget.day_tokens", 0)
    desk.close()


def test_after_it_was_closed(tmp_path: Path) -> None:
    """A late call opens nothing again."""
    desk = Desk(tmp_path, day_tokens=1_000)
    desk.gauge.close()
    desk.gauge.look()
    assert not (tmp_path / LEDGER_FILE).exists()
