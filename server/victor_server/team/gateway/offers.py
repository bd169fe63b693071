"""Tells people which models they may ask for."""

import asyncio

from victor_server.ledger.cost import to_nano
from victor_server.protocol import ModelOffer, ModelOffers
from victor_server.team.configuration.resolved import TeamSettings
from victor_server.team.gateway.prices import price_of_offer
from victor_server.team.gateway.tenancy import Offered, Tenancy


async def to_offers(tenancy: Tenancy, settings: TeamSettings) -> ModelOffers:
    """All that the tenant is allowed, the configuration's first."""
    offers = tenancy.allowed()
    default = settings.default_model or (offers[0].model.name if offers else "")
    # The price list takes a third of a second to load.
    told = await asyncio.to_thread(lambda: tuple(_offer(offered, default) for offered in offers))
    return ModelOffers(models=told)


def _offer(offered: Offered, default: str) -> ModelOffer:
    model, price = offered.model, price_of_offer(offered.model)
    return ModelOffer(
        name=model.name,
        provider=model.provider,
        model=model.model,
        region=model.region,
        context_tokens=model.context_tokens,
        max_output_tokens=model.max_output_tokens,
        tools=True,
        json_schema=True,
        input_nano=None if price is None else to_nano(price.input_usd),
        output_nano=None if price is None else to_nano(price.output_usd),
        default=model.name == default,
    )
