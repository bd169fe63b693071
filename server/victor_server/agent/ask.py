"""One question to a model outside of any chat: routed, budgeted, redacted, with a receipt, and nothing kept of it."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

from victor_server.agent.calls.call import ModelCall, new_call_id
from victor_server.agent.context.piece import Context
from victor_server.agent.messages import Message, TextPart
from victor_server.agent.model_call import call_model
from victor_server.agent.prompts import merged, system_text
from victor_server.agent.redaction.incoming import of_person, take_in
from victor_server.agent.run_events import (
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
from victor_server.secrets.redaction.session import RedactionSession

_MARGIN_TOKENS = 64
_ENDS: dict[str, TurnEnd] = {"max_tokens": "max_tokens", "refused": "refusal"}


@dataclass(frozen=True, slots=True)
class Asking:
    """One question, and all that goes with it.

    `rules` say in which form the answer is wanted; they stand behind what Victor says to every model. `prompt` is what
    is asked, as it is. `replies` is what was said after it, by the model first: kept text. `context` as it stands in
    the workspace. `redaction` belongs to the question and to those that follow it up. `session_id` and `turn_id` name
    it in ledger and receipts; `profile` "" leaves the choice to the router.
    """

    session_id: str
    turn_id: str
    root: Path | None
    task: str
    prompt: str = field(repr=False)
    redaction: RedactionSession
    rules: str = field(default="", repr=False)
    context: Context = field(default_factory=Context)
    replies: Sequence[Message] = field(default=(), repr=False)
    profile: str = ""


async def ask_once(asking: Asking, services: AgentServices) -> AsyncGenerator[RunEvent, None]:
    """What happens: ContextChosen first, then what a call tells, the answer piece by piece, one TurnEnded last.

    Use it with `contextlib.aclosing`: ended early, by `aclose` or a cancel, the call is closed and settled before that
    returns. What of the context does not fit the model is left out, and so are private files. Raises as `call_model`.
    """
    system = (TextPart(KeptText(f"{system_text(asking.task)}\n{asking.rules}".rstrip()), stable=True),)
    (prompt,) = await take_in([of_person(asking.prompt)], asking.redaction)
    window = await window_of(asking.task, asking.profile, services)
    shown = await _show(asking, prompt, system, window, services)
    yield ContextChosen(shown.chosen)
    saying = Saying(asking.redaction)
    call = _call(asking, prompt, system, shown, window)
    async with aclosing(call_model(call, services)) as events:
        async for event in events:
            if isinstance(event, Routed | Noted | Metered | ReceiptWritten):
                yield event
            else:
                for told in saying.hear(event):
                    yield told
    for left in saying.finish():
        yield left
    yield TurnEnded(_ENDS.get(saying.stopped or "", "end_turn"))


async def _show(
    asking: Asking,
    prompt: KeptText,
    system: tuple[TextPart, ...],
    window: Window,
    services: AgentServices,
) -> Shown:
    """The context without what is private; of a small window it gets what the question leaves."""
    context = asking.context
    if context.pieces:
        private = services.private_files
        context = await asyncio.to_thread(without_private, context, private, asking.root)
    if window.input_tokens is not None:
        messages = (Message("user", (TextPart(prompt),)), *asking.replies)
        left = window.input_tokens - await tokens_of(messages, system) - _MARGIN_TOKENS
        context = fitted(context, max(0, left))
    return await show(context, asking.redaction)


def _call(
    asking: Asking, prompt: KeptText, system: tuple[TextPart, ...], shown: Shown, window: Window
) -> ModelCall:
    between = (TextPart("\n\n"),) if shown.context else ()
    question = Message("user", (*shown.context, *between, TextPart(prompt)))
    return ModelCall(
        id=new_call_id(),
        session_id=asking.session_id,
        turn_id=asking.turn_id,
        workspace=str(asking.root or ""),
        task=asking.task,
        profile=asking.profile,
        redaction=asking.redaction,
        messages=merged([question, *asking.replies]),
        system=(*system, *shown.system),
        max_output_tokens=window.max_output_tokens,
        files=shown.files,
        held_back=shown.held_back,
    )
