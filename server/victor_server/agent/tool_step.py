"""The tools of one turn, step by step: what a model asked for at once is done, told, and answered call by call."""

import asyncio
from collections.abc import AsyncGenerator, Container, Iterator, Mapping, Sequence
from contextlib import aclosing
from itertools import groupby
from typing import TYPE_CHECKING, assert_never

from victor_server.agent.messages import ToolCallPart, ToolResultPart
from victor_server.agent.redaction.shown import shown
from victor_server.agent.run_events import (
    PlanChanged,
    RunEvent,
    ToolEnded,
    ToolPrinted,
    ToolStarted,
    ToolStatus,
)
from victor_server.agent.side_by_side import side_by_side
from victor_server.agent.text_kinds import KeptText, ShownText
from victor_server.agent.tools.call_events import CallEnded, CallStarted
from victor_server.agent.tools.limits import bounded
from victor_server.agent.tools.repeats import Repeats
from victor_server.agent.tools.telling import told
from victor_server.agent.tools.tool import Done, Streamed
from victor_server.secrets.redaction.session import RedactionSession

if TYPE_CHECKING:
    from victor_server.agent.turn import Tools

AT_ONCE = 4
_IN_A_STEP = 3
"""All results of one step together are told in as many characters as so many of the longest."""
_LEAST_CHARACTERS = 500

LAST_STEP = "This was the last call of a tool in this turn. Answer now, with what you know."


class ToolStep:
    """Runs the calls of one answer after the other; remembers what repeats itself. `results` are those of the last step."""

    def __init__(self, redaction: RedactionSession) -> None:
        self._redaction = redaction
        self._repeats = Repeats()
        self._told: dict[str, KeptText] = {}
        self._is_error: dict[str, bool] = {}
        self.results: tuple[ToolResultPart, ...] = ()

    @property
    def is_stuck(self) -> bool:
        """Whether the model goes in circles."""
        return self._repeats.is_stuck

    async def run(
        self, tools: "Tools", calls: Sequence[ToolCallPart], unreadable: Mapping[str, str], n_characters: int
    ) -> AsyncGenerator[RunEvent, None]:
        """What happens. Calls that only read run side by side, all others alone and in their order.

        `unreadable`: why the arguments of a call, by its id, cannot be read. A result is told in `n_characters`.
        Raises `Unavailable` once the conversation was closed.
        """
        room = [n_characters * _IN_A_STEP]
        only_reads = {call.id for call in calls if call.id not in unreadable and tools.only_reads(call)}
        for together in _grouped(calls, only_reads):
            streams = [self._one(tools, call, unreadable, n_characters, room) for call in together]
            stream = streams[0] if len(streams) == 1 else side_by_side(streams, AT_ONCE)
            async with aclosing(stream) as events:
                async for event in events:
                    yield event
        self._answer(calls)

    async def refuse(self, calls: Sequence[ToolCallPart], why: str) -> AsyncGenerator[RunEvent, None]:
        """Run none of them, and say why."""
        for call in calls:
            yield await self._end(
                call, CallEnded("refused", _error(f"This was not run: {why}")), _LEAST_CHARACTERS
            )
        self._answer(calls)

    def add(self, words: str) -> None:
        """Say something behind the last result."""
        *others, last = self.results
        text = KeptText(f"{last.text}\n\n{words}")
        self.results = (*others, ToolResultPart(last.id, text, last.is_error))

    def _answer(self, calls: Sequence[ToolCallPart]) -> None:
        self.results = tuple(
            ToolResultPart(call.id, self._told.pop(call.id), self._is_error.pop(call.id)) for call in calls
        )

    async def _one(
        self,
        tools: "Tools",
        call: ToolCallPart,
        unreadable: Mapping[str, str],
        n_characters: int,
        room: list[int],
    ) -> AsyncGenerator[RunEvent, None]:
        if why_not := self._repeats.why_not(call):
            yield await self._end(call, CallEnded("refused", _error(why_not)), n_characters)
            return
        if problem := unreadable.get(call.id):
            failed = await self._end(call, CallEnded("failed", _error(problem)), n_characters)
            self._repeats.note(call, failed.kept, has_changed=False)
            yield failed
            return
        async with aclosing(tools.run(call)) as events:
            async for happened in events:
                if isinstance(happened, CallEnded):
                    most = max(_LEAST_CHARACTERS, min(n_characters, room[0]))
                    event = await self._end(call, happened, most)
                    room[0] -= len(event.kept)
                    self._repeats.note(call, event.kept, has_changed=happened.has_changed)
                    if happened.done.plan is not None:
                        yield PlanChanged(happened.done.plan)
                    yield event
                else:
                    yield _event(call, happened)

    async def _end(self, call: ToolCallPart, ended: CallEnded, n_characters: int) -> ToolEnded:
        """The end of a call as it is told, its text without secrets and within bounds."""
        done = ended.done
        kept = KeptText(bounded(await told(done, self._redaction), n_characters))
        self._told[call.id], self._is_error[call.id] = kept, done.is_error
        status: ToolStatus = ended.status
        return ToolEnded(
            call.id,
            status,
            await self._shown(kept),
            kept,
            done.title,
            ended.decided,
            done.places,
            done.diffs,
        )

    async def _shown(self, kept: KeptText) -> ShownText:
        if "[REDACTED:" not in kept:
            return ShownText(kept)
        return await asyncio.to_thread(shown, self._redaction, kept)


def _grouped(calls: Sequence[ToolCallPart], only_reads: Container[str]) -> Iterator[Sequence[ToolCallPart]]:
    """What may run at once."""
    for is_reading, run in groupby(calls, lambda call: call.id in only_reads):
        together = list(run)
        yield from [together] if is_reading else [[call] for call in together]


def _event(call: ToolCallPart, happened: CallStarted | Streamed) -> RunEvent:
    match happened:
        case CallStarted():
            return ToolStarted(call.id, call.name, happened.title, happened.kind, happened.places)
        case Streamed(text):
            return ToolPrinted(call.id, ShownText(text))
        case never:
            assert_never(never)


def _error(text: str) -> Done:
    return Done(text, is_error=True)
