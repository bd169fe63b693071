"""What the ledger is asked and told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class PriceTier:
    """What all tokens of a call cost whose input has more than `above_tokens` tokens; as in `Price`."""

    above_tokens: int
    input_usd: float
    output_usd: float
    cache_read_usd: float | None = None
    cache_write_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens; cache prices None: as input. `tiers`: what long inputs cost, shortest first."""

    input_usd: float
    output_usd: float
    cache_read_usd: float | None = None
    cache_write_usd: float | None = None
    tiers: tuple[PriceTier, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """What a call may use at most. `price` None: nobody knows what it costs; local models cost nothing."""

    call_id: str
    session_id: str
    workspace: str
    task: str
    profile: str
    provider: str
    model: str
    input_tokens: int
    max_output_tokens: int
    price: Price | None


@dataclass(frozen=True, slots=True)
class Reservation:
    """An upper bound that is set aside until the call is settled, or the reservation expires."""

    call_id: str
    tokens: int
    cost_usd: float | None


Outcome = Literal["done", "cancelled", "failed", "not_sent"]


@dataclass(frozen=True, slots=True)
class Spent:
    """What a call has used. `not_sent`: nothing left, nothing is charged.

    `input_tokens` counts all input, those read from or written to the provider's cache included.
    """

    outcome: Outcome
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    counted: bool = True


Period = Literal["month", "day", "session"]
Unit = Literal["tokens", "usd"]


@dataclass(frozen=True, slots=True)
class BudgetState:
    """One budget: what it allows, what calls have used, and what is set aside for calls that run, in its unit.

    `name` is the setting, such as `budget.day_usd`. `renews_at` in seconds since the epoch; a session's never does.
    """

    name: str
    period: Period
    unit: Unit
    limit: float
    used: float
    reserved: float
    renews_at: float | None

    @property
    def left(self) -> float:
        """What a further call may use; 0 if more was used than allowed."""
        return max(0, round(self.limit - self.used - self.reserved, 9))


@dataclass(frozen=True, slots=True)
class Used:
    """Sums over calls. `cost_usd` is of those whose price is known; `unpriced_calls` are the others.

    `estimated_calls` are those whose tokens no provider has counted: it gave no numbers, or the process died.
    """

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cost_usd: float = 0.0
    unpriced_calls: int = 0
    estimated_calls: int = 0


Dimension = Literal["day", "model", "provider", "task", "session"]
DIMENSIONS: tuple[Dimension, ...] = ("day", "model", "provider", "task", "session")


@dataclass(frozen=True, slots=True)
class Summary:
    """What calls have used in all, and by each dimension: value → sums, days in order, others dearest first."""

    total: Used
    by: Mapping[Dimension, Mapping[str, Used]]
