"""One question outside of any chat: what is sent, what is told, and what is left of it."""

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from agent_services import audited, receipts, scripted, services_in
from model_calls import Watched, models_asked, opened, watching
from secrets_samples import github_token

from victor_server.agent.ask import Asking, ask_once
from victor_server.agent.context.piece import Context, Piece
from victor_server.agent.messages import assistant, text_of, user
from victor_server.agent.run_events import (
    Answered,
    ContextChosen,
    ReceiptWritten,
    Routed,
    RunEvent,
    TurnEnded,
)
from victor_server.agent.services import AgentServices
from victor_server.errors import BudgetExceeded, NoModel, Unavailable
from victor_server.secrets.redaction.session import RedactionSession
from victor_server.settings.resolved import BudgetSettings


def asking(prompt: str = "Explain this.", **more: Any) -> Asking:
    """One question."""
    given: dict[str, Any] = {"root": None, "task": "refactoring", "redaction": RedactionSession()}
    return Asking("assist-1", "t-1", prompt=prompt, **{**given, **more})


async def told_by(asked: Asking, services: AgentServices) -> list[RunEvent]:
    """Everything that happens."""
    async with aclosing(ask_once(asked, services)) as events:
        return [event async for event in events]


def piece(path: str, text: str, score: float = 0) -> Piece:
    """A file of the workspace."""
    return Piece("file", path, 0, text.count("\n"), "mentioned", len(text) // 3, text, score)


async def test_an_answer(tmp_path: Path) -> None:
    """What is shown comes first, then who answers and the answer; a receipt remains, the end is last."""
    async with opened(tmp_path, scripted(tmp_path, "It adds.")) as services:
        told = await told_by(
            asking(context=Context((piece("a.py", "def add(): ...\n"),)), root=tmp_path), services
        )
        (receipt,) = receipts(services)
    assert isinstance(told[0], ContextChosen)
    assert isinstance(told[1], Routed)
    assert "".join(event.shown for event in told if isinstance(event, Answered)) == "It adds."
    assert [event.receipt_id for event in told if isinstance(event, ReceiptWritten)] == [receipt.id]
    assert told[-1] == TurnEnded("end_turn")
    assert [file.path for file in receipt.files] == ["a.py"]
    assert (receipt.session_id, receipt.turn_id, receipt.task) == ("assist-1", "t-1", "refactoring")


async def test_what_the_model_is_told(tmp_path: Path) -> None:
    """The form of the answer stands in the system prompt, the context before the question, the replies behind it."""
    models: list[Watched] = []
    async with opened(tmp_path, scripted(tmp_path, "Yes."), open_server=watching(models)) as services:
        asked = asking(
            rules="Answer in one word.",
            context=Context((piece("a.py", "x = 1\n"),)),
            root=tmp_path,
            replies=(assistant("No."), user("That did not apply.")),
        )
        task = asyncio.create_task(told_by(asked, services))
        await models_asked(models)
        task.cancel()
        await asyncio.wait([task])
    (request,) = models[0].requests
    assert request.system[0].text.endswith("Answer in one word.")
    texts = [text_of(message) for message in request.messages]
    assert [message.role for message in request.messages] == ["user", "assistant", "user"]
    assert texts[0].startswith("# Context")
    assert texts[0].endswith("\n\nExplain this.")
    assert texts[1:] == ["No.", "That did not apply."]


async def test_no_secret_leaves(tmp_path: Path) -> None:
    """Neither one of the question nor one of the context; in the answer it is back where it came from."""
    token = github_token()
    models: list[Watched] = []
    async with opened(tmp_path, scripted(tmp_path, "Yes."), open_server=watching(models)) as services:
        asked = asking(
            f"Is {token} right?", context=Context((piece("a.py", f"token = '{token}'\n"),)), root=tmp_path
        )
        task = asyncio.create_task(told_by(asked, services))
        await models_asked(models)
        task.cancel()
        await asyncio.wait([task])
    assert token not in "".join(text_of(message) for message in models[0].requests[0].messages)


async def test_nothing_private_is_shown(tmp_path: Path) -> None:
    """A private file is left out, with the reason, and stands in the receipt as held back."""
    async with opened(tmp_path, scripted(tmp_path, "Well.")) as services:
        told = await told_by(asking(context=Context((piece(".env", "A=1\n"),)), root=tmp_path), services)
        (receipt,) = receipts(services)
    chosen = next(event for event in told if isinstance(event, ContextChosen)).context
    assert [out.path for out in chosen.left_out] == [".env"]
    assert chosen.pieces == []
    assert [held.path for held in receipt.held_back] == [".env"]


async def test_a_small_window_is_kept(tmp_path: Path) -> None:
    """What the model cannot hold is left out before it is asked."""
    profile = scripted(tmp_path, "Well.", context_tokens=1_500)
    async with opened(tmp_path, profile) as services:
        context = Context((piece("small.py", "x = 1\n", 1), piece("large.py", "value = 1\n" * 3_000)))
        told = await told_by(asking(context=context, root=tmp_path), services)
    chosen = told[0]
    assert isinstance(chosen, ContextChosen)
    assert [each.path for each in chosen.context.pieces] == ["small.py"]


async def test_an_answer_that_was_cut(tmp_path: Path) -> None:
    """Whoever reads the answer is told that it is half."""
    async with opened(tmp_path, scripted(tmp_path, [{"text": "It "}, {"stop": "max_tokens"}])) as services:
        assert (await told_by(asking(), services))[-1] == TurnEnded("max_tokens")


async def test_nobody_to_ask_and_nothing_left_to_spend(tmp_path: Path) -> None:
    """Both are told before anything is sent."""
    async with opened(tmp_path) as services:
        with pytest.raises(NoModel):
            await told_by(asking(), services)
    budgets = BudgetSettings(day_tokens=10)
    (tmp_path / "other").mkdir()
    async with opened(tmp_path / "other", scripted(tmp_path, "Yes."), budgets=budgets) as services:
        with pytest.raises(BudgetExceeded):
            await told_by(asking(), services)
        assert "model_call.sent" not in [record["action"] for record in audited(services)]


async def test_a_cancel_settles_the_call(tmp_path: Path) -> None:
    """When the cancel is through, the connection is closed and the receipt says so."""
    models: list[Watched] = []
    async with opened(tmp_path, scripted(tmp_path, "so far"), open_server=watching(models)) as services:
        task = asyncio.create_task(told_by(asking(), services))
        await models_asked(models)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        assert models[0].closed == 1
        assert [receipt.outcome for receipt in receipts(services)] == ["cancelled"]


async def test_a_closed_redaction_asks_nobody(tmp_path: Path) -> None:
    """Without what takes secrets out nothing is sent."""
    redaction = RedactionSession()
    redaction.close()
    services = services_in(tmp_path, scripted(tmp_path, "Yes."))
    with pytest.raises(Unavailable):
        await told_by(asking(redaction=redaction), services)
    assert receipts(services) == []
    await services.router.close()
    services.history.close()
    services.ledger.close()
