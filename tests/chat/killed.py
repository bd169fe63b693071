"""A window that is to be killed: `killed.py SESSIONS_DB` prints its session, then what is on disk of its answer."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from chat.talk import Talk, said

from victor_server.agent.run_events import Answered, RunEvent
from victor_server.agent.turn import Turn


async def count(_: Turn) -> AsyncGenerator[RunEvent, None]:
    """An answer without an end."""
    number = 0
    while True:
        yield said(f"{number} ")
        number += 1
        await asyncio.sleep(0.001)


async def main() -> None:
    """Ask, and report after each write."""
    talk = Talk(Path(sys.argv[1]), reply=count)
    async with talk.open() as chat:
        session = await chat.new(None)
        print(session.id, flush=True)  # noqa: T201 - what the test reads
        text = ""
        async for update in chat.prompt(session.id, "count"):
            if isinstance(update.event, Answered):
                text += update.event.shown
                await chat._keeper.flush()
                print(text, flush=True)  # noqa: T201


asyncio.run(main())
