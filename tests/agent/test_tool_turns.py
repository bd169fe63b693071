"""Turns in which a model uses tools: many steps, limits, repetition, refusal, room, and what the model is told."""

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from agent.turns import Heard, call, end_of, ended, events_of, model, results, said, turn
from agent_services import receipts
from offered_tools import Offered, Person, gives, names, raises, toolbox
from secrets_samples import aws_key, pem_key

from victor_server.agent.events import ToolCallDelta
from victor_server.agent.making_room import LEFT_OUT
from victor_server.agent.messages import Message, ModelRequest, ToolCallPart, ToolResultPart, assistant, user
from victor_server.agent.permissions.model import Answer
from victor_server.agent.providers.estimate import tokens_of_request
from victor_server.agent.providers.provider import Capabilities
from victor_server.agent.run_events import (
    Noted,
    PlanChanged,
    ToolAsked,
    ToolEnded,
    ToolPrinted,
    ToolStarted,
)
from victor_server.agent.tools.limits import ToolLimits
from victor_server.agent.tools.tool import Done, Excerpt, PlanEntry, Streamed
from victor_server.errors import Rejected, UsageError
from victor_server.secrets.redaction.session import RedactionSession


def check_consistent(requests: list[ModelRequest]) -> None:
    """Every call of every message has one result, in the message behind it: else servers refuse the request."""
    for request in requests:
        for at, message in enumerate(request.messages):
            calls = [part.id for part in message.parts if isinstance(part, ToolCallPart)]
            if calls:
                told = [
                    part.id for part in request.messages[at + 1].parts if isinstance(part, ToolResultPart)
                ]
                assert told == calls
            elif message.role == "tool":
                assert any(isinstance(part, ToolCallPart) for part in request.messages[at - 1].parts)


def notes(events: list[Any]) -> list[str]:
    """What the person is told besides."""
    return [event.text for event in events if isinstance(event, Noted)]


async def test_several_steps(tmp_path: Path) -> None:
    """Each step is told the results of all before; each call is told from its start to its end."""
    replies = ([{"text": "Let me look. "}, call(zone="A")], [call(zone="B")], "Both are noon.")
    async with model(tmp_path, *replies) as (services, requests):
        clock = Offered(act=gives(Streamed("tick\n"), "noon"))
        events = await events_of(turn(tools=toolbox(clock)), services)
        assert len(receipts(services)) == 3
    assert clock.ran == ["A", "B"]
    assert said(events) == "Let me look. \n\nBoth are noon."  # apart, and not run together
    told = [event for event in events if isinstance(event, ToolAsked | ToolStarted | ToolPrinted | ToolEnded)]
    assert [type(event) for event in told] == [ToolAsked, ToolStarted, ToolPrinted, ToolEnded] * 2
    assert len({event.id for event in told}) == 2
    assert [event.title for event in told if isinstance(event, ToolStarted)] == ["clock A", "clock B"]
    assert [(event.status, event.kept) for event in ended(events)] == [("completed", "noon")] * 2
    assert [len(request.messages) for request in requests] == [1, 3, 5]
    check_consistent(requests)


async def test_what_the_model_is_told_of_its_tools(tmp_path: Path) -> None:
    """They are offered with their arguments, and the system prompt says that what they give is no instruction."""
    async with model(tmp_path, "ok") as (services, requests):
        await events_of(turn(tools=toolbox(Offered())), services)
        (request,) = requests
    assert names(request.tools) == ["clock"]
    assert request.tools[0].schema["properties"] == {"zone": {"type": "string", "default": ""}}
    assert "never an instruction" in request.system[0].text
    assert "You have tools" in request.system[0].text


async def test_without_tools_nothing_is_said_of_them(tmp_path: Path) -> None:
    """A turn without tools is what it was."""
    async with model(tmp_path, "ok") as (services, requests):
        await events_of(turn(), services)
    assert requests[0].tools == ()
    assert "tool" not in requests[0].system[0].text


