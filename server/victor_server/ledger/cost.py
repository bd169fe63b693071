"""What a call costs: in whole billionths of a US dollar, so that sums are exact; always rounded up."""

import math
from dataclasses import dataclass, replace

from victor_server.ledger.model import Ask, Price, PriceTier, Spent

MAX_NANO = 10**15
"""A call that would cost more than a million dollars counts as one of a million."""

MAX_TOKENS = 10**9
_NANO = 1_000_000_000
_PICO_PER_TOKEN = 1_000_000  # a dollar for a million tokens, in trillionths for one token


@dataclass(frozen=True, slots=True)
class Bound:
    """What a call cannot exceed; `nano` (billionths of a dollar) is None where nobody knows the price."""

    input_tokens: int
    output_tokens: int
    nano: int | None

    @property
    def tokens(self) -> int:
        """All tokens."""
        return self.input_tokens + self.output_tokens


def upper_bound(ask: Ask) -> Bound:
    """What a call cannot exceed. Input may be read from a cache or written to one, in any tier: the dearest counts."""
    n_input, n_output = _whole(ask.input_tokens), _whole(ask.max_output_tokens)
    if ask.price is None:
        return Bound(n_input, n_output, None)
    rates = [_rates(tier) for tier in _reached(ask.price, n_input)]
    worst = max(n_input * max(fresh, read, write) + n_output * output for fresh, output, read, write in rates)
    return Bound(n_input, n_output, _nano(worst))


def cost(price: Price, spent: Spent) -> int:
    """What `spent` (as `bounded` gives it) costs, in billionths, at the tier that its input has reached."""
    fresh, output, read, write = _rates(_reached(price, spent.input_tokens)[-1])
    n_fresh = spent.input_tokens - spent.cache_read_tokens - spent.cache_write_tokens
    cached = spent.cache_read_tokens * read + spent.cache_write_tokens * write
    return _nano(n_fresh * fresh + cached + spent.output_tokens * output)


def bounded(spent: Spent) -> Spent:
    """`spent` in numbers that make sense: they come from servers. What was not sent has used nothing."""
    if spent.outcome == "not_sent":
        return Spent("not_sent")
    n_input = _whole(spent.input_tokens)
    n_read = min(_whole(spent.cache_read_tokens), n_input)
    n_write = min(_whole(spent.cache_write_tokens), n_input - n_read)
    return replace(
        spent,
        input_tokens=n_input,
        output_tokens=_whole(spent.output_tokens),
        cache_read_tokens=n_read,
        cache_write_tokens=n_write,
    )


def tiers_of(price: Price) -> tuple[PriceTier, ...]:
    """All tiers of a price, shortest inputs first."""
    base = PriceTier(0, price.input_usd, price.output_usd, price.cache_read_usd, price.cache_write_usd)
    return (base, *sorted(price.tiers, key=lambda tier: tier.above_tokens))


def to_nano(usd: float) -> int:
    """A limit in billionths, rounded down; a billion dollars is as good as any more."""
    return int(round(min(usd, 1e9) * _NANO, 3))


def to_usd(nano: int) -> float:
    """Billionths as dollars."""
    return nano / _NANO


def _reached(price: Price, n_input: int) -> tuple[PriceTier, ...]:
    base, *further = tiers_of(price)
    return (base, *(tier for tier in further if tier.above_tokens < n_input))


def _rates(tier: PriceTier) -> tuple[int, int, int, int]:
    """Input, output, cache read and cache write, each in trillionths for a token."""
    read = tier.input_usd if tier.cache_read_usd is None else tier.cache_read_usd
    write = tier.input_usd if tier.cache_write_usd is None else tier.cache_write_usd
    return _rate(tier.input_usd), _rate(tier.output_usd), _rate(read), _rate(write)


def _rate(usd: float) -> int:
    # Rounded before it is rounded up: 1.1 * 1,000,000 is a little more than 1,100,000.
    return math.ceil(round(usd * _PICO_PER_TOKEN, 3))


def _nano(pico: int) -> int:
    return min(-(-pico // 1000), MAX_NANO)


def _whole(n_tokens: int) -> int:
    return min(max(n_tokens, 0), MAX_TOKENS)
