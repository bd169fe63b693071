"""What a model costs: what the person says, else the price list that comes installed; nothing is ever fetched."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from victor_server.ledger.model import Price, PriceTier
from victor_server.settings.profiles import PriceOverride, Profile

if TYPE_CHECKING:
    from decimal import Decimal

    from genai_prices.types import ModelInfo, ModelPrice, TieredPrices

    Rate = Decimal | TieredPrices

_FREE = frozenset({"ollama", "vllm", "lmstudio", "llamacpp", "embedded", "scripted", "team"})
"""They run on machines of the person's or their organisation's own; a team's backend keeps its own accounts."""

_LISTED = frozenset({"anthropic", "openai", "google"})
"""They have the same name in the price list."""

_CLOUD_OF_OLLAMA = ("-cloud", ":cloud")
"""How models are named that an Ollama server has answered by Ollama's own machines, for a subscription."""


def price_of_profile(profile: Profile) -> Price | None:
    """What the profile's model costs now; as `price_of`."""
    return price_of(profile.provider, profile.model, profile.price, base_urls=profile.base_urls)


def price_of(
    provider: str, model: str, override: PriceOverride | None, *, base_urls: Sequence[str] = ()
) -> Price | None:
    """What a model costs now: `override` if there is one, nothing on machines of one's own, else the list's price.

    None where nobody knows: the list has no such model or server, servers differ, or not only tokens are charged. A
    server that the list does not know, before a listed provider, is taken for a proxy that leads there. The first
    call for such a provider loads the list (a third of a second): call it in a thread.
    """
    if override is not None:
        return Price(override.input_usd, override.output_usd)
    if provider in _FREE:
        is_cloud = provider == "ollama" and model.endswith(_CLOUD_OF_OLLAMA)
        return None if is_cloud else Price(0.0, 0.0)
    behind = provider if provider in _LISTED else ""
    prices = {_listed_price(model, _sells_at(url) or behind) for url in base_urls or [""]}
    return prices.pop() if len(prices) == 1 else None


def _sells_at(url: str) -> str:
    """Who sells models at an address, by the list's name; "" where the list does not know it."""
    from genai_prices.data_snapshot import get_snapshot

    try:
        return get_snapshot().find_provider(None, None, url).id if url else ""
    except LookupError:
        return ""


def _listed_price(model: str, provider: str) -> Price | None:
    found = _listed(model, provider) if provider else None
    return None if found is None else _to_price(found.get_prices(datetime.now(UTC)))


@lru_cache(maxsize=256)
def _listed(model: str, provider: str) -> "ModelInfo | None":
    # Here, not above: the list takes a third of a second to load, and models of one's own need none.
    from genai_prices.data_snapshot import get_snapshot

    try:
        return get_snapshot().find_provider_model(model, None, provider, None)[1]
    except LookupError:
        return None


_OF_TOKENS = ("input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok")
_UNUSED = ("image", "audio", "video", "searches", "_1h_")
"""Parts of the names of what is charged for things that Victor does not ask for."""


def _to_price(listed: "ModelPrice") -> Price | None:
    rates: dict[str, Rate] = {name: rate for name, rate in vars(listed).items() if rate is not None}
    others = [name for name in rates if name not in _OF_TOKENS and not any(part in name for part in _UNUSED)]
    if others or "input_mtok" not in rates or "output_mtok" not in rates:
        return None
    starts = {tier.start for name in _OF_TOKENS for tier in getattr(rates.get(name), "tiers", ())}
    base, *further = (_to_tier(rates, start) for start in sorted({0, *starts}))
    return Price(
        base.input_usd, base.output_usd, base.cache_read_usd, base.cache_write_usd, tiers=tuple(further)
    )


def _to_tier(rates: "Mapping[str, Rate]", start: int) -> PriceTier:
    """What tokens cost in a call whose input has more than `start` tokens."""
    read, write = (
        _at(rates[name], start) if name in rates else None for name in ("cache_read_mtok", "cache_write_mtok")
    )
    return PriceTier(start, _at(rates["input_mtok"], start), _at(rates["output_mtok"], start), read, write)


def _at(rate: "Rate", start: int) -> float:
    from genai_prices.types import TieredPrices

    if not isinstance(rate, TieredPrices):
        return float(rate)
    return float(next((tier.price for tier in reversed(rate.tiers) if tier.start <= start), rate.base))