async def test_mode_plan_offers_only_what_looks(tmp_path: Path) -> None:
    """The model is told so, and what it asks for all the same is not run."""
    edit = Offered("edit_file", "edit")
    replies = (call("edit_file"), "A plan.")
    async with model(tmp_path, *replies) as (services, requests):
        box = toolbox(Offered(), Offered("run", "execute"), edit, mode="plan")
        events = await events_of(turn(tools=box), services)
    assert names(requests[0].tools) == ["clock"]
    assert "You may only look" in requests[0].system[0].text
    assert edit.ran == []
    assert "not offered in mode plan" in results(requests[1])[0].text
    assert end_of(events).reason == "end_turn"


async def test_reading_goes_side_by_side_and_changes_in_order(tmp_path: Path) -> None:
    """Two that read wait for each other, and would wait for ever one after the other; a change comes after both."""
    both = asyncio.Barrier(2)
    ran: list[str] = []

    async def read(zone: str) -> AsyncGenerator[Streamed | Done, None]:
        await both.wait()
        ran.append("read")
        yield Done(f"read {zone}")

    async def edit(zone: str) -> AsyncGenerator[Streamed | Done, None]:
        ran.append(f"edit {zone}")
        yield Done("edited")

    calls = [
        call(zone="1"),
        call(zone="2"),
        call("edit", zone="3"),
        call("edit", zone="4"),
        call(zone="5"),
        call(zone="6"),
    ]
    async with model(tmp_path, calls, "ok") as (services, requests):
        box = toolbox(Offered(act=read), Offered("edit", "edit", act=edit))
        await events_of(turn(tools=box), services)
    assert ran == ["read", "read", "edit 3", "edit 4", "read", "read"]
    assert [part.text for part in results(requests[1])] == [
        "read 1", "read 2", "edited", "edited", "read 5", "read 6",
    ]  # fmt: skip
    check_consistent(requests)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (call("clok"), "There is no such tool. Did you mean clock? There are: clock."),
        (call(zone=3), "`zone`: Input should be a valid string."),
        (call(place="x"), "There is no `place`."),
    ],
)
async def test_what_a_model_gets_wrong(tmp_path: Path, asked: Any, told: str) -> None:
    """It is told in words that let it mend the call, nothing runs, and the turn goes on."""
    async with model(tmp_path, asked, "Sorry.") as (services, requests):
        clock = Offered()
        events = await events_of(turn(tools=toolbox(clock)), services)
    assert clock.ran == []
    (result,) = results(requests[1])
    assert result.is_error
    assert result.text.startswith(told)
    assert [event.status for event in ended(events)] == ["failed"]
    assert said(events) == "Sorry."


async def test_arguments_that_cannot_be_read(tmp_path: Path) -> None:
    """The call stands in the conversation without them, its result says what is wrong, the others run."""

    class Garbled(Heard):
        async def stream(self, request: ModelRequest) -> AsyncGenerator[Any, None]:
            async for event in super().stream(request):
                if isinstance(event, ToolCallDelta) and event.index == 0:
                    event = replace(event, arguments='{"zone": "A')
                yield event

    async with model(tmp_path, [call(zone="A"), call(zone="B")], "ok", kind=Garbled) as (services, requests):
        clock = Offered()
        await events_of(turn(tools=toolbox(clock)), services)
    assert clock.ran == ["B"]
    broken, fine = results(requests[1])
    assert broken.is_error
    assert "cannot be read" in broken.text
    assert fine.text == "noon"
    check_consistent(requests)


async def test_repeats_are_refused_and_then_end_the_turn(tmp_path: Path) -> None:
    """Three times the same with the same result, three refusals with a hint, and it is over."""
    async with model(tmp_path, *[call(zone="A")] * 9) as (services, requests):
        clock = Offered()
        events = await events_of(turn(tools=toolbox(clock)), services)
    assert clock.ran == ["A"] * 3
    assert [event.status for event in ended(events)] == ["completed"] * 3 + ["refused"] * 3
    assert "gave the same result 3 times" in ended(events)[-1].kept
    assert len(requests) == 6
    assert end_of(events).reason == "max_turn_requests"
    assert "repeats a call" in notes(events)[-1]
    check_consistent(requests)


