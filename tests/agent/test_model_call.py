"""A model call leaves receipt, audit log and ledger right, however it ends."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from agent_services import (
    PRICE,
    actions,
    audited,
    falling_back,
    receipts,
    scripted,
)
from model_calls import (
    Watched,
    at_once,
    call,
    events_of,
    opened,
    text_of,
    watching,
)

from victor_server.agent.calls.call import CallEvent
from victor_server.agent.events import ModelEvent, Stopped, TextDelta, Usage
from victor_server.agent.messages import ModelRequest
from victor_server.agent.model_call import call_model
from victor_server.agent.providers.provider import Provider
from victor_server.agent.receipt import ShownFile
from victor_server.agent.router.decision import Decision, Need
from victor_server.agent.run_events import Metered, Noted, ReceiptWritten, Routed
from victor_server.errors import (
    AuditFailed,
    BudgetExceeded,
    NoModel,
    OfflineBlocked,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    Refused,
    SecretBlocked,
)
from victor_server.ledger.answers import AnswerCache
from victor_server.policy.policy import Policy
from victor_server.settings.profiles import Profile
from victor_server.settings.resolved import BudgetSettings


async def test_an_answer_is_accounted_for(tmp_path: Path) -> None:
    """Routed first, then the answer, its cost and its receipt; the log says that it was about to be sent, and was."""
    profile = scripted(
        tmp_path, [{"text": "An "}, {"text": "answer"}, {"usage": {"input_tokens": 100, "output_tokens": 20}}]
    )
    shown = ShownFile("a.py", 0, 3, "selection", "selected", 12)
    async with opened(tmp_path, profile) as services:
        asked = call(files=(shown,))
        first, *events = await events_of(asked, services)
        assert isinstance(first, Routed)
        assert text_of(events) == "An answer"
        cost = (100 * PRICE.input_usd + 20 * PRICE.output_usd) / 1_000_000
        metered, written = events[-2:]
        assert isinstance(metered, Metered)
        assert (metered.usage.input_tokens, metered.usage.output_tokens) == (100, 20)
        assert metered.cost_usd == pytest.approx(cost)
        assert written == ReceiptWritten(asked.id)
        (receipt,) = receipts(services)
        assert (receipt.outcome, receipt.files, receipt.reason) == ("done", (shown,), first.decision.reason)
        assert (receipt.input_tokens, receipt.output_tokens, receipt.cost_usd) == (100, 20, metered.cost_usd)
        begin, end = audited(services)
        assert (begin["action"], end["action"]) == ("model_call.begin", "model_call.end")
        assert begin["files_accessed"] == ["a.py"]
        assert (end["call_id"], end["success"], end["output_tokens"]) == (asked.id, True, 20)
        (budget,) = [services.ledger.usage().total]
        assert (budget.calls, budget.input_tokens, budget.output_tokens) == (1, 100, 20)


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        ([{"error": "refused"}], Refused),
        ([[{"error": "rate_limited", "retry_after_s": 900}]], RateLimited),
        ([{"error": "provider_unavailable"}] * 3, ProviderUnavailable),
        ([[{"text": "Half an ans"}, {"error": "provider_unavailable"}]], ProviderUnavailable),
    ],
)
async def test_a_call_that_fails(tmp_path: Path, replies: list[Any], error: type[Exception]) -> None:
    """The error comes out, receipt and log name it; only what was answered is charged."""
    async with opened(tmp_path, scripted(tmp_path, *replies)) as services:
        services.router.retry_wait_s = at_once(services)  # type: ignore[method-assign]  # no waiting
        asked = call()
        with pytest.raises(error):
            await events_of(asked, services)
        (receipt,) = receipts(services)
        assert receipt.outcome == "failed"
        assert receipt.error == error.kind  # type: ignore[attr-defined]  # all of them have one
        assert actions(services) == ["model_call.begin", "model_call.end"]
        end = audited(services)[-1]
        assert (end["success"], end["error"]) == (False, receipt.error)
        total = services.ledger.usage().total
        assert (
            (total.output_tokens > 0)
            == (total.input_tokens > 0)
            == isinstance(replies[0], list) * (error is ProviderUnavailable)
        )
        assert all(state.reserved == 0 for state in services.ledger.left("s"))


async def test_the_same_is_tried_again_before_the_first_event(tmp_path: Path) -> None:
    """A hiccup is not seen by the person; the call is one call."""
    profile = scripted(tmp_path, {"error": "provider_unavailable"}, "Here.")
    async with opened(tmp_path, profile) as services:
        services.router.retry_wait_s = at_once(services)  # type: ignore[method-assign]  # no waiting
        events = await events_of(call(), services)
        assert text_of(events) == "Here."
        assert actions(services) == ["model_call.begin", "model_call.end"]
        assert services.ledger.usage().total.calls == 1


async def test_a_call_waits_for_a_server_that_asked_another_to(tmp_path: Path) -> None:
    """Who comes while a server asks to wait waits too, where nobody else answers; what is too long is told at once."""
    async with opened(tmp_path, scripted(tmp_path, "Here.")) as services:
        decision = await services.router.decide(Need("chat"))
        services.router.failed(decision, RateLimited("Slowly.", retry_after_s=0.02))
        assert text_of(await events_of(call(), services)) == "Here."
        services.router.failed(decision, RateLimited("Slowly.", retry_after_s=200))
        with pytest.raises(RateLimited, match="it asks to wait 200 seconds more"):
            await events_of(call(), services)
        assert services.ledger.usage().total.calls == 1


async def test_a_server_that_goes_on_asking_to_wait_is_given_up(tmp_path: Path) -> None:
    """Nobody waits for it twice over, and where nobody takes its place the error alone says what is wrong."""
    async with opened(
        tmp_path, scripted(tmp_path, *[{"error": "rate_limited", "retry_after_s": 1}] * 20)
    ) as services:
        waits: list[int] = []

        def two_waits(error: ProviderError, attempt: int, decision: Decision | None = None) -> float | None:
            waits.append(attempt)
            return 0.0 if attempt <= 2 else None

        services.router.retry_wait_s = two_waits  # type: ignore[method-assign]  # no waiting
        events: list[CallEvent] = []
        with pytest.raises(RateLimited):
            await events_of(call(), services, events)
        assert waits == [1, 2, 3]
        assert not any(isinstance(event, Noted) for event in events)


async def test_another_profile_answers(tmp_path: Path) -> None:
    """The person is told, and the receipt names both, for both were sent the question."""
    first = scripted(tmp_path, {"error": "provider_auth"})
    second = scripted(tmp_path, "Here.", name="second")
    async with opened(tmp_path, first, second) as services:
        falling_back(services, "second")
        events = await events_of(call(), services)
        assert [event.decision.profile for event in events if isinstance(event, Routed)] == [
            "default",
            "second",
        ]
        assert [event for event in events if isinstance(event, Noted)]
        (receipt,) = receipts(services)
        assert (receipt.outcome, receipt.profile) == ("done", "second")
        assert [(each.profile, each.was_sent, each.error) for each in receipt.attempts] == [
            ("default", True, "provider_auth"),
            ("second", True, ""),
        ]
        assert actions(services) == ["model_call.begin", "model_call.end"] * 2


async def test_nobody_else_answers_once_something_was_said(tmp_path: Path) -> None:
    """An answer that broke off is not continued by another model."""
    first = scripted(tmp_path, [{"text": "Half"}, {"error": "provider_unavailable"}])
    async with opened(tmp_path, first, scripted(tmp_path, "no", name="second")) as services:
        falling_back(services, "second")
        with pytest.raises(ProviderUnavailable):
            await events_of(call(), services)
        assert [each.profile for each in receipts(services)[0].attempts] == ["default"]


async def test_numbers_are_no_words(tmp_path: Path) -> None:
    """Anthropic counts the input before it says that it is overloaded: nothing was said, and another may answer."""
    busy = [{"usage": {"input_tokens": 9, "output_tokens": 0}}, {"error": "provider_unavailable"}]
    first, second = scripted(tmp_path, busy, busy), scripted(tmp_path, "From elsewhere.", name="second")
    async with opened(tmp_path, first, second) as services:
        falling_back(services, "second")
        events = await events_of(call(), services)
        assert text_of(events) == "From elsewhere."
        assert [one.profile for one in receipts(services)[0].attempts] == ["default", "second"]
    (tmp_path / "alone").mkdir()
    alone = scripted(tmp_path / "alone", busy, "After all.")
    async with opened(tmp_path / "alone", alone) as services:
        services.router.retry_wait_s = at_once(services)  # type: ignore[method-assign]  # no waiting
        assert text_of(await events_of(call(), services)) == "After all."
        assert services.ledger.usage().total.calls == 1


async def test_a_budget_that_does_not_hold_the_call(tmp_path: Path) -> None:
    """Nothing is sent; the receipt and the log say why."""
    profile = scripted(tmp_path, "never")
    async with opened(tmp_path, profile, budgets=BudgetSettings(day_tokens=100)) as services:
        with pytest.raises(BudgetExceeded, match="day"):
            await events_of(call(), services)
        (receipt,) = receipts(services)
        assert (receipt.outcome, receipt.error) == ("not_sent", "budget_exceeded")
        assert [each.was_sent for each in receipt.attempts] == [False]
        assert actions(services) == ["model_call.not_sent"]
        assert services.ledger.usage().total.input_tokens == 0


async def test_a_close_budget_is_counted_exactly(tmp_path: Path) -> None:
    """Where the estimate is too much for a budget, the provider counts, on record, and its word is taken."""
    models: list[Watched] = []
    profile = scripted(tmp_path, [{"text": "yes"}], max_output_tokens=50)
    budgets = BudgetSettings(day_tokens=60)
    async with opened(tmp_path, profile, open_server=watching(models), budgets=budgets) as services:
        async with aclosing(call_model(call("word " * 500), services)) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    break
        assert models[0].counted == 1
        assert actions(services) == ["model_call.begin", "model_call.end"]


async def test_a_long_question_leaves_a_shorter_answer(tmp_path: Path) -> None:
    """Question and answer together fit the model, and what is set aside is what the answer may really take."""
    profile = scripted(tmp_path, "yes " * 4000, context_tokens=2000)
    async with opened(tmp_path, profile) as services:
        events = await events_of(call("word " * 1000), services)
        (routed,) = [event for event in events if isinstance(event, Routed)]
        assert 256 <= routed.decision.max_output_tokens < 1000
        assert len(text_of(events)) <= 4 * routed.decision.max_output_tokens
        assert Stopped("max_tokens") in events


async def test_an_answer_is_held_to_what_was_set_aside(tmp_path: Path) -> None:
    """A server that ignores the bound on its answer is cut off."""

    class Endless(Watched):
        async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
            try:
                while True:
                    yield TextDelta("blah " * 100)
            finally:
                self.closed += 1

    models: list[Endless] = []

    def open_server(profile: Profile, _url: str) -> Provider:
        models.append(Endless(profile))
        return models[-1]

    profile = scripted(tmp_path, max_output_tokens=100)
    async with opened(tmp_path, profile, open_server=open_server) as services:
        events = await events_of(call(), services)
        assert Stopped("max_tokens") in events
        assert len(text_of(events)) < 4_000
        assert models[0].closed == 1


@pytest.mark.parametrize("path", [".env", "conf/.env.local", "keys/server.pem", "secret/plan.md"])
async def test_a_private_file_is_never_sent(tmp_path: Path, path: str) -> None:
    """A call that shows one is refused before anything happens, on record."""
    policy = Policy(private_paths=("secret/",))
    async with opened(tmp_path, scripted(tmp_path, "never"), policy=policy) as services:
        with pytest.raises(SecretBlocked, match="not sent"):
            await events_of(call(files=(ShownFile(path, 0, 1, "file", "", 1),)), services)
        assert actions(services) == ["model_call.not_sent"]
        assert receipts(services)[0].attempts == ()


async def test_offline(tmp_path: Path) -> None:
    """A cloud profile is refused, explained and recorded."""
    profile = Profile("default", "anthropic", "big", api_key="k" * 8)
    async with opened(tmp_path, profile, policy=Policy(offline=True)) as services:
        with pytest.raises(OfflineBlocked):
            await events_of(call(), services)
        (record,) = audited(services)
        assert (record["action"], record["error"], record["success"]) == (
            "model_call.not_sent",
            "offline_blocked",
            False,
        )


async def test_a_connection_that_the_policy_blocks(tmp_path: Path) -> None:
    """What egress blocks when it looks at the address was not sent, and costs nothing."""

    class Blocked(Watched):
        async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
            raise OfflineBlocked("The address is not on this machine.")
            yield

    async with opened(
        tmp_path, scripted(tmp_path), open_server=lambda profile, _: Blocked(profile)
    ) as services:
        with pytest.raises(OfflineBlocked):
            await events_of(call(), services)
        (receipt,) = receipts(services)
        assert (receipt.outcome, receipt.input_tokens, receipt.attempts[0].was_sent) == ("not_sent", 0, False)
        assert actions(services) == ["model_call.begin", "model_call.end", "model_call.not_sent"]
        assert audited(services)[1]["outcome"] == "not_sent"


async def test_numbers_that_make_no_sense(tmp_path: Path) -> None:
    """A server's word on tokens is taken within reason."""

    class Odd(Watched):
        async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
            yield TextDelta("hi")
            yield Usage(-5, -7, cache_read_tokens=10**12)
            yield Stopped("end")

    async with opened(tmp_path, scripted(tmp_path), open_server=lambda profile, _: Odd(profile)) as services:
        await events_of(call(), services)
        (receipt,) = receipts(services)
        assert min(receipt.input_tokens, receipt.output_tokens, receipt.cache_read_tokens) >= 0
        assert receipt.cost_usd is not None
        assert receipt.cost_usd >= 0


