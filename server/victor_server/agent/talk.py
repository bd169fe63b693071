"""The steps of one turn: show, ask, hear, run tools, ask again."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from victor_server.agent.calls.call import CallEvent, ModelCall, new_call_id
from victor_server.agent.compaction import SUMMARY_TASK, Compacting, n_to_summarise
from victor_server.agent.context.piece import Context
from victor_server.agent.events import Usage
from victor_server.agent.making_room import without_old_results
from victor_server.agent.messages import Message, TextPart, ToolSpec, user
from victor_server.agent.model_call import call_model
from victor_server.agent.offering import offer
from victor_server.agent.prompts import merged, system_text, tools_text
from victor_server.agent.redaction.incoming import of_person, take_in
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
from victor_server.agent.tool_step import LAST_STEP, ToolStep
from victor_server.agent.tools.limits import DEFAULT_LIMITS
from victor_server.agent.window import Window, tokens_of, window_of
from victor_server.errors import ContextTooLong, Rejected

if TYPE_CHECKING:
    from victor_server.agent.turn import Turn

_MARGIN_TOKENS = 64
_IN_CIRCLES = "the model repeats a call that gives the same every time."
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
        self._tools = turn.tools
        self._offered: tuple[ToolSpec, ...] = ()
        self._step = ToolStep(turn.redaction)
        self._limits = turn.tools.limits if turn.tools else DEFAULT_LIMITS
        self._why_answer = ""  # why the model was told to answer now
        self._is_over = False
        self._has_text = False  # of the answer, so far

    async def events(self) -> AsyncGenerator[RunEvent, None]:
        """Everything that happens, TurnEnded last."""
        turn = self._turn
        self._window = await window_of(turn.task, turn.profile, self._services)
        if self._tools is not None:
            offered = await offer(self._tools, self._window)
            self._offered, self._tools = offered.specs, self._tools if offered.specs else None
            if offered.note:
                yield Noted(offered.note, once=True)
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
        for n_calls in range(1, self._limits.max_steps + 1):
            names = frozenset(tool.name for tool in self._specs())
            saying = Saying(self._turn.redaction, names, stands_apart=self._has_text)
            async with aclosing(self._ask_until_it_fits(shown, saying)) as events:
                async for event in events:
                    yield event
            self._has_text = self._has_text or saying.has_text
            if saying.message is not None:
                self._said.append(saying.message)
            if saying.calls:
                async with aclosing(
                    self._use_tools(saying, is_last=n_calls + 1 >= self._limits.max_steps)
                ) as told:
                    async for event in told:
                        yield event
            if not await self._hear_person() and not saying.calls:
                yield TurnEnded(_ENDS.get(saying.stopped or "", "end_turn"))
                return
            if self._is_over:
                break
        yield TurnEnded("max_turn_requests")

    async def _use_tools(self, saying: Saying, *, is_last: bool) -> AsyncGenerator[RunEvent, None]:
        """Do what the model asks for, or tell it why not; after the last step it is to answer with what it knows."""
        why_not = self._why_no_more()
        if why_not or self._tools is None:
            stream = self._step.refuse(
                saying.calls, why_not or "there are no tools. Answer with what you know."
            )
        else:
            stream = self._step.run(self._tools, saying.calls, saying.unreadable, self._result_characters())
        async with aclosing(stream) as events:
            async for event in events:
                yield event
        self._is_over = bool(self._why_answer) or self._step.is_stuck
        if is_last and not why_not:
            self._step.add(LAST_STEP)
            why_not = f"the {self._limits.max_steps} steps of a turn are used up."
        self._why_answer = why_not or ("there are no tools." if self._tools is None else "")
        self._said.append(Message("tool", self._step.results))
        if self._is_over:
            yield Noted(f"The turn was ended: {self._why_answer or _IN_CIRCLES}")

    def _why_no_more(self) -> str:
        """Why no tool is run any more, as the model is told; "" while they are."""
        limits, used = self._limits, self._usage.input_tokens + self._usage.output_tokens
        if self._why_answer:
            return self._why_answer
        if used >= limits.max_tokens:
            return f"the {limits.max_tokens:,} tokens that a turn with tools may use are used up. Answer now."
        if self._tools is not None and self._tools.is_out_of_time:
            return "the time that tools may take in one turn is used up. Answer now, with what you know."
        return ""

    def _result_characters(self) -> int:
        """Of one result: in a small window about a third of it."""
        room = self._window.input_tokens
        most = self._limits.max_result_characters
        return most if room is None else min(most, room)

    async def _show(self, context: Context) -> Shown:
        """What is shown of the context; of a small window it gets what the question leaves."""
        room = self._window.input_tokens
        if room is not None:
            left = room - await tokens_of(self._said, self._system(), self._specs()) - _MARGIN_TOKENS
            context = fitted(context, max(0, left))
        return await show(context, self._turn.redaction)

    async def _ask_until_it_fits(self, shown: Shown, saying: Saying) -> AsyncGenerator[RunEvent, None]:
        """One call of the model; one more with less, should the model find it too long, or its server take no tools."""
        for is_last in (False, True):
            async with aclosing(self._compact(shown)) as events:
                async for event in events:
                    yield event
            await self._leave_out_old_results(shown)
            try:
                async with aclosing(self._ask(shown, saying)) as events:
                    async for event in events:
                        yield event
            except ContextTooLong:
                if is_last or saying.message or not (self._earlier or self._used_tools()):
                    raise
                self._window = self._window.without(
                    await self._n_tokens([*self._earlier, *self._with_context(shown)], shown)
                )
            except Rejected as error:
                if is_last or saying.message or self._tools is None or self._used_tools():
                    raise
                self._tools = None
                yield Noted(f"The model gets no tools: {error.message}", once=True)
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
        now = await self._n_tokens(self._with_context(shown), shown)
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

    async def _leave_out_old_results(self, shown: Shown) -> None:
        """Have what the oldest tools of this turn gave make room for what came after."""
        room = self._window.input_tokens
        if room is None or not self._used_tools():
            return
        over = (
            await self._n_tokens([*self._earlier, *self._with_context(shown)], shown) + _MARGIN_TOKENS - room
        )
        if over > 0:
            self._said = await asyncio.to_thread(without_old_results, self._said, over)

    async def _n_tokens(self, messages: Sequence[Message], shown: Shown) -> int:
        """What a call with these takes at most, with all that stands before them."""
        return await tokens_of(messages, (*self._system(), *shown.system), self._specs())

    def _specs(self) -> tuple[ToolSpec, ...]:
        return self._offered if self._tools is not None else ()

    def _used_tools(self) -> bool:
        return any(message.role == "tool" for message in self._said)

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
            tools=self._specs() if shown else (),
            max_output_tokens=self._window.max_output_tokens,
            files=shown.files if shown else (),
            held_back=shown.held_back if shown else (),
        )

    def _system(self) -> tuple[TextPart, ...]:
        text = system_text(self._turn.task)
        if self._tools is not None:
            text = KeptText(f"{text}\n\n{tools_text(self._tools.mode)}")
        return (TextPart(text, stable=True),)

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
