"""Pieces of an answer, joined."""

import asyncio

from chat.talk import said

from victor_server.agent.run_events import Answered, Noted, ToolPrinted
from victor_server.agent.text_kinds import ShownText
from victor_server.features.chat.batches import Batches
from victor_server.features.chat.model import ChatEvent


async def test_what_waits_is_handed_on_though_nothing_follows() -> None:
    """The first piece goes out at once; those behind it together, by a timer of their own."""
    told: list[ChatEvent] = []
    both = asyncio.Event()

    def hand_on(event: ChatEvent) -> None:
        told.append(event)
        if len(told) == 2:
            both.set()

    batches = Batches(hand_on, batch_s=0.001)
    for text in ("one ", "two ", "three"):
        batches.put(said(text))
    assert told == [said("one ")]
    await both.wait()
    assert told == [said("one "), said("two three")]


async def test_the_next_piece_takes_along_what_waits() -> None:
    """After a pause no piece waits, and what is no text never does; the order stays."""
    told: list[ChatEvent] = []
    batches = Batches(told.append, batch_s=0.0)
    batches.put(said("one "))
    batches.put(said("two"))
    assert told == [said("one "), said("two")]
    slow = Batches(told.append, batch_s=3600.0)
    for event in (said("a"), said("b"), said("c"), Noted("so"), said("d")):
        slow.put(event)
    slow.flush()
    assert [each.kept if isinstance(each, Answered) else each for each in told[2:]] == [
        "a",
        "bc",
        Noted("so"),
        "d",
    ]


async def test_what_tools_print_is_joined_by_tool() -> None:
    """A program that prints a word at a time makes no storm of events; what two print stays apart."""
    told: list[ChatEvent] = []
    batches = Batches(told.append, batch_s=3600.0)
    batches.put(said("first"))
    for call_id, text in (("a", "1"), ("a", "2"), ("b", "3"), ("a", "4"), ("a", "5")):
        batches.put(ToolPrinted(call_id, ShownText(text)))
    batches.put(said("answer"))
    batches.flush()
    assert told == [
        said("first"),
        ToolPrinted("a", ShownText("12")),
        ToolPrinted("b", ShownText("3")),
        ToolPrinted("a", ShownText("45")),
        said("answer"),
    ]
