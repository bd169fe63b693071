"""The only caller of a provider: policy → budget → redact → call → receipt → audit → ledger."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace

from victor_server.agent.calls.account import Account
from victor_server.agent.calls.call import CallEvent, ModelCall
from victor_server.agent.calls.leg import Leg
from victor_server.agent.events import AnsweredBy, ModelEvent, Stopped, Usage
from victor_server.agent.messages import ModelRequest
from victor_server.agent.providers.provider import Provider
from victor_server.agent.redaction.outgoing import Cleared, clear
from victor_server.agent.router.decision import Decision, Need, RuledOut
from victor_server.agent.router.tasks import task_of
from victor_server.agent.run_events import Metered, Noted, ReceiptWritten, Routed
from victor_server.agent.services import AgentServices
from victor_server.agent.uninterrupted import uninterrupted
from victor_server.agent.window import tokens_of_long
from victor_server.errors import (
    BadResponse,
    NoModel,
    OfflineBlocked,
    ProviderAuth,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    Rejected,
    SecretBlocked,
    SettingsError,
    VictorError,
)
from victor_server.ledger.answers import key_of

LONG_WAIT_S = 2.0
"""A wait that the person is told of, and that is not taken where another profile may answer."""

_ANOTHER_MAY_ANSWER = (
    ProviderUnavailable,
    RateLimited,
    BadResponse,
    Rejected,
    ProviderAuth,
    OfflineBlocked,
    SettingsError,
)


def _never() -> bool:
    return False


async def call_model(
    call: ModelCall, services: AgentServices, is_enough: Callable[[], bool] = _never
) -> AsyncGenerator[CallEvent, None]:
    """The answer as it comes: Routed (again after a fallback), the model's events, Metered, ReceiptWritten.

    Use it with `contextlib.aclosing`. Ended early, by `aclose` or a cancel, the connection to the server is closed and
    the call settled at what is known before that returns. `is_enough` is asked after each event: True ends the answer
    in the same way, but Metered and ReceiptWritten follow. Another profile, or the same once more, is tried only as
    long as the model has said nothing.

    Raises, and nothing was sent: SecretBlocked, NoModel, OfflineBlocked, UsageError (no such profile), BudgetExceeded,
    AuditFailed, HistoryFailed (the ledger), Unavailable (the conversation was closed). Raises ProviderError as the
    provider does, after the last of them that was tried. In every case receipt, audit log and ledger are right.
    """
    account = Account(call, services)
    try:
        async with aclosing(_answer(call, services, account)) as events:
            async for event in events:
                yield event
                if is_enough():
                    account.stopped()
                    break
    except BaseException as error:
        account.broke_off(error)
        raise
    finally:
        await uninterrupted(account.close())
    yield Metered(account.usage, account.cost_usd)
    if account.receipt_id:
        yield ReceiptWritten(account.receipt_id)
    else:
        yield Noted("The receipt of this answer could not be kept; the log says why.")


async def _answer(
    call: ModelCall, services: AgentServices, account: Account
) -> AsyncGenerator[CallEvent, None]:
    """The answer of whoever can give it."""
    _refuse_private_files(call, services)
    cleared, n_input = await _clear(call, services)
    account.redacted = cleared.redacted
    need = _need(call, n_input)
    failed: list[RuledOut] = []
    last: VictorError | None = None
    n_waits = 0
    while True:
        try:
            decision = await _decide(services, need, failed, last)
        except RateLimited as error:
            if last is not None:
                raise last from None  # it was waited for already
            n_waits += 1
            wait_s = services.router.retry_wait_s(error, n_waits)
            if wait_s is None:
                raise
            if wait_s > LONG_WAIT_S:
                yield Noted(f"{error.message} Trying again in {wait_s:.0f} s.")
            await asyncio.sleep(wait_s)
            continue
        if last is not None:
            yield Noted(f"{failed[-1].profile} did not answer: {last.message}")
        yield Routed(decision)
        leg = account.begin(decision)
        try:
            async with aclosing(_leg(leg, call, services, account, cleared, n_input)) as events:
                async for event in events:
                    yield event
            return
        except _ANOTHER_MAY_ANSWER as error:
            if leg.has_said:
                raise
            last = error
            failed.append(RuledOut(decision.profile, error.message))
            await uninterrupted(account.fail_leg(error))


def _refuse_private_files(call: ModelCall, services: AgentServices) -> None:
    for file in call.files:
        why = services.private_files.why(file.path) if file.path else ""
        if why:
            raise SecretBlocked(f"{file.path} was not sent: {why}.", "Ask without this file.")


async def _clear(call: ModelCall, services: AgentServices) -> tuple[Cleared, int]:
    """The request without secrets, and how many tokens it has at most."""
    for key in services.own_keys:
        call.redaction.remember(key, "api-key")
    request = ModelRequest(
        model="",
        messages=call.messages,
        max_output_tokens=call.max_output_tokens or task_of(call.task).max_output_tokens,
        system=call.system,
        tools=call.tools,
        json_schema=call.json_schema,
        stop=call.stop,
    )
    cleared = await clear(request, call.redaction)
    return cleared, await tokens_of_long(cleared.request)


def _need(call: ModelCall, n_input: int) -> Need:
    return Need(
        task=call.task,
        profile=call.profile,
        input_tokens=n_input,
        max_output_tokens=call.max_output_tokens or task_of(call.task).max_output_tokens,
        tools=bool(call.tools),
        json_schema=call.json_schema is not None,
    )


async def _decide(
    services: AgentServices, need: Need, failed: Sequence[RuledOut], last: VictorError | None
) -> Decision:
    """Who is next. After a failure that is nobody, what failed last says more than that nobody is left."""
    try:
        return await services.router.decide(need, after=failed)
    except (NoModel, OfflineBlocked):
        if last is None:
            raise
        raise last from None


async def _leg(
    leg: Leg, call: ModelCall, services: AgentServices, account: Account, cleared: Cleared, n_input: int
) -> AsyncGenerator[CallEvent, None]:
    """The answer of one profile: from the cache, or from its server."""
    provider = services.router.provider_of(leg.decision)
    request = _request(cleared, leg.decision, services)
    key = _cache_key(call, services, leg.decision, request)
    if services.answers is not None and key and (kept := services.answers.get(key)) is not None:
        account.cached()
        for said_before in kept:
            yield said_before
        return
    await leg.begin(provider, request, n_input, cleared.redacted)
    said: list[ModelEvent] = []
    async with aclosing(_stream_with_retries(leg, provider, request, services)) as events:
        async for event in events:
            if key and not isinstance(event, Noted):
                said.append(event)
            yield event
    account.done()
    if services.answers is not None and key and said and said[-1] == Stopped("end"):
        services.answers.put(key, tuple(said), sum(map(_size, said)))


def _request(cleared: Cleared, decision: Decision, services: AgentServices) -> ModelRequest:
    profile = services.router.profile_of(decision)
    fits = decision.max_output_tokens or profile.max_output_tokens
    most = min(cleared.request.max_output_tokens, profile.max_output_tokens, fits)
    return replace(
        cleared.request, model=decision.model, max_output_tokens=most, temperature=profile.temperature
    )


def _cache_key(call: ModelCall, services: AgentServices, decision: Decision, request: ModelRequest) -> str:
    if services.answers is None or not task_of(call.task).deterministic:
        return ""
    return key_of(call.task, decision.profile, decision.provider, decision.base_url, request)


async def _stream_with_retries(
    leg: Leg, provider: Provider, request: ModelRequest, services: AgentServices
) -> AsyncGenerator[ModelEvent | Noted, None]:
    attempt = 1
    while True:
        try:
            async with aclosing(_stream(leg, provider, request, services)) as events:
                async for event in events:
                    yield event
            return
        except ProviderError as error:
            wait_s = None if leg.has_said else services.router.retry_wait_s(error, attempt, leg.decision)
            if wait_s is None:
                raise
            message = error.message
        if wait_s > LONG_WAIT_S:
            yield Noted(f"{message} Trying again in {wait_s:.0f} s.")
        await asyncio.sleep(wait_s)
        attempt += 1


async def _stream(
    leg: Leg, provider: Provider, request: ModelRequest, services: AgentServices
) -> AsyncGenerator[ModelEvent, None]:
    """One call of the provider, held to what was set aside for it."""
    router, decision = services.router, leg.decision
    router.begun(decision)
    begun = time.monotonic()
    try:
        leg.send()
        async with aclosing(provider.stream(request)) as events:
            async for event in events:
                if isinstance(event, AnsweredBy):
                    leg.answered_by(event.who)
                    continue
                if not (leg.has_said or isinstance(event, Usage)):
                    router.answered(decision, time.monotonic() - begun)
                may_go_on = leg.saw(event)
                yield event
                if not may_go_on and not isinstance(event, Stopped):
                    yield Stopped("max_tokens")
                    return
    except (ProviderError, OfflineBlocked) as error:
        leg.turned_away(nothing_left=isinstance(error, OfflineBlocked))
        if isinstance(error, ProviderError):
            router.failed(decision, error)
        raise
    finally:
        router.ended(decision)


def _size(event: ModelEvent) -> int:
    """About how many bytes an event takes."""
    return 200 + sum(len(text) for name in event.__slots__ if isinstance(text := getattr(event, name), str))
