"""What an offered model costs, as the ledger's functions reckon."""

import json
from dataclasses import asdict
from functools import lru_cache
from typing import cast

from victor_server.ledger.model import Price
from victor_server.ledger.prices import price_of
from victor_server.settings.profiles import PriceOverride
from victor_server.team.configuration.resolved import ModelSettings


@lru_cache(maxsize=1_000)
def _listed(provider: str, model: str, base_urls: tuple[str, ...]) -> Price | None:
    return price_of(provider, model, None, base_urls=base_urls)


def price_of_offer(model: ModelSettings) -> Price | None:
    """US dollars for a million tokens; None where nobody knows. The first of a provider may take a third of a second."""
    if model.input_usd is not None and model.output_usd is not None:
        override = PriceOverride(model.input_usd, model.output_usd)
        return cast("Price", price_of(model.provider, model.model, override))
    return _listed(model.provider, model.model, model.base_urls)


def to_text(price: Price | None) -> str | None:
    """As it is kept with a call."""
    return None if price is None else json.dumps(asdict(price))
