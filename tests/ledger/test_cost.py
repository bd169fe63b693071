"""What a call costs, exactly, and that it cannot cost more than was set aside."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger.asks import ask

from victor_server.ledger.cost import MAX_NANO, bounded, cost, to_nano, to_usd, upper_bound
from victor_server.ledger.model import Price, PriceTier, Spent

CACHED = Price(3.0, 15.0, 0.3, 3.75)
TIERED = Price(0.1, 0.5, 0.01, 0.125, tiers=(PriceTier(100_000, 0.5, 2.5, 0.05, 0.625),))


def nano(price: Price, n_in: int, n_out: int, n_read: int = 0, n_written: int = 0) -> int:
    """The cost of so many tokens."""
    return cost(price, bounded(Spent("done", n_in, n_out, n_read, n_written)))


def test_each_kind_of_token_has_its_price() -> None:
    """1,000,000 in, of which 200,000 were read from a cache and 100,000 written to it, and 10,000 out."""
    dollars = {"input": 0.7 * 3, "read": 0.2 * 0.3, "written": 0.1 * 3.75, "output": 0.01 * 15}
    assert to_usd(nano(CACHED, 1_000_000, 10_000, 200_000, 100_000)) == pytest.approx(sum(dollars.values()))


def test_without_a_cache_price_cached_tokens_cost_as_input() -> None:
    """Nothing is free because the list does not name it."""
    assert nano(Price(1, 1), 100, 0, 40, 60) == nano(Price(1, 1), 100, 0)


def test_a_long_input_changes_the_price_of_all_tokens() -> None:
    """At the edge still the lower one."""
    assert nano(TIERED, 100_000, 1_000) == 10_500_000
    assert nano(TIERED, 100_001, 1_000) == 52_500_500


def test_fractions_are_rounded_up_once() -> None:
    """0.0375 dollars for a million tokens are 37.5 billionths a token."""
    assert nano(Price(0.0375, 0), 1, 0) == 38
    assert nano(Price(0.0375, 0), 2, 0) == 75
    assert nano(Price(1.1, 0), 1_000_000, 0) == 1_100_000_000


def test_a_limit_is_rounded_down() -> None:
    """And a tenth of a dollar is a tenth of a dollar."""
    assert to_nano(0.1) == 100_000_000
    assert to_nano(1e-10) == 0
    assert to_nano(1e308) == 10**18


def test_a_call_without_a_price_has_no_bound_in_money() -> None:
    """But one in tokens."""
    bound = upper_bound(ask(price=None))
    assert (bound.tokens, bound.nano) == (1_000, None)


RATE = st.one_of(st.just(0.0), st.floats(0, 1_000_000), st.decimals(0, 100, places=4).map(float))
CACHE_RATE = st.none() | RATE
TIERS = st.lists(
    st.builds(PriceTier, st.integers(1, 300_000), RATE, RATE, CACHE_RATE, CACHE_RATE), max_size=3
).map(tuple)
PRICES = st.builds(Price, RATE, RATE, CACHE_RATE, CACHE_RATE, TIERS)
COUNTS = st.integers(-10, 400_000)


@settings(deadline=None, max_examples=300)
@given(PRICES, COUNTS, COUNTS, st.data())
def test_no_call_costs_more_than_its_bound(price: Price, n_in: int, n_out: int, data: st.DataObject) -> None:
    """Whatever part of the input is cached, wherever tiers begin, even where longer inputs are cheaper."""
    bound = upper_bound(ask(input_tokens=n_in, max_output_tokens=n_out, price=price))
    used_in, used_out, read, written = (
        data.draw(st.integers(0, max(most, 0))) for most in (n_in, n_out, n_in, n_in)
    )
    spent = bounded(Spent("done", used_in, used_out, read, written))
    assert bound.nano is not None
    assert 0 <= cost(price, spent) <= bound.nano <= MAX_NANO
    assert spent.input_tokens + spent.output_tokens <= bound.tokens


@settings(deadline=None, max_examples=300)
@given(st.tuples(*[st.integers(-(10**30), 10**30)] * 4), PRICES)
def test_all_numbers_of_a_server_make_a_cost(tokens: tuple[int, int, int, int], price: Price) -> None:
    """Never below nothing, never more than the file can hold, the parts never more than the whole."""
    spent = bounded(Spent("done", *tokens, counted=True))
    assert 0 <= spent.cache_read_tokens + spent.cache_write_tokens <= spent.input_tokens
    assert 0 <= cost(price, spent) <= MAX_NANO


@settings(deadline=None, max_examples=200)
@given(PRICES, st.integers(1, 10_000), st.integers(0, 10_000))
def test_more_tokens_never_cost_less(price: Price, n_in: int, n_out: int) -> None:
    """Where there are no tiers."""
    flat = replace(price, tiers=())
    assert nano(flat, n_in - 1, n_out) <= nano(flat, n_in, n_out) <= nano(flat, n_in, n_out + 1)
