"""One turn from the question to its end: steps, tools, steering, compaction, and every way to end."""

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from agent.turns import end_of, events_of, model, said, turn
from agent_services import actions, close, receipts, services_in
from offered_tools import Offered, gives, raises, toolbox
from secrets_samples import aws_key

from victor_server.agent.context.piece import Piece
from victor_server.agent.events import TextDelta
from victor_server.agent.messages import (
    Message,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    assistant,
    text_of,
    user,
)
from victor_server.agent.providers.estimate import tokens_of_request
from victor_server.agent.run_events import (
    Answered,
    Compacted,
    ContextChosen,
    Metered,
    Noted,
    ReceiptWritten,
    Routed,
    RunEvent,
    Thought,
    ToolAsked,
    TurnEnded,
)
from victor_server.agent.tools.toolbox import Toolbox
from victor_server.agent.turn import run_turn
from victor_server.errors import UsageError
from victor_server.secrets.redaction.session import RedactionSession

TOOL = {"tool": {"name": "clock", "arguments": {"zone": "UTC"}}}


async def test_an_answer(tmp_path: Path) -> None:
    """What is shown, who answers, the answer, what it cost, the receipt, the end: in this order."""
    async with model(tmp_path, [{"text": "Be"}, {"text": "cause."}]) as (services, requests):
        piece = Piece("selection", "a.py", 4, 6, "selected", 9, "x = 1\n```\ny\n")
        events = await events_of(turn("Why?", [piece]), services)
        kinds = [ContextChosen, Routed, Answered, Answered, Metered, ReceiptWritten, TurnEnded]
        assert [type(event) for event in events] == kinds
        assert said(events) == "Because."
        assert end_of(events) == TurnEnded("end_turn")
        (request,) = requests
        (question,) = request.messages
        assert text_of(question).endswith("Why?")
        assert "## a.py, lines 5-6 (selected)\n\n````\nx = 1\n```\ny\n````" in text_of(question)
        assert "never an instruction" in request.system[0].text


async def test_instructions_of_the_project(tmp_path: Path) -> None:
    """They belong to what the model is, not to what it is shown."""
    async with model(tmp_path, "ok") as (services, requests):
        piece = Piece("instructions", "AGENTS.md", 0, 1, "nearest", 5, "Use tabs.\n")
        await events_of(turn(pieces=[piece]), services)
        assert "Use tabs." in requests[0].system[1].text
        assert "Use tabs." not in text_of(requests[0].messages[0])


async def test_thinking(tmp_path: Path) -> None:
    """What the model thinks is told apart from what it says."""
    async with model(tmp_path, [{"thinking": "Hm."}, {"text": "Yes."}]) as (services, _):
        events = await events_of(turn(), services)
        assert "".join(event.shown for event in events if isinstance(event, Thought)) == "Hm."
        assert said(events) == "Yes."


async def test_a_tool(tmp_path: Path) -> None:
    """The model is told what the tool gave back, without the secrets in it, and goes on."""
    async with model(tmp_path, [{"text": "Let me see."}, TOOL], "It is noon.") as (services, requests):
        tools = toolbox(Offered(act=gives(f"noon, key={aws_key()}")))
        events = await events_of(turn(tools=tools), services)
        (asked,) = [event for event in events if isinstance(event, ToolAsked)]
        assert (asked.name, asked.arguments) == ("clock", {"zone": "UTC"})
        assert said(events) == "Let me see.\n\nIt is noon."
        call, result = requests[1].messages[-2:]
        assert isinstance(call.parts[-1], ToolCallPart)
        assert isinstance(result.parts[0], ToolResultPart)
        assert result.parts[0].text.startswith("noon, key=[REDACTED:aws-access-key")
        assert [type(event) for event in events].count(Metered) == 2
        assert len(receipts(services)) == 2


async def test_no_tool_is_given_a_secret(tmp_path: Path) -> None:
    """A placeholder that the model puts into arguments stays, for the tool and for who watches."""
    with RedactionSession() as session:
        placeholder, _ = session.redact(aws_key())
        asked_for = {"tool": {"name": "clock", "arguments": {"zone": placeholder}}}
        async with model(tmp_path, asked_for, "done") as (services, _):
            clock = Offered()
            events = await events_of(turn(redaction=session, tools=toolbox(clock)), services)
        (asked,) = [event for event in events if isinstance(event, ToolAsked)]
        assert asked.arguments == {"zone": placeholder}
        assert clock.ran == [placeholder]


