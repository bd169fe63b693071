"""Calls that nobody waits for any more are closed, settled and recorded."""

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest
from agent_services import (
    actions,
    audited,
    receipts,
    scripted,
)
from model_calls import (
    Watched,
    call,
    events_of,
    models_asked,
    opened,
    receipts_of_all,
    text_of,
    watching,
)

from victor_server.agent.calls.call import CallEvent
from victor_server.agent.events import TextDelta
from victor_server.agent.model_call import call_model
from victor_server.agent.run_events import Noted, ReceiptWritten, Routed
from victor_server.settings.resolved import BudgetSettings


@pytest.mark.parametrize("text", ["", "Half an answer"])
async def test_a_cancelled_call(tmp_path: Path, text: str) -> None:
    """Before the cancel is over, the stream is closed, the input charged as sent, and receipt and log are written."""
    models: list[Watched] = []
    profile = scripted(tmp_path, [{"text": text}])
    async with opened(tmp_path, profile, open_server=watching(models)) as services:
        begun = asyncio.Event()

        async def consume() -> None:
            async with aclosing(call_model(call(), services)) as events:
                async for event in events:
                    if isinstance(event, TextDelta if text else Routed):
                        begun.set()

        task = asyncio.create_task(consume())
        await begun.wait()
        if not text:
            await models_asked(models)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert models[0].closed == 1
        (receipt,) = receipts(services)
        assert receipt.outcome == "cancelled"
        assert receipt.input_tokens > 0
        assert (receipt.output_tokens > 0) == bool(text)
        assert actions(services) == ["model_call.begin", "model_call.end"]
        assert services.ledger.usage().total.input_tokens == receipt.input_tokens


async def test_a_cancel_at_any_moment(tmp_path: Path) -> None:
    """Wherever it hits, nothing stays set aside, and what was begun on record is ended on record."""
    profile = scripted(tmp_path, *[[{"text": "a"}, {"text": "b"}]] * 60)
    budgets = BudgetSettings(day_tokens=10**9)
    async with opened(tmp_path, profile, budgets=budgets) as services:
        for n_steps in range(60):
            task = asyncio.create_task(events_of(call(), services))
            for _ in range(n_steps):
                await asyncio.to_thread(lambda: None) if n_steps % 2 else await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            assert [state.reserved for state in services.ledger.left()] == [0]
        assert actions(services).count("model_call.begin") == actions(services).count("model_call.end")
        begun = {record["call_id"] for record in audited(services) if record["action"] == "model_call.begin"}
        outcomes = {receipt.id: receipt.outcome for receipt in receipts_of_all(services)}
        assert begun <= set(outcomes)
        assert all(outcome != "failed" for outcome in outcomes.values())


async def test_enough(tmp_path: Path) -> None:
    """Who has heard enough ends the call as a cancel would, and still gets its cost and its receipt."""
    models: list[Watched] = []
    profile = scripted(tmp_path, [{"text": "one"}, {"text": "two"}])
    async with opened(tmp_path, profile, open_server=watching(models)) as services:
        heard: list[CallEvent] = []
        async with aclosing(call_model(call(), services, lambda: text_of(heard) == "one")) as events:
            async for event in events:
                heard += [event]
        assert text_of(heard) == "one"
        assert models[0].closed == 1
        assert isinstance(heard[-1], ReceiptWritten)
        assert receipts(services)[0].outcome == "cancelled"


async def test_cancelled_while_it_waits_to_try_again(tmp_path: Path) -> None:
    """A server that only ever turned the question away has nothing to charge for."""
    profile = scripted(tmp_path, [{"error": "rate_limited", "retry_after_s": 50}])
    async with opened(tmp_path, profile) as services:
        noted = asyncio.Event()

        async def consume() -> None:
            async with aclosing(call_model(call(), services)) as events:
                async for event in events:
                    if isinstance(event, Noted):
                        noted.set()

        task = asyncio.create_task(consume())
        await noted.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        (receipt,) = receipts(services)
        assert (receipt.outcome, receipt.input_tokens, receipt.cost_usd) == ("cancelled", 0, 0.0)
        assert receipt.attempts[0].was_sent
