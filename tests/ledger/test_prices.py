"""What models cost, without a look at the network."""

from pathlib import Path
from typing import get_args

import pytest
from genai_prices import Usage, calc_price
from genai_prices.data_snapshot import get_snapshot
from hypothesis import given, settings
from hypothesis import strategies as st
from no_socket import NoSocket

from victor_server.ledger.cost import bounded, cost, to_usd
from victor_server.ledger.model import Price, Spent
from victor_server.ledger.prices import price_of, price_of_profile
from victor_server.settings.profiles import PriceOverride, Profile, ProviderName

LOCAL = ["ollama", "vllm", "lmstudio", "llamacpp", "embedded", "scripted", "team"]
"""A team's backend keeps its own accounts, and its budgets hold there."""
HAIKU = "claude-3-haiku-20240307"


@pytest.mark.parametrize("provider", LOCAL)
def test_models_of_ones_own_cost_nothing(provider: str) -> None:
    """Whatever their name: a local copy of a model that is sold elsewhere is free."""
    assert price_of(provider, "gpt-4o", None) == Price(0, 0)


@pytest.mark.parametrize("model", ["gpt-oss:120b-cloud", "glm-4.6:cloud"])
def test_what_ollama_has_answered_elsewhere_has_no_price(model: str) -> None:
    """Such models are paid for by subscription; nobody knows what a token costs."""
    assert price_of("ollama", model, None) is None


def test_the_installed_list_is_read() -> None:
    """A model whose price no longer changes, with its cache."""
    assert price_of("anthropic", HAIKU, None) == Price(0.25, 1.25, 0.03, 0.3)


def test_long_inputs_cost_more() -> None:
    """Tiers of the list come along, all of a tier together."""
    price = price_of("google", "gemini-1.5-pro", None)
    assert price is not None
    assert price.input_usd == 1.25
    assert [(tier.above_tokens, tier.input_usd, tier.output_usd) for tier in price.tiers] == [
        (128_000, 2.5, 10.0)
    ]


@pytest.mark.parametrize("provider", sorted({*get_args(ProviderName)} - {*LOCAL}))
def test_a_model_that_nobody_knows_has_no_price(provider: str) -> None:
    """Unknown is None: never 0, and never the price of something that sounds alike."""
    assert price_of(provider, "no-such-model-9000", None) is None


@pytest.mark.parametrize("model", ["text-embedding-3-small", "whisper-1"])
def test_what_is_not_sold_by_tokens_has_no_price(model: str) -> None:
    """It answers no text, or is charged for time."""
    assert price_of("openai", model, None) is None


@pytest.mark.parametrize("provider", [*LOCAL, "anthropic", "openai-compatible"])
def test_what_the_person_says_counts(provider: str) -> None:
    """Over the list, and where there is none."""
    assert price_of(provider, HAIKU, PriceOverride(7, 8)) == Price(7, 8)


@pytest.mark.parametrize(
    ("provider", "model", "urls", "known"),
    [
        ("openai-compatible", "mistral-small-2506", ["https://api.mistral.ai/v1"], True),
        ("openai-compatible", "mistral-small-2506", [], False),
        ("openai-compatible", "gpt-4o", ["http://localhost:4000"], False),
        ("openai-compatible", "gpt-4o", ["https://api.openai.com/v1", "https://proxy.internal"], False),
        ("openai", "gpt-4o", ["https://proxy.internal/openai"], True),
        ("openai", "gpt-4o", ["https://api.mistral.ai/v1"], False),
        ("anthropic", HAIKU, ["https://proxy.internal"], True),
    ],
)
def test_the_address_says_who_sells(provider: str, model: str, urls: list[str], known: bool) -> None:
    """A compatible server has the prices of whoever is at its address; a proxy those of the provider behind it."""
    assert (price_of(provider, model, None, base_urls=urls) is not None) == known


def test_a_profile_has_a_price() -> None:
    """Its provider, model, override and servers all count."""
    assert price_of_profile(Profile("p", "anthropic", HAIKU)) == Price(0.25, 1.25, 0.03, 0.3)
    assert price_of_profile(Profile("p", "openai", "gpt-4o", base_urls=("https://api.mistral.ai",))) is None
    assert price_of_profile(Profile("p", "ollama", "m", price=PriceOverride(1, 2))) == Price(1, 2)


def test_prices_come_from_this_machine(tmp_path: Path) -> None:
    """Asking for prices opens no socket, starts no thread, and needs no network: not even loopback is up."""
    guard = NoSocket(tmp_path / "guard")
    code = (
        "import threading\n"
        "from victor_server.ledger.prices import price_of\n"
        f"print(price_of('anthropic', {HAIKU!r}, None).input_usd, threading.active_count())\n"
        "print(price_of('openai-compatible', 'x', None, base_urls=['https://unknown.internal']))\n"
        "from genai_prices import update_prices\n"
        "print(update_prices._shared_updater.ref_count, update_prices._shared_updater.thread)\n"
    )
    done = guard.python(code, tmp_path)
    assert (done.stdout, done.stderr) == ("0.25 1\nNone\n0 None\n", "")
    assert guard.opened == ""


def test_local_models_need_no_list(tmp_path: Path) -> None:
    """The list's library is not loaded for them: starting stays quick."""
    code = (
        "import sys\n"
        "from victor_server.ledger.prices import price_of\n"
        "price_of('ollama', 'm', None)\n"
        "print(any(name.startswith(('genai_prices', 'httpx')) for name in sys.modules))"
    )
    assert NoSocket(tmp_path / "guard").python(code, tmp_path).stdout == "False\n"


def sold_models() -> list[tuple[str, str]]:
    """Every model of the list, at the providers that a profile can name."""
    sellers = {seller.id: seller for seller in get_snapshot().providers}
    return [(name, model.id) for name in ("anthropic", "openai", "google") for model in sellers[name].models]


MODELS = sold_models()
COUNTS = st.integers(0, 400_000)


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(MODELS), COUNTS, COUNTS, COUNTS, COUNTS)
def test_costs_are_those_of_the_list(
    model: tuple[str, str], n_read: int, n_written: int, n_fresh: int, n_out: int
) -> None:
    """The list's own arithmetic says the same, for every model, with and without its cache, in every tier."""
    price = price_of(*model, None)
    if price is None:
        return
    if price.cache_write_usd is None:
        n_written = 0  # the list does not charge what nobody offers; we would, as input
    n_in = n_read + n_written + n_fresh
    used = Usage(
        input_tokens=n_in, output_tokens=n_out, cache_read_tokens=n_read, cache_write_tokens=n_written
    )
    listed = calc_price(used, model[1], provider_id=model[0]).total_price
    ours = cost(price, bounded(Spent("done", n_in, n_out, n_read, n_written)))
    assert to_usd(ours) == pytest.approx(float(listed), abs=2e-9)


def test_most_sold_models_have_a_price() -> None:
    """Those without answer no text, or are free of charge with conditions: never one of the main ones."""
    priced = [model for model in MODELS if price_of(*model, None)]
    assert len(priced) > 0.8 * len(MODELS)
