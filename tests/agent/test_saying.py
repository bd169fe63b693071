"""One answer while it comes: its text, its thoughts, and the tools that it asks for."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.agent.events import ModelEvent, Stopped, TextDelta, ThinkingDelta, ToolCallDelta
from victor_server.agent.messages import TextPart, ThinkingPart
from victor_server.agent.run_events import Answered, Thought, ToolAsked
from victor_server.agent.saying import MAX_TOOL_CALLS, Saying
from victor_server.errors import BadResponse
from victor_server.secrets.redaction.session import RedactionSession


def say(events: Sequence[ModelEvent]) -> tuple[Saying, list[Answered | Thought | ToolAsked]]:
    """The answer of these events, and what is told of it."""
    with RedactionSession() as session:
        saying = Saying(session)
        told: list[Answered | Thought | ToolAsked] = []
        for event in events:
            told += saying.hear(event)
        told += saying.finish()
        return saying, told


@settings(deadline=None, max_examples=100)
@given(st.lists(st.text(max_size=9), max_size=9), st.lists(st.text(max_size=9), max_size=9))
def test_shown_and_kept_are_the_same_answer(texts: list[str], thoughts: list[str]) -> None:
    """Without secrets both are what the model said, however it was cut."""
    events: list[ModelEvent] = [*map(ThinkingDelta, thoughts), *map(TextDelta, texts), Stopped("end")]
    _, told = say(events)
    for kind, said in ((Answered, texts), (Thought, thoughts)):
        pieces = [each for each in told if isinstance(each, Answered | Thought) and type(each) is kind]
        assert (
            "".join(each.shown for each in pieces) == "".join(each.kept for each in pieces) == "".join(said)
        )


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.dictionaries(st.text(max_size=3), st.text(max_size=9) | st.integers()), max_size=4),
    st.integers(1, 7),
)
def test_tools_in_pieces(calls: list[dict[str, object]], size: int) -> None:
    """Arguments come in pieces, those of several calls one after the other; each is asked for once, in order."""
    events: list[ModelEvent] = []
    for index, arguments in enumerate(calls):
        text = json.dumps(arguments)
        events.append(ToolCallDelta(index, f"id{index}", "clock"))
        events += [ToolCallDelta(index, arguments=text[at : at + size]) for at in range(0, len(text), size)]
    saying, told = say([*events, Stopped("tool_calls")])
    assert [each.arguments for each in told if isinstance(each, ToolAsked)] == calls
    assert [(call.name, call.arguments) for call in saying.calls] == [("clock", call) for call in calls]
    assert len({call.id for call in saying.calls}) == len(calls)
    assert not saying.unreadable


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ("[1]", "no object"),
        ("{", "at character 2"),
        ('"a', "at character 1"),
        ("{}{}", "at character 3"),
        ("[" * 100_000, "no JSON"),
        ('{"a": NaN}', "no JSON"),
        ('{"a": 1e999}', "no JSON"),
        ('{"a": ' + "[" * 60 + "]" * 60 + "}", "nested too deep"),
    ],
)
def test_arguments_that_are_none(arguments: str, why: str) -> None:
    """The call stands there without arguments, and what is wrong with them beside it."""
    saying, _ = say([ToolCallDelta(0, "1", "clock", arguments), Stopped("tool_calls")])
    (call,) = saying.calls
    assert (call.name, call.arguments) == ("clock", {})
    assert why in saying.unreadable[call.id]


def test_arguments_that_were_cut_off() -> None:
    """The model is told that it wrote too much at once."""
    saying, _ = say([ToolCallDelta(0, "1", "write", '{"text": "abc'), Stopped("max_tokens")])
    assert "longest length" in saying.unreadable[saying.calls[0].id]


@pytest.mark.parametrize(
    ("written", "name"),
    [("", "unnamed"), ("functions.read file", "functions_read_file"), ("x" * 99, "x" * 64)],
)
def test_a_name_that_no_server_takes_back(written: str, name: str) -> None:
    """It is made one: in the next request it stands beside the result."""
    saying, _ = say([ToolCallDelta(0, "1", written, "{}"), Stopped("tool_calls")])
    assert saying.calls[0].name == name


def test_ids_are_ours() -> None:
    """A server may give none, or the same to all: each result must find its call."""
    events: list[ModelEvent] = [
        ToolCallDelta(n, given, "clock", "{}") for n, given in enumerate(["", "x", "x"])
    ]
    saying, told = say([*events, Stopped("tool_calls")])
    ids = [call.id for call in saying.calls]
    assert len(set(ids)) == 3
    assert all(each.isalnum() and len(each) == 9 for each in ids)
    assert [each.id for each in told if isinstance(each, ToolAsked)] == ids


def test_too_many_tools() -> None:
    """Nobody runs those of a model that is out of its mind."""
    with pytest.raises(BadResponse):
        say([ToolCallDelta(index, "1", "clock", "{}") for index in range(MAX_TOOL_CALLS + 1)])


def test_an_answer_that_broke_off() -> None:
    """Its text counts; a tool in the middle of its arguments and thoughts without their signature do not."""
    saying, _ = say([ThinkingDelta("Hm"), TextDelta("Half"), ToolCallDelta(0, "1", "clock", '{"a')])
    assert saying.calls == ()
    assert saying.message is not None
    assert saying.message.parts == (TextPart("Half"),)


def test_thoughts_go_back_with_their_signatures() -> None:
    """Each block of thoughts with its own, before what was said."""
    events: list[ModelEvent] = [
        ThinkingDelta("One "),
        ThinkingDelta("thought", "sig1"),
        ThinkingDelta("Two", "sig2"),
        TextDelta("Yes"),
    ]
    saying, _ = say([*events, Stopped("end")])
    assert saying.message is not None
    assert saying.message.parts == (
        ThinkingPart("One thought", "sig1"),
        ThinkingPart("Two", "sig2"),
        TextPart("Yes"),
    )


def test_nothing_was_said() -> None:
    """An empty answer is no message."""
    assert say([TextDelta(" \n"), Stopped("end")])[0].message is None
