"""The steps of one turn: show, ask, hear, run tools, ask again."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from victor_server.agent.calls.call import CallEvent, ModelCall, new_call_id
from victor_server.agent.compaction import SUMMARY_TASK, Compacting, n_to_summarise
from victor_server.agent.context.piece import Context
from victor_server.agent.events import Usage
from victor_server.agent.messages import Message, TextPart, ToolCallPart, ToolResultPart, user
from victor_server.agent.model_call import call_model
from victor_server.agent.prompts import merged, system_text
from victor_server.agent.redaction.incoming import Outside, of_person, take_in
from victor_server.agent.run_events import (
    Compacted,
    ContextChosen,
    Metered,
    Noted,
    ReceiptWritten,
    Routed,
    RunEvent,
    TurnEnd,
    TurnEnded,
)
from victor_server.agent.saying import Saying
from victor_server.agent.services import AgentServices
from victor_server.agent.showing import Shown, fitted, show, without_private
from victor_server.agent.text_kinds import KeptText
from victor_server.agent.window import Window, tokens_of, window_of
from victor_server.errors import ContextTooLong, VictorError

if TYPE_CHECKING:
    from victor_server.agent.turn import Turn

MAX_STEPS = 25
"""Model calls of one turn."""

_MARGIN_TOKENS = 64
_ENDS: dict[str, TurnEnd] = {"max_tokens": "max_tokens", "refused": "refusal"}


class Talk:
    """One turn while it runs."""

    def __init__(self, turn: "Turn", services: AgentServices) -> None:
        self._turn = turn
        self._services = services
        self._earlier = list(turn.earlier)
        self._said: list[Message] = []  # in this turn, the question first
        self._usage = Usage(0, 0)
        self._cost_usd: float | None = 0.0
        self._window = Window(None, 0)

    async def events(self) -> AsyncGenerator[RunEvent, None]:
        """Everything that happens, TurnEnded last."""
        turn = self._turn
        self._window = await window_of(turn.task, turn.profile, self._services, tools=turn.tools is not None)
        (prompt,) = await take_in([of_person(turn.prompt)], turn.redaction)
        self._said = [user(prompt)]
        allowed = turn.context
        if allowed.pieces:
            private = self._services.private_files
            allowed = await asyncio.to_thread(without_private, allowed, private, turn.root)
        async with aclosing(self._steps(allowed)) as events:
            async for event in events:
                yield event

    async def _steps(self, context: Context) -> AsyncGenerator[RunEvent, None]:
        shown = await self._show(context)
        yield ContextChosen(shown.chosen)
        for note in _notes(shown, self._turn.context):
            yield note
        for _ in range(MAX_STEPS):
            saying = Saying(self._turn.redaction)
            async with aclosing(self._ask_until_it_fits(shown, saying)) as events:
                async for event in events:
                    yield event
            if saying.message is not None:
                self._said.append(saying.message)
            results = [await self._run_tool(call) for call in saying.calls]
            if results:
                self._said.append(Message("tool", tuple(results)))
            if not await self._hear_person() and not results:
                yield TurnEnded(_ENDS.get(saying.stopped or "", "end_turn"))
                return
        yield TurnEnded("max_turn_requests")

    async def _show(self, context: Context) -> Shown:
        """What is shown of the context; of a small window it gets what the question leaves."""
        room = self._window.input_tokens
        if room is not None:
            left = room - await tokens_of(self._said, self._system()) - _MARGIN_TOKENS
            context = fitted(context, max(0, left))
        return await show(context, self._turn.redaction)

    async def _ask_until_it_fits(self, shown: Shown, saying: Saying) -> AsyncGenerator[RunEvent, None]:
        """One call of the model; one more with a shorter conversation, should the model find it too long."""
        for is_last in (False, True):
            async with aclosing(self._compact(shown)) as events:
                async for event in events:
                    yield event
            try:
                async with aclosing(self._ask(shown, saying)) as events:
                    async for event in events:
                        yield event
            except ContextTooLong:
                if is_last or saying.message or not self._earlier:
                    raise
                said = [*self._earlier, *self._with_context(shown)]
                self._window = self._window.without(await tokens_of(said, (*self._system(), *shown.system)))
            else:
                return

    async def _ask(self, shown: Shown, saying: Saying) -> AsyncGenerator[RunEvent, None]:
        call = self._call(
            self._turn.task,
            merged([*self._earlier, *self._with_context(shown)]),
            (*self._system(), *shown.system),
            shown,
        )
        async with aclosing(call_model(call, self._services, self._is_steered)) as events:
            async for event in events:
                if isinstance(event, Routed | Noted | Metered | ReceiptWritten):
                    yield self._metered(event)
                else:
                    for told in saying.hear(event):
                        if told.shown or told.kept:
                            yield told
        for left in saying.finish():
            yield left

    async def _compact(self, shown: Shown) -> AsyncGenerator[RunEvent, None]:
        """Summarise the older part of the conversation where all of it does not fit."""
        room = self._window.input_tokens
        if room is None or not self._earlier:
            return
        now = await tokens_of(self._with_context(shown), (*self._system(), *shown.system))
        before = now + await tokens_of(self._earlier) + _MARGIN_TOKENS
        if before <= room:
            return
        n_messages = await n_to_summarise(self._earlier, max(0, room - now))
        if not n_messages:
            return
        compacting = Compacting(self._earlier, n_messages, room, self._ask_for_summary)
        async with aclosing(compacting.events()) as events:
            async for event in events:
                if isinstance(event, Noted | Metered | ReceiptWritten):
                    yield self._metered(event)
        self._earlier = compacting.messages
        after = now + await tokens_of(self._earlier) + _MARGIN_TOKENS
        yield Compacted(n_messages, before, after, compacting.summary)

    def _ask_for_summary(self, message: Message) -> AsyncGenerator[CallEvent, None]:
        return call_model(self._call(SUMMARY_TASK, (message,), (), None), self._services)

    def _call(
        self, task: str, messages: tuple[Message, ...], system: tuple[TextPart, ...], shown: Shown | None
    ) -> ModelCall:
        turn = self._turn
        return ModelCall(
            id=new_call_id(),
            session_id=turn.session_id,
            turn_id=turn.turn_id,
            workspace=str(turn.root or ""),
            task=task,
            profile=turn.profile,
            redaction=turn.redaction,
            messages=messages,
            system=system,
            tools=tuple(turn.tools.specs) if turn.tools and shown else (),
            max_output_tokens=self._window.max_output_tokens,
            files=shown.files if shown else (),
            held_back=shown.held_back if shown else (),
        )

    def _system(self) -> tuple[TextPart, ...]:
        return (TextPart(system_text(self._turn.task), stable=True),)

    def _with_context(self, shown: Shown) -> list[Message]:
        """What was said in this turn, the context before the question."""
        question, *others = self._said
        if not shown.context:
            return self._said
        return [Message("user", (*shown.context, TextPart("\n\n"), *question.parts)), *others]

    def _is_steered(self) -> bool:
        return self._turn.steer is not None and not self._turn.steer.empty()

    async def _hear_person(self) -> bool:
        """Take up what the person said meanwhile; whether there was anything."""
        added: list[KeptText] = []
        while self._turn.steer is not None and not self._turn.steer.empty():
            added += await take_in([of_person(self._turn.steer.get_nowait())], self._turn.redaction)
        self._said += [user(text) for text in added]
        return bool(added)

    async def _run_tool(self, call: ToolCallPart) -> ToolResultPart:
        if self._turn.tools is None:
            return ToolResultPart(call.id, "There is no such tool.", is_error=True)
        try:
            text, is_error = await self._turn.tools.run(call)
        except VictorError as error:
            text, is_error = f"{error.message} {error.fix}".strip(), True
        (kept,) = await take_in([Outside(text)], self._turn.redaction)
        return ToolResultPart(call.id, kept, is_error)

    def _metered(self, event: Routed | Noted | Metered | ReceiptWritten) -> RunEvent:
        """The event; what was used is added up over the turn."""
        if not isinstance(event, Metered):
            return event
        one, so_far = event.usage, self._usage
        self._usage = Usage(
            so_far.input_tokens + one.input_tokens,
            so_far.output_tokens + one.output_tokens,
            so_far.cache_read_tokens + one.cache_read_tokens,
            so_far.cache_write_tokens + one.cache_write_tokens,
            so_far.counted and one.counted,
        )
        is_known = self._cost_usd is not None and event.cost_usd is not None
        self._cost_usd = (self._cost_usd or 0.0) + (event.cost_usd or 0.0) if is_known else None
        return Metered(self._usage, self._cost_usd)


def _notes(shown: Shown, wanted: Context) -> list[Noted]:
    """What the person should know of pieces that were chosen and are not shown after all."""
    missing = shown.chosen.left_out[len(wanted.left_out) :]
    return [Noted(f"Not shown to the model: {out.path or out.kind}: {out.reason}.") for out in missing]
