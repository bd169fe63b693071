"""docs/budgets.md says what the ledger does."""

import re
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ledger.asks import Clock, ask, opener

from victor_server.errors import BudgetExceeded
from victor_server.ledger.ledger import KEPT_DAYS, LEASE_S, RENEW_EVERY_S
from victor_server.ledger.model import Price, Spent
from victor_server.ledger.prices import price_of
from victor_server.settings.load import resolve
from victor_server.settings.profiles_file import read_profiles
from victor_server.settings.resolved import BudgetSettings

TEXT = (Path(__file__).parents[2] / "docs" / "budgets.md").read_text("utf-8")
SETTINGS, PROFILES = re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.DOTALL)


def test_the_example_settings_are_read(tmp_path: Path) -> None:
    """As the page says, without a problem."""
    (tmp_path / "settings.yaml").write_text(SETTINGS, encoding="utf-8")
    resolved = resolve(environment={"VICTOR_HOME": str(tmp_path)})
    assert resolved.problems == ()
    assert resolved.settings.budget == BudgetSettings(day_usd=5, month_usd=60, session_tokens=500_000)


def test_the_example_profile_has_its_price(tmp_path: Path) -> None:
    """Under the names that profiles.yaml has."""
    (tmp_path / "profiles.yaml").write_text(PROFILES, encoding="utf-8")
    read = read_profiles(tmp_path, {"ANTHROPIC_API_KEY": "none"})
    assert read.problems == ()
    profile = read.profiles.profiles["production"]
    assert price_of(profile.provider, profile.model, profile.price) == Price(3.0, 15.0)


def test_the_example_of_a_refusal(tmp_path: Path) -> None:
    """Word for word."""
    clock = Clock(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp())
    with closing(opener(tmp_path, clock, day_usd=5)) as ledger:
        ledger.reserve(ask(price=Price(1, 1)))
        ledger.settle("call", Spent("done", 4_980_000, 0))
        wanted = ask("next", price=Price(3.0, 15.0), input_tokens=4_500, max_output_tokens=4_000)
        with pytest.raises(BudgetExceeded) as caught:
            ledger.reserve(wanted)
    assert caught.value.message in TEXT


def test_the_numbers_are_those_of_the_code() -> None:
    """Leases, and how long calls are kept."""
    words = " ".join(TEXT.split())
    assert f"stays so for {LEASE_S:.0f} seconds" in words
    assert f"say every {RENEW_EVERY_S:.0f} seconds" in words
    assert f"older than {KEPT_DAYS} days" in words