async def test_a_repeat_after_a_change_is_none(tmp_path: Path) -> None:
    """Whoever runs the tests again after each edit may see the same failure as often as it takes."""
    replies = [each for n in range(6) for each in (call(zone="A"), call("edit", zone=str(n)))]
    async with model(tmp_path, *replies, "ok") as (services, _):
        clock = Offered()
        events = await events_of(turn(tools=toolbox(clock, Offered("edit", "edit"))), services)
    assert clock.ran == ["A"] * 6
    assert end_of(events).reason == "end_turn"


async def test_another_result_is_no_repeat(tmp_path: Path) -> None:
    """Waiting for something is not going in circles."""
    n_run = 0

    async def count(_zone: str) -> AsyncGenerator[Streamed | Done, None]:
        nonlocal n_run
        n_run += 1
        yield Done(f"{n_run} done")

    async with model(tmp_path, *[call()] * 8, "ok") as (services, _):
        events = await events_of(turn(tools=toolbox(Offered(act=count))), services)
    assert n_run == 8
    assert end_of(events).reason == "end_turn"


async def test_the_last_step(tmp_path: Path) -> None:
    """The model is told that it was the last, and may answer; if it asks on, the turn ends, with a word to the person."""
    limits = ToolLimits(max_steps=3)
    asked = [call(zone=str(n)) for n in range(4)]
    async with model(tmp_path, *asked[:2], "Enough.") as (services, requests):
        events = await events_of(turn(tools=toolbox(Offered(), limits=limits)), services)
        assert "Answer now" in results(requests[-1])[0].text
        assert "Answer now" not in results(requests[1])[0].text
        assert (said(events), end_of(events).reason) == ("Enough.", "end_turn")
    (tmp_path / "again").mkdir()
    async with model(tmp_path / "again", *asked) as (services, requests):
        clock = Offered()
        events = await events_of(turn(tools=toolbox(clock, limits=limits)), services)
    assert len(requests) == 3
    assert clock.ran == ["0", "1"]
    assert [event.status for event in ended(events)] == ["completed", "completed", "refused"]
    assert end_of(events).reason == "max_turn_requests"
    assert "3 steps" in notes(events)[-1]


async def test_the_tokens_of_a_turn(tmp_path: Path) -> None:
    """Once they are used up no tool runs any more, and the model is asked for its answer."""
    used = [call(), {"usage": {"input_tokens": 900, "output_tokens": 100}}]
    async with model(tmp_path, used, "That is it.") as (services, requests):
        clock = Offered()
        events = await events_of(turn(tools=toolbox(clock, limits=ToolLimits(max_tokens=1_000))), services)
    assert clock.ran == []
    assert "1,000 tokens" in results(requests[1])[0].text
    assert said(events) == "That is it."


async def test_the_time_of_a_turn(tmp_path: Path) -> None:
    """A tool that never ends is stopped in order, and no other is begun."""

    async def hang(_zone: str) -> AsyncGenerator[Streamed | Done, None]:
        try:
            await asyncio.Event().wait()
        finally:
            closed.set()
        yield Done("never")

    closed = asyncio.Event()
    limits = ToolLimits(max_tool_s=0.01)
    async with model(tmp_path, call(), call(), "ok") as (services, requests):
        clock = Offered(act=hang)
        await events_of(turn(tools=toolbox(clock, limits=limits)), services)
    assert closed.is_set()
    assert clock.ran == [""]
    assert "It was stopped" in results(requests[1])[0].text
    assert "used up" in results(requests[2])[0].text


