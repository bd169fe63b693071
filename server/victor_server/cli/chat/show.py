"""Shows one turn while it runs."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import assert_never

from victor_server.agent.run_events import (
    Answered,
    Compacted,
    ContextChosen,
    Metered,
    Noted,
    PlanChanged,
    ReceiptWritten,
    Routed,
    Thought,
    ToolAsked,
    ToolEnded,
    ToolPrinted,
    ToolStarted,
    TurnEnded,
)
from victor_server.cli.chat.ctrl_c import on_ctrl_c
from victor_server.cli.chat.screen import Screen
from victor_server.cli.chat.told import Told, context_line, output_lines, tool_line
from victor_server.features.chat.chat import Chat
from victor_server.features.chat.model import ChatEvent, ChatUpdate, Prompted, Retried, Steered, Titled


async def show_turn(
    chat: Chat, session_id: str, updates: AsyncGenerator[ChatUpdate, None], screen: Screen, *, details: bool
) -> Told:
    """Show a turn to its end and return what it told. Ctrl-C stops the answer, and only that.

    `details`: say as well what the model is shown and who is asked. Raises what `Chat.prompt` raises.
    """
    told = Told(session_id)
    stopping: set[asyncio.Task[bool]] = set()

    def stop() -> None:
        if not stopping:
            screen.wait("Stopping…")
            stopping.add(asyncio.get_running_loop().create_task(chat.cancel(session_id)))

    with on_ctrl_c(stop):
        try:
            async with aclosing(updates):
                async for update in updates:
                    show(update.event, told, screen, details=details)
                    told.take(update.event)
        finally:
            screen.end()
            await asyncio.gather(*stopping)
    return told


def show(event: ChatEvent, told: Told, screen: Screen, *, details: bool) -> None:
    """Show what happened after what was `told` so far."""
    match event:
        case Answered():
            screen.answer(event.shown)
        case Prompted():
            screen.begin()
        case Thought():
            if told.last is not Thought:
                screen.wait("Thinking…")
        case Routed(decision):
            if details:
                screen.wait(f"Asking {decision.model} (profile {decision.profile})…")
        case ToolStarted():
            screen.wait(f"{event.title}…")
        case ToolEnded():
            screen.note("\n".join((tool_line(event, told), *output_lines(event, told))))
        case TurnEnded():
            screen.end()
            if said := _ENDS.get(event.reason):
                screen.note(f"{said} {event.message if event.reason == 'refusal' else ''}".rstrip())
        case _:
            if said := _note(event, details=details):
                screen.note(said)


def _note(
    event: ContextChosen
    | ToolAsked
    | ToolPrinted
    | PlanChanged
    | Compacted
    | Noted
    | Metered
    | ReceiptWritten
    | Steered
    | Retried
    | Titled,
    *,
    details: bool,
) -> str:
    match event:
        case ContextChosen(context):
            return context_line(context) if details else ""
        case PlanChanged(entries):
            return "\n".join(f"{_MARKS[each.status]} {each.content}" for each in entries)
        case Compacted():
            return (
                f"The chat no longer fitted the model: {event.n_messages} messages became a summary"
                f" ({event.tokens_before:,} tokens before, {event.tokens_after:,} now)."
            )
        case Noted():
            return event.text
        case ToolAsked() | ToolPrinted() | Metered() | ReceiptWritten() | Steered() | Retried() | Titled():
            return ""
        case never:
            assert_never(never)


_MARKS = {"pending": "[ ]", "in_progress": "[>]", "completed": "[x]"}
_ENDS = {
    "max_tokens": "The answer is cut off: it reached the limit of what the model may write. Ask it to go on.",
    "max_turn_requests": "The turn is cut off: it reached the limit of calls. Ask it to go on.",
    "refusal": "The model declines to answer this.",
    "cancelled": "Stopped.",
    "interrupted": "The program ended before the answer did.",
}