async def test_zeroes_instead_of_numbers(tmp_path: Path) -> None:
    """Servers that do not count say so in zeroes: an answer that came was not free."""

    class Careless(Watched):
        async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
            yield TextDelta("word " * 40)
            yield Usage(0, 0)
            yield Stopped("end")

    async with opened(tmp_path, scripted(tmp_path), open_server=lambda one, _: Careless(one)) as services:
        await events_of(call("What is this?"), services)
        (receipt,) = receipts(services)
    assert receipt.input_tokens > 3
    assert receipt.output_tokens == 50
    assert not receipt.counted
    assert receipt.cost_usd


async def test_nothing_set_up(tmp_path: Path) -> None:
    """Without a profile the error says what to install or to set."""
    async with opened(tmp_path) as services:
        with pytest.raises(NoModel) as raised:
            await events_of(call(), services)
        assert raised.value.fix


async def test_without_a_record_nothing_is_sent(tmp_path: Path) -> None:
    """An audit log that cannot be written keeps the call back."""
    models: list[Watched] = []
    async with opened(tmp_path, scripted(tmp_path, "x"), open_server=watching(models)) as services:
        services.journal.settings.path.mkdir()
        with pytest.raises(AuditFailed):
            await events_of(call(), services)
        assert models[0].requests == []
        assert receipts(services)[0].outcome == "not_sent"
        assert services.ledger.usage().total.input_tokens == 0


