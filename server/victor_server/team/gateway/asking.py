"""Asks the servers of a model for an answer: another one, or the same once more, as long as nothing was said."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from victor_server.agent.events import AnsweredBy, ModelEvent, ProviderEvent, Stopped
from victor_server.agent.router.health import Server
from victor_server.errors import (
    BadResponse,
    BrokeOff,
    ProviderAuth,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    ServerSilent,
    VictorError,
)
from victor_server.team.gateway.admission import Admitted
from victor_server.team.gateway.providers import Providers
from victor_server.team.gateway.run import Renew, Run
from victor_server.team.gateway.servers import Servers
from victor_server.team.gateway.taking_out import TakingOut
from victor_server.telemetry.tracing import OpenSpan

_ANOTHER_MAY_ANSWER = (ProviderUnavailable, RateLimited, BadResponse, ProviderAuth)
_MAY_HAVE_WORKED = (ServerSilent, BrokeOff, BadResponse)
"""After these an attempt is charged for its input at least; other errors turn it away, or it never got there."""

ReserveAgain = Callable[[Admitted, Run], Awaitable[None]]


async def ask(
    admitted: Admitted,
    run: Run,
    providers: Providers,
    servers: Servers,
    renew: Renew,
    reserve_again: ReserveAgain,
) -> AsyncGenerator[ModelEvent, None]:
    """The answer of the first server that gives one. Raises what failed last.

    Each attempt that may be charged for has its own reservation: `reserve_again` makes one more, or raises, and then
    what failed before is raised.
    """
    n_rounds = 0
    while True:
        n_rounds += 1
        for server in servers.in_order(run.opening.tenant, admitted.offered):
            try:
                async with aclosing(_of_server(server, admitted, run, providers, servers, renew)) as events:
                    async for event in events:
                        yield event
                return
            except _ANOTHER_MAY_ANSWER as error:
                if run.is_cancelled or run.meter.n_events or isinstance(error, ServerSilent):
                    raise
                failed: ProviderError = error
                if run.is_pending:
                    await _again(admitted, run, reserve_again, error)
        wait_s = servers.wait_s(failed, n_rounds)
        if wait_s is None:
            raise failed
        if not await run.pause(wait_s):
            return


async def _again(admitted: Admitted, run: Run, reserve_again: ReserveAgain, failed: ProviderError) -> None:
    try:
        await reserve_again(admitted, run)
    except VictorError:
        raise failed from None
    run.begin_again(admitted.meter())


async def _of_server(
    server: Server, admitted: Admitted, run: Run, providers: Providers, servers: Servers, renew: Renew
) -> AsyncGenerator[ModelEvent, None]:
    meter = run.meter
    async with providers.using(run.opening.tenant, admitted.offered, server[1]) as (provider, key):
        taking_out = TakingOut(key)
        run.was_sent = run.is_pending = True
        begun = time.monotonic()
        traced, kind = _span_of(admitted, run), "bug"
        try:
            with servers.asked(server):
                async with aclosing(provider.stream(admitted.request)) as events:
                    while (event := await _next(run, events, traced)) is not None:
                        if isinstance(event, AnsweredBy):
                            continue  # who is behind a provider is not the affair of who asked
                        is_first = not meter.has_said
                        may_go_on = meter.saw(event)
                        if is_first and meter.has_said:
                            servers.answered(server, time.monotonic() - begun)
                            await run.speaks(renew)
                        for told in taking_out.feed(event):
                            yield told
                        if not may_go_on and not isinstance(event, Stopped):
                            meter.is_complete = True
                            for told in taking_out.feed(Stopped("max_tokens")):
                                yield told
                            break
                if meter.is_complete:
                    servers.succeeded(server)
            kind = ""
        except VictorError as error:
            run.is_pending, kind = isinstance(error, _MAY_HAVE_WORKED), error.kind
            raise
        except (GeneratorExit, asyncio.CancelledError):
            kind = ""
            raise
        finally:
            spent = meter.spent("done")
            used = {
                "gen_ai.usage.input_tokens": spent.input_tokens,
                "gen_ai.usage.output_tokens": spent.output_tokens,
            }
            traced.end(used if meter.n_events else {}, kind)


async def _next(
    run: Run, events: AsyncGenerator[ProviderEvent, None], traced: OpenSpan
) -> ProviderEvent | None:
    """Until its first event the span is the current one, so that the request carries it."""
    if run.meter.n_events:
        return await run.next_of(events)
    with traced.within():
        return await run.next_of(events)


def _span_of(admitted: Admitted, run: Run) -> OpenSpan:
    opening, model = run.opening, admitted.offered.model
    attributes: dict[str, str | int | float | bool] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": opening.provider,
        "gen_ai.request.model": model.model,
        "gen_ai.request.max_tokens": admitted.request.max_output_tokens,
    }
    return OpenSpan(f"chat {model.model}", attributes, parent=admitted.start.traceparent)