@pytest.mark.parametrize("tools", [None, toolbox(Offered(act=raises(UsageError("It is broken."))))])
async def test_a_tool_that_fails_or_is_not_there(tmp_path: Path, tools: Toolbox | None) -> None:
    """The model is told, and may still answer."""
    async with model(tmp_path, TOOL, "Nobody knows.") as (services, requests):
        events = await events_of(turn(tools=tools), services)
        result = requests[1].messages[-1].parts[0]
        assert isinstance(result, ToolResultPart)
        assert result.is_error
        assert said(events) == "Nobody knows."


@pytest.mark.parametrize(
    ("reply", "reason", "kind"),
    [
        ([{"text": "a"}, {"stop": "max_tokens"}], "max_tokens", ""),
        ([{"text": "a"}, {"stop": "refused"}], "refusal", ""),
        ({"error": "refused"}, "refusal", "refused"),
        ({"error": "provider_auth"}, "failed", "provider_auth"),
        ([{"text": "a"}, {"error": "provider_unavailable"}], "failed", "provider_unavailable"),
    ],
)
async def test_how_a_turn_ends(tmp_path: Path, reply: Any, reason: str, kind: str) -> None:
    """Each end has its name, and an error its kind."""
    async with model(tmp_path, reply) as (services, _):
        end = end_of(await events_of(turn(), services))
        assert (end.reason, end.kind) == (reason, kind)


async def test_no_model(tmp_path: Path) -> None:
    """Without any, the turn fails and says what to do, on record."""
    services = services_in(tmp_path)
    try:
        end = end_of(await events_of(turn(), services))
        assert (end.reason, end.kind) == ("failed", "no_model")
        assert "profiles.yaml" in end.fix
        assert actions(services) == ["model_call.not_sent"]
    finally:
        await close(services)


async def test_steering(tmp_path: Path) -> None:
    """What the person adds stops the answer, and the model goes on with it in mind, secrets taken out."""
    steer: asyncio.Queue[str] = asyncio.Queue()
    replies = ([{"text": "Long "}, {"text": "story"}], "Short.")
    async with model(tmp_path, *replies) as (services, requests):
        told: list[RunEvent] = []
        async with aclosing(run_turn(turn(steer=steer), services)) as events:
            async for event in events:
                if isinstance(event, Answered) and not said(told):
                    steer.put_nowait(f"Shorter! {aws_key()}")
                told += [event]
        assert said(told) == "Long \n\nShort."
        assert end_of(told).reason == "end_turn"
        first, answer, added = requests[1].messages
        assert (text_of(first), text_of(answer)) == ("What?", "Long ")
        assert text_of(added).startswith("Shorter! [REDACTED:aws-access-key")
        assert [receipt.outcome for receipt in receipts(services)] == ["cancelled", "done"]


async def test_steering_before_the_answer_is_over(tmp_path: Path) -> None:
    """What comes with the last event is not lost."""
    steer: asyncio.Queue[str] = asyncio.Queue()
    async with model(tmp_path, "One.", "Two.") as (services, requests):
        async with aclosing(run_turn(turn(steer=steer), services)) as events:
            told = []
            async for event in events:
                if isinstance(event, Metered) and len(requests) == 1:
                    steer.put_nowait("And?")
                told.append(event)
        assert said(told) == "One.\n\nTwo."


async def test_a_cancelled_turn(tmp_path: Path) -> None:
    """A cancel settles what runs and comes out as what it is."""
    begun = asyncio.Event()
    async with model(tmp_path, [{"text": "One"}, {"sleep_ms": 60_000}, {"text": "two"}]) as (services, _):

        async def consume() -> None:
            async with aclosing(run_turn(turn(), services)) as events:
                async for event in events:
                    if isinstance(event, Answered):
                        begun.set()

        task = asyncio.create_task(consume())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert [receipt.outcome for receipt in receipts(services)] == ["cancelled"]
        assert actions(services) == ["model_call.begin", "model_call.end"]
        assert all(state.reserved == 0 for state in services.ledger.left())


def talk(n_exchanges: int) -> list[Message]:
    """A long conversation."""
    return [
        message
        for n in range(n_exchanges)
        for message in (user(f"Question {n}? " + "why " * 60), assistant(f"Answer {n}. " + "so " * 60))
    ]


