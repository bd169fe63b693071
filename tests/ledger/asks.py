"""What ledger tests ask for, and a clock that stands still."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from victor_server.ledger.ledger import Ledger
from victor_server.ledger.model import Ask, Price
from victor_server.settings.resolved import BudgetSettings

NOON = 1_795_348_800.0
"""2026-11-22 12:00 UTC."""

DOLLAR = Price(1.0, 1.0)
"""A dollar for a million tokens."""

_ASK = Ask("call", "session", "/w", "chat", "cloud", "anthropic", "model-1", 600, 400, DOLLAR)


class Clock:
    """Shows what it was set to."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def ask(call_id: str = "call", **changes: object) -> Ask:
    """A call of at most 600 + 400 tokens, for 0.001 dollars."""
    return replace(_ASK, call_id=call_id, **changes)  # type: ignore[arg-type]  # the fields of Ask


def opener(folder: Path, clock: Callable[[], float], **limits: float) -> Ledger:
    """A ledger in `folder` with these budgets."""
    return Ledger(folder / "ledger.db", BudgetSettings(**limits), clock)  # type: ignore[arg-type]  # the fields of BudgetSettings