async def test_answers_of_deterministic_tasks_are_kept(tmp_path: Path) -> None:
    """The same question is answered once by the model; another one, or of another task, is asked."""
    cache: AnswerCache[tuple[ModelEvent, ...]] = AnswerCache(60, 100_000)
    profile = scripted(tmp_path, "first", "second", "third")
    async with opened(tmp_path, profile, answers=cache) as services:
        answers = [
            text_of(await events_of(asked, services))
            for asked in (
                call(task="explanation"),
                call(task="explanation"),
                call("Another?", task="explanation"),
                call(),
            )
        ]
        assert answers == ["first", "first", "second", "third"]
        assert [receipt.outcome for receipt in receipts(services)].count("cached") == 1
        assert actions(services).count("model_call.cached") == 1
        assert actions(services).count("model_call.begin") == 3


async def test_a_receipt_that_cannot_be_kept(tmp_path: Path) -> None:
    """The answer comes all the same, and the person is told."""
    async with opened(tmp_path, scripted(tmp_path, "Here.")) as services:
        services.history.close()
        events = await events_of(call(), services)
        assert text_of(events) == "Here."
        assert isinstance(events[-1], Noted)
        assert actions(services) == ["model_call.begin", "model_call.end"]


async def test_many_calls_at_once(tmp_path: Path) -> None:
    """Calls do not get into each other's accounts."""
    profile = scripted(tmp_path, *["answer"] * 20)
    async with opened(tmp_path, profile) as services:
        await asyncio.gather(*(events_of(call(), services) for _ in range(20)))
        assert {receipt.outcome for receipt in receipts(services)} == {"done"}
        assert services.ledger.usage().total.calls == 20