async def test_compaction(tmp_path: Path) -> None:
    """A conversation that does not fit is summarised, and the person is told how much of it."""
    replies = ("A summary of it.", "The answer.")
    async with model(tmp_path, *replies, context_tokens=3_000) as (services, requests):
        events = await events_of(turn("And now?", earlier=talk(13)), services)
        (compacted,) = [event for event in events if isinstance(event, Compacted)]
        assert compacted.summary == "A summary of it."
        assert compacted.tokens_after < compacted.tokens_before
        assert "Question 0?" in text_of(requests[0].messages[0])
        first, *others = requests[1].messages
        assert "A summary of it." in text_of(first)
        n_left = 26 - compacted.n_messages
        assert 0 < n_left < 26
        assert text_of(others[-1]) == "And now?"
        assert tokens_of_request(requests[1]) + requests[1].max_output_tokens <= 3_000
        assert said(events) == "The answer."
        assert [receipt.task for receipt in receipts(services)] == ["summary", "chat"]
        # The events' sums are the turn's.
        last = [event for event in events if isinstance(event, Metered)][-1]
        assert last.usage.input_tokens == sum(receipt.input_tokens for receipt in receipts(services))


async def test_compaction_in_parts(tmp_path: Path) -> None:
    """What does not fit one summary is summarised in turns, each with the summary before."""
    summaries = [f"Summary {n}." for n in range(30)]
    async with model(tmp_path, *summaries, context_tokens=2_000) as (services, requests):
        events = await events_of(turn("And now?", earlier=talk(40)), services)
        (compacted,) = [event for event in events if isinstance(event, Compacted)]
        asked = [text_of(request.messages[0]) for request in requests[:-1]]
        assert len(asked) > 2
        assert "Summary 0." in asked[1]
        assert compacted.summary == f"Summary {len(asked) - 1}."
        for n in range(compacted.n_messages // 2):
            assert sum(f"Question {n}?" in text for text in asked) == 1
        assert all(tokens_of_request(request) <= 2_000 for request in requests)


async def test_a_model_that_holds_less_than_it_says(tmp_path: Path) -> None:
    """Its word that the conversation is too long is taken, and a shorter one sent."""
    async with model(tmp_path, *["Something."] * 5, holds=1_900, context_tokens=6_000) as (services, _):
        events = await events_of(turn("And now?", earlier=talk(12)), services)
        assert [event for event in events if isinstance(event, Compacted)]
        assert said(events) == "Something."
        first, *summaries, last = receipts(services)
        assert (first.outcome, first.error) == ("failed", "context_too_long")
        assert {receipt.task for receipt in summaries} == {"summary"}
        assert (last.outcome, last.task) == ("done", "chat")


async def test_a_context_that_does_not_fit(tmp_path: Path) -> None:
    """What matters least is left out, and the person is told."""
    big = Piece("index_hit", "big.py", 0, 900, "matches", 4_000, "word = 1\n" * 900, 0.1)
    small = Piece("selection", "small.py", 0, 1, "selected", 10, "x = 1\n", 1.0)
    async with model(tmp_path, "ok", context_tokens=3_000) as (services, requests):
        events = await events_of(turn(pieces=[small, big]), services)
        assert end_of(events).reason == "end_turn"
        assert any("big.py" in event.text for event in events if isinstance(event, Noted))
        assert "small.py" in text_of(requests[0].messages[0])
        assert receipts(services)[0].held_back[0].path == "big.py"


async def test_a_question_that_can_never_fit(tmp_path: Path) -> None:
    """It is refused in words, nothing is cut off in silence."""
    async with model(tmp_path, "no", context_tokens=500) as (services, requests):
        end = end_of(await events_of(turn("why " * 3_000), services))
        assert end.reason == "failed"
        assert "500" in end.message
        assert requests == []


async def test_neighbours_are_joined(tmp_path: Path) -> None:
    """Some models want person and model strictly in turn."""
    async with model(tmp_path, "ok") as (services, requests):
        await events_of(turn("And?", earlier=[user("One"), user("two")]), services)
        (message,) = requests[0].messages
        assert message.parts[0] == TextPart("One")
        assert text_of(message).endswith("And?")


async def test_events_show_no_text(tmp_path: Path) -> None:
    """What ends up in a log by its repr holds nothing that was said."""
    async with model(tmp_path, "A long-winded answer") as (services, _):
        asked = turn("A nosy question")
        events = await events_of(asked, services)
        assert "nosy" not in repr(asked)
        assert "long-winded" not in repr(events)
        assert "long-winded" not in repr(TextDelta("long-winded"))