async def test_waiting_for_a_person_takes_no_time(tmp_path: Path) -> None:
    """A review may take as long as it takes."""

    async def reviewed(_zone: str) -> AsyncGenerator[Streamed | Done, None]:
        for _ in range(20):
            await asyncio.sleep(0.001)
        yield Done("accepted")

    edit = Offered("edit", "edit", act=reviewed, is_reviewed=True)
    limits = ToolLimits(max_tool_s=0.005)
    async with model(tmp_path, call("edit"), "ok") as (services, requests):
        box = toolbox(edit, rules={"edit": "ask"}, person=Person(), limits=limits)
        await events_of(turn(tools=box), services)
    assert edit.reviews == [True]
    assert results(requests[1])[0].text == "accepted"


async def test_what_the_rules_say(tmp_path: Path) -> None:
    """Denied is not run; asked is run where the person says so; a no with a reason is told to the model."""
    person = Person([Answer("once"), Answer("no", "Use the other clock.")])
    calls = [call("never"), call("maybe", zone="1"), call("maybe", zone="2")]
    async with model(tmp_path, calls, "ok") as (services, requests):
        never, maybe = Offered("never", "execute"), Offered("maybe", "execute")
        box = toolbox(never, maybe, rules={"never": "deny", "maybe": "ask"}, person=person)
        events = await events_of(turn(tools=box), services)
    assert (never.ran, maybe.ran) == ([], ["1"])
    assert [event.status for event in ended(events)] == ["refused", "completed", "refused"]
    denied, allowed, refused = results(requests[1])
    assert "a rule says deny." in denied.text
    assert allowed.text == "noon"
    assert "Use the other clock." in refused.text
    assert "Do not try to reach the same" in refused.text
    assert [question.wanted.touched.title for question in person.asked] == ["maybe 1", "maybe 2"]
    assert {question.id for question in person.asked} < {event.id for event in ended(events)}


@pytest.mark.parametrize(("rule", "reviews"), [("allow", [False]), ("ask", [True]), ("deny", [])])
async def test_a_review_is_the_asking(tmp_path: Path, rule: Any, reviews: list[bool]) -> None:
    """Who looks at each hunk is not asked before whether they want to."""
    person = Person()
    edit = Offered("edit", "edit", is_reviewed=True)
    async with model(tmp_path, call("edit"), "ok") as (services, _):
        await events_of(turn(tools=toolbox(edit, rules={"edit": rule}, person=person)), services)
    assert edit.reviews == reviews
    assert person.asked == []


async def test_nobody_to_ask(tmp_path: Path) -> None:
    """What needs an answer is refused, a review as well: nothing waits for ever."""
    edit, run = Offered("edit", "edit", is_reviewed=True), Offered("run", "execute")
    async with model(tmp_path, [call("edit"), call("run")], "ok") as (services, requests):
        await events_of(turn(tools=toolbox(edit, run, rules={"edit": "ask", "run": "ask"})), services)
    assert edit.ran == run.ran == []
    assert all("nobody can be asked" in part.text for part in results(requests[1]))


async def test_one_question_at_a_time(tmp_path: Path) -> None:
    """Calls that read run side by side, but a person is asked about one after the other."""
    open_now = most = 0

    class Slow(Person):
        async def ask(self, question: Any) -> Answer:
            nonlocal open_now, most
            open_now += 1
            most = max(most, open_now)
            for _ in range(5):
                await asyncio.sleep(0)
            open_now -= 1
            return Answer("once")

    async with model(tmp_path, [call(zone="1"), call(zone="2"), call(zone="3")], "ok") as (services, _):
        clock = Offered()
        await events_of(turn(tools=toolbox(clock, rules={"clock": "ask"}, person=Slow())), services)
    assert sorted(clock.ran) == ["1", "2", "3"]
    assert most == 1


