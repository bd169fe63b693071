"""Libraries are loaded when they are needed, and one after the other."""

import asyncio
import threading

from victor_server.agent.providers.streaming import Lazily


async def test_no_two_are_made_at_a_time() -> None:
    """A library that is half loaded is not found by another one that looks for it."""
    second_has_begun = threading.Event()
    overlapped: list[bool] = []

    def first() -> str:
        overlapped.append(second_has_begun.wait(0.1))  # given up at once where nobody overlaps
        return "first"

    def second() -> str:
        second_has_begun.set()
        return "second"

    assert await asyncio.gather(Lazily(first).get(), Lazily(second).get()) == ["first", "second"]
    assert overlapped == [False]
