"""Several streams at once: their events as they come."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TypeVar

from victor_server.agent.uninterrupted import uninterrupted

T = TypeVar("T")


async def side_by_side(streams: Sequence[AsyncGenerator[T, None]], n_at_once: int) -> AsyncGenerator[T, None]:
    """All that the streams give, each in its own order. What one raises ends them all.

    Ended early, all streams are closed in order before that returns. Use it with `contextlib.aclosing`.
    """
    told: asyncio.Queue[tuple[T] | BaseException | None] = asyncio.Queue()
    gate = asyncio.Semaphore(n_at_once)

    async def pump(stream: AsyncGenerator[T, None]) -> None:
        try:
            async with aclosing(stream), gate:
                async for event in stream:
                    told.put_nowait((event,))
        except (
            BaseException
        ) as error:  # a cancel too: one that comes from within would be waited for for ever
            told.put_nowait(error)
            if not isinstance(error, Exception):
                raise
        else:
            told.put_nowait(None)

    tasks = [asyncio.create_task(pump(stream)) for stream in streams]
    n_open = len(tasks)
    try:
        while n_open:
            match await told.get():
                case None:
                    n_open -= 1
                case (event,):
                    yield event
                case error:
                    raise error
    finally:
        for task in tasks:
            task.cancel()
        await uninterrupted(_all_ended(tasks))


async def _all_ended(tasks: Sequence["asyncio.Task[None]"]) -> None:
    if tasks:
        await asyncio.wait(tasks)