@pytest.mark.parametrize(
    "error", [UsageError("It is broken.", "Mend it."), ZeroDivisionError("secret words")]
)
async def test_a_tool_that_fails(tmp_path: Path, error: Exception) -> None:
    """The model is told; a fault of ours is told as one, without what it says."""
    async with model(tmp_path, call(), "ok") as (services, requests):
        await events_of(turn(tools=toolbox(Offered(act=raises(error)))), services)
    (result,) = results(requests[1])
    assert result.is_error
    expected = "It is broken. Mend it." if isinstance(error, UsageError) else "a fault in Victor"
    assert expected in result.text
    assert "secret words" not in result.text


async def test_results_lose_their_secrets_and_their_middle(tmp_path: Path) -> None:
    """Neither the model nor what is kept has a key that a tool found; a long result says what is missing of it."""
    text = f"first\nkey={aws_key()}\n" + "word " * 4_000 + "\nlast"
    excerpt = Excerpt("src/a.py", f"KEY = '''{pem_key()}'''\n", ((0, 2),))
    with RedactionSession() as session:
        async with model(tmp_path, call(), "ok") as (services, requests):
            clock = Offered(act=gives(Done(text, excerpts=(excerpt,))))
            box = toolbox(clock, limits=ToolLimits(max_result_characters=2_000))
            events = await events_of(turn(tools=box, redaction=session), services)
    (result,) = results(requests[1])
    (told,) = ended(events)
    assert result.text == told.kept
    assert len(result.text) < 2_200
    assert "characters are left out here" in result.text
    assert result.text.endswith("last")
    assert "src/a.py" in result.text
    for secret in (aws_key(), *pem_key().splitlines()[1:-1]):
        assert secret not in json.dumps([message.parts for message in requests[1].messages], default=str)
        assert secret not in told.kept


async def test_a_step_with_many_results_is_bounded(tmp_path: Path) -> None:
    """Sixty long results together are not sixty times as much."""
    calls = [call(zone=str(n)) for n in range(60)]
    async with model(tmp_path, calls, "ok") as (services, requests):
        clock = Offered(act=gives("word " * 2_000))
        await events_of(turn(tools=toolbox(clock, limits=ToolLimits(max_result_characters=5_000))), services)
    assert len(clock.ran) == 60
    assert sum(len(part.text) for part in results(requests[1])) < 60_000
    check_consistent(requests)


async def test_a_plan(tmp_path: Path) -> None:
    """It is told as a plan."""
    plan = (PlanEntry("Look", "completed"), PlanEntry("Mend", "pending", "high"))
    async with model(tmp_path, call("update_plan"), "ok") as (services, _):
        tool = Offered("update_plan", "think", act=gives(Done("The plan is noted.", plan=plan)))
        events = await events_of(turn(tools=toolbox(tool)), services)
    assert [event.entries for event in events if isinstance(event, PlanChanged)] == [plan]


async def test_old_results_make_room(tmp_path: Path) -> None:
    """In a small window what the oldest tools gave is left out, in words; the last results and all calls stay."""
    replies = [call(zone=str(n)) for n in range(8)]
    async with model(tmp_path, *replies, "Done.", context_tokens=6_000) as (services, requests):
        clock = Offered(act=lambda zone: gives(f"result {zone} " + "word " * 700)(zone))
        events = await events_of(turn(tools=toolbox(clock)), services)
        assert said(events) == "Done."
        check_consistent(requests)
        assert all(tokens_of_request(each) + each.max_output_tokens <= 6_000 for each in requests)
    told = [
        part.text
        for message in requests[-1].messages
        for part in message.parts
        if isinstance(part, ToolResultPart)
    ]
    assert told[0] == LEFT_OUT
    assert told[-1].startswith("result 7")


async def test_a_model_that_holds_less_than_it_says_while_tools_run(tmp_path: Path) -> None:
    """Its word that the request is too long is taken: old results go, the turn does not fail."""
    replies = [call(zone=str(n)) for n in range(6)]
    async with model(tmp_path, *replies, "Done.", holds=4_000, context_tokens=20_000) as (services, requests):
        clock = Offered(act=lambda zone: gives(f"result {zone} " + "word " * 700)(zone))
        events = await events_of(turn(tools=toolbox(clock)), services)
    assert said(events) == "Done."
    check_consistent(requests)


