"""Streams that run at once: all that they give, each in its order, and an end for all of them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.agent.side_by_side import side_by_side


class Streams:
    """Streams of a test: how many are open, and how many were at most."""

    def __init__(self) -> None:
        self.open = self.most = 0

    async def stream(
        self, name: int, waits: list[int], error: BaseException | None = None
    ) -> AsyncGenerator[tuple[int, int]]:
        """Gives its name and a number after so many rounds each."""
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            for number, wait in enumerate(waits):
                for _ in range(wait):
                    await asyncio.sleep(0)
                yield name, number
            if error is not None:
                raise error
        finally:
            self.open -= 1


async def all_of(events: AsyncGenerator[tuple[int, int]]) -> list[tuple[int, int]]:
    """Everything that is left."""
    async with aclosing(events):
        return [event async for event in events]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.integers(0, 4), max_size=5), max_size=8), st.integers(1, 4))
async def test_everything_comes_in_order(waits: list[list[int]], at_once: int) -> None:
    """Nothing is lost or doubled, and no more run at once than may."""
    streams = Streams()
    started = [streams.stream(name, each) for name, each in enumerate(waits)]
    async with aclosing(side_by_side(started, at_once)) as events:
        told = [event async for event in events]
    for name, each in enumerate(waits):
        assert [number for of, number in told if of == name] == list(range(len(each)))
    assert len(told) == sum(map(len, waits))
    assert streams.open == 0
    assert streams.most <= at_once


async def test_an_error_ends_all() -> None:
    """It is raised where the events are read; the others are closed in order."""
    streams = Streams()
    started = [streams.stream(0, [1], ValueError("no")), streams.stream(1, [0] * 1_000)]
    with pytest.raises(ValueError, match="no"):
        await all_of(side_by_side(started, 2))
    assert streams.open == 0


async def test_a_cancel_from_within_ends_all() -> None:
    """A stream that waits for what somebody else cancels is no reason to wait for ever."""
    streams = Streams()
    started = [streams.stream(0, [1], asyncio.CancelledError()), streams.stream(1, [0] * 1_000)]
    task = asyncio.create_task(all_of(side_by_side(started, 2)))
    done, _ = await asyncio.wait([task], timeout=20)
    assert task in done
    assert task.cancelled()
    assert streams.open == 0


@pytest.mark.parametrize("n_events", range(6))
async def test_ended_early(n_events: int) -> None:
    """Whoever stops reading leaves nothing that runs, begun or not."""
    streams = Streams()
    started = [streams.stream(name, [0, 1, 2]) for name in range(4)]
    before = asyncio.all_tasks()
    async with aclosing(side_by_side(started, 2)) as events:
        for _ in range(n_events):
            await anext(events)
    assert streams.open == 0
    assert asyncio.all_tasks() == before


async def test_cancelled() -> None:
    """A cancel of the reader closes all streams before it comes out."""
    streams = Streams()

    started = [streams.stream(0, [0, 10_000_000]), streams.stream(1, [10_000_000])]
    events = side_by_side(started, 3)
    await anext(events)
    task = asyncio.create_task(all_of(events))
    await asyncio.sleep(0)
    assert streams.open == 2
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert streams.open == 0
