"""Models of the team's backend: what any other provider is, behind the connection that the edge has to it."""

import secrets
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Protocol

from victor_server.agent.events import AnsweredBy, ProviderEvent, Stopped
from victor_server.agent.messages import ModelRequest
from victor_server.agent.providers.estimate import tokens_of_request
from victor_server.agent.providers.provider import Capabilities, ModelInfo, PullProgress
from victor_server.agent.providers.team_wire import from_wire_event, to_wire_request
from victor_server.errors import NotThere, ProviderUnavailable, UsageError
from victor_server.protocol import CallStart, ModelOffer, WireEvent

BACKENDS_CHOICE = "team"
"""The model of a profile that names none: the backend chooses."""


class Backend(Protocol):
    """The backend, as far as models go. Raises from the ProviderError tree, OfflineBlocked, BudgetExceeded, Forbidden."""

    @property
    def url(self) -> str:
        """Where it is."""
        ...

    def call(self, start: CallStart) -> AsyncGenerator[WireEvent, None]:
        """The answer as it comes; closing it ends the call."""
        ...

    async def offers(self) -> Sequence[ModelOffer]:
        """What it offers this person."""
        ...


class TeamProvider:
    """Implements `Provider`."""

    name = "team"
    is_local = False

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    @property
    def address(self) -> str:
        """The backend; which provider and model of its own answers is told with each answer."""
        return self._backend.url

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ProviderEvent, None]:
        """The answer. The same call goes on where a connection is lost; see `remote.attach.Link.call`."""
        model = "" if request.model == BACKENDS_CHOICE else request.model
        start = CallStart(
            call_id=uuid.uuid4().hex, request=to_wire_request(request, model), traceparent=_new_trace()
        )
        stopped: Stopped | None = None
        async with aclosing(self._backend.call(start)) as events:
            async for wire in events:
                if wire.type == "routed":
                    yield AnsweredBy(_who(wire))
                    continue
                event = from_wire_event(wire)
                if isinstance(event, Stopped):
                    stopped = event  # it is the last, whatever order the backend has
                elif event is not None:
                    yield event
        if stopped is None:
            raise ProviderUnavailable("The team's backend broke off in its answer.", "Try again.")
        yield stopped

    async def capabilities(self, model: str) -> Capabilities:
        """As the backend offers it."""
        offer = await self._offer(model)
        return Capabilities(
            context_tokens=offer.context_tokens,
            max_output_tokens=offer.max_output_tokens,
            tools=offer.tools,
            json_schema=offer.json_schema,
        )

    async def count_tokens(self, request: ModelRequest) -> int:
        """An estimate."""
        return tokens_of_request(request)

    async def models(self) -> Sequence[ModelInfo]:
        """All that this person is offered."""
        return tuple(
            ModelInfo(offer.name, context_tokens=offer.context_tokens)
            for offer in await self._backend.offers()
        )

    async def check(self) -> None:
        """Raise what keeps the backend from answering."""
        if not await self._backend.offers():
            raise _no_offers()

    async def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Raise UsageError: what the backend has is its own affair."""
        raise UsageError("The team's backend has no models to fetch.")
        yield  # makes this a generator

    async def close(self) -> None:
        """Nothing is held: the connection is the edge's."""

    async def _offer(self, model: str) -> ModelOffer:
        offers = await self._backend.offers()
        if not offers:
            raise _no_offers()
        wanted = [
            offer for offer in offers if offer.name == model or (model == BACKENDS_CHOICE and offer.default)
        ]
        if not wanted and model == BACKENDS_CHOICE:
            wanted = list(offers[:1])
        if not wanted:
            names = ", ".join(offer.name for offer in offers)[:500] or "none"
            raise NotThere(f"The team's backend offers no model {model[:100]}.", f"It offers: {names}.")
        return wanted[0]


def _no_offers() -> NotThere:
    return NotThere(
        "The team's backend offers you no model.",
        "Ask whoever runs it: a model is added below `models:` in its configuration or with `victor team models set`,"
        " and the tenant's region and policy must let it in.",
    )


def _new_trace() -> str:
    """W3C trace context of a trace that begins here; the backend's spans and the provider's are below it."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def _who(routed: WireEvent) -> str:
    """Provider, model and region behind the backend, as a receipt shows them."""
    model = routed.model
    if routed.upstream and routed.upstream != model:
        model = f"{model}, {routed.upstream}"
    region = f", region {routed.region}" if routed.region else ""
    return f"{routed.provider}: {model}{region}"[:300]