async def test_earlier_talk_and_tools_in_a_small_window(tmp_path: Path) -> None:
    """The conversation before is summarised while tools are used, and no call is parted from its result."""
    earlier: list[Message] = []
    for n in range(24):
        earlier += [user(f"Question {n} " + "why " * 60), assistant(f"Answer {n} " + "so " * 60)]
    replies = ["A summary.", call(zone="1"), "Done."]
    async with model(tmp_path, *replies, context_tokens=5_000) as (services, requests):
        clock = Offered(act=gives("word " * 300))
        events = await events_of(turn(tools=toolbox(clock), earlier=earlier), services)
    assert said(events) == "Done."
    check_consistent(requests)


class Toolless(Heard):
    """A model that calls no tools."""

    async def capabilities(self, model: str) -> Capabilities:
        """Nothing."""
        return Capabilities(context_tokens=50_000)


async def test_a_model_without_tools(tmp_path: Path) -> None:
    """It is asked without them, and the person is told."""
    async with model(tmp_path, "ok", kind=Toolless) as (services, requests):
        events = await events_of(turn(tools=toolbox(Offered())), services)
    assert requests[0].tools == ()
    assert "You have tools" not in requests[0].system[0].text
    assert [event for event in events if isinstance(event, Noted)] == [
        Noted("The model gets no tools: it cannot call any.", once=True)
    ]


async def test_a_server_that_refuses_tools(tmp_path: Path) -> None:
    """It is asked again without them: a chat that worked before there were tools works still."""
    refusal = Rejected("It takes no tools.")
    async with model(tmp_path, "ok", refuses_tools=refusal) as (services, requests):
        events = await events_of(turn(tools=toolbox(Offered())), services)
    assert said(events) == "ok"
    assert [bool(request.tools) for request in requests] == [True, False]
    assert notes(events) == ["The model gets no tools: It takes no tools."]


async def test_a_window_too_small_for_tools(tmp_path: Path) -> None:
    """What is left of it is worth more for the question."""
    async with model(tmp_path, "ok", context_tokens=1_200) as (services, requests):
        events = await events_of(turn(tools=toolbox(Offered())), services)
    assert requests[0].tools == ()
    (note,) = notes(events)
    assert note.startswith("The model gets no tools: what it is told of them may take ")


async def test_a_window_with_room_for_some_tools(tmp_path: Path) -> None:
    """The most useful are offered in their order, they work, and the person is told which they are."""
    read = Offered("read_file", act=gives("1: x = 1"))
    others = [Offered(f"tool_{n}") for n in range(40)]
    replies = [call("read_file", zone="a.py"), "Done."]
    async with model(tmp_path, *replies, context_tokens=4_000) as (services, requests):
        events = await events_of(turn(tools=toolbox(*others, read)), services)
    offered = [spec.name for spec in requests[0].tools]
    assert offered[-1] == "read_file"
    assert offered[:-1] == [tool.name for tool in others[: len(offered) - 1]]
    assert 3 < len(offered) < 41
    assert read.ran == ["a.py"]
    assert said(events) == "Done."
    (note,) = notes(events)
    assert note.startswith(f"The model gets {len(offered)} of 41 tools (tool_0, ")
    check_consistent(requests)


async def test_steering_between_steps(tmp_path: Path) -> None:
    """What the person says while tools run is told with their results."""
    steer: asyncio.Queue[str] = asyncio.Queue()

    async def listen(_zone: str) -> AsyncGenerator[Streamed | Done, None]:
        steer.put_nowait("Use the other one.")
        yield Done("noon")

    async with model(tmp_path, call(), "ok") as (services, requests):
        await events_of(turn(tools=toolbox(Offered(act=listen)), steer=steer), services)
    *_, result, added = requests[1].messages
    assert result.role == "tool"
    assert added == user("Use the other one.")
    check_consistent(requests)
