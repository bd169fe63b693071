"""A conversation that somebody else keeps: what is sent of it, what is told, and what is left of it."""

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest
from agent_services import audited, receipts, scripted, services_in
from model_calls import Watched, models_asked, opened, watching
from secrets_samples import aws_key, github_token

from victor_server.agent.go_on import Going, Said, go_on
from victor_server.agent.messages import text_of
from victor_server.agent.run_events import Answered, ReceiptWritten, Routed, RunEvent, TurnEnded
from victor_server.agent.services import AgentServices
from victor_server.errors import BudgetExceeded, UsageError
from victor_server.secrets.redaction.session import RedactionSession
from victor_server.settings.resolved import BudgetSettings


def going(*texts: str) -> Going:
    """A conversation in which the person spoke first."""
    said = [Said("assistant" if number % 2 else "user", text) for number, text in enumerate(texts)]
    return Going(said, "editor-1")


async def told_by(asked: Going, services: AgentServices) -> list[RunEvent]:
    """Everything that happens."""
    with RedactionSession() as redaction:
        async with aclosing(go_on(asked, services, redaction)) as events:
            return [event async for event in events]


def answer_of(told: list[RunEvent]) -> str:
    """The text as it is shown."""
    return "".join(event.shown for event in told if isinstance(event, Answered))


async def test_an_answer(tmp_path: Path) -> None:
    """Who answers is told first and the end last; receipt and audit log know who asked."""
    async with opened(tmp_path, scripted(tmp_path, "It adds.")) as services:
        told = await told_by(going("What does it do?"), services)
        (receipt,) = receipts(services)
        assert "editor-1" in {record.get("session_id") for record in audited(services)}
    assert isinstance(told[0], Routed)
    assert answer_of(told) == "It adds."
    assert [event.receipt_id for event in told if isinstance(event, ReceiptWritten)] == [receipt.id]
    assert told[-1] == TurnEnded("end_turn")
    assert (receipt.session_id, receipt.task, receipt.outcome) == ("editor-1", "chat", "done")
    assert receipt.files == ()


async def test_nothing_is_added(tmp_path: Path) -> None:
    """The messages are those of the editor; the only word of ours is what placeholders are. No tool is offered."""
    models: list[Watched] = []
    async with opened(tmp_path, scripted(tmp_path, "Yes."), open_server=watching(models)) as services:
        task = asyncio.create_task(told_by(going("One?", "No.", "Two?"), services))
        await models_asked(models)
        task.cancel()
        await asyncio.wait([task])
    (request,) = models[0].requests
    assert [(each.role, text_of(each)) for each in request.messages] == [
        ("user", "One?"),
        ("assistant", "No."),
        ("user", "Two?"),
    ]
    assert request.tools == ()
    assert [part.text.split()[0] for part in request.system] == ["`[REDACTED:...]`"]


async def test_no_secret_leaves(tmp_path: Path) -> None:
    """Neither one of the person nor one that a model said earlier."""
    mine, theirs = github_token(), aws_key()
    models: list[Watched] = []
    async with opened(tmp_path, scripted(tmp_path, "Yes."), open_server=watching(models)) as services:
        asked = going(f"token = '{mine}'", f"You mean {theirs}", "Yes.")
        task = asyncio.create_task(told_by(asked, services))
        await models_asked(models)
        task.cancel()
        await asyncio.wait([task])
    sent = "".join(text_of(message) for message in models[0].requests[0].messages)
    assert mine not in sent
    assert theirs not in sent
    assert sent.count("[REDACTED:") == 2


async def test_stopped(tmp_path: Path) -> None:
    """Ended early, the call is settled, and its receipt says that it was cancelled."""
    slow = {"text": "one two three", "sleep_ms": 60_000}
    async with opened(tmp_path, scripted(tmp_path, [{"text": "Well"}, slow])) as services:
        with RedactionSession() as redaction:
            async with aclosing(go_on(going("Count."), services, redaction)) as events:
                async for event in events:
                    if isinstance(event, Answered) and event.shown:
                        break
        (receipt,) = receipts(services)
        assert receipt.outcome == "cancelled"
        assert services.ledger.usage(session_id="editor-1").total.calls == 1


async def test_a_budget_holds(tmp_path: Path) -> None:
    """It stops the call before anything is sent."""
    services = services_in(tmp_path, scripted(tmp_path, "Yes."), budgets=BudgetSettings(session_tokens=10))
    with pytest.raises(BudgetExceeded):
        await told_by(going("What does it do?"), services)
    await services.router.close()


@pytest.mark.parametrize("texts", [(), ("Hello.", "Hello yourself.")])
async def test_nothing_to_answer(tmp_path: Path, texts: tuple[str, ...]) -> None:
    """The last word must be the person's."""
    async with opened(tmp_path, scripted(tmp_path, "Yes.")) as services:
        with pytest.raises(UsageError, match="nothing to answer"):
            await told_by(going(*texts), services)
        assert receipts(services) == []
