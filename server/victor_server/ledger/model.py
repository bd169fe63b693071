"""What the ledger is asked and told."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens; cache prices None: as input."""

    input_usd: float
    output_usd: float
    cache_read_usd: float | None = None
    cache_write_usd: float | None = None


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
    """What a call has used. `not_sent`: nothing left, nothing is charged."""

    outcome: Outcome
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    counted: bool = True
