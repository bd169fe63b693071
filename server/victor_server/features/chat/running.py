"""How one turn runs: the question is kept, the model is shown and asked, and however it goes there is one end."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace

from victor_indexer.errors import IndexerError
from victor_server.agent.context.piece import Context
from victor_server.agent.run_events import (
    Answered,
    Cited,
    ContextChosen,
    Noted,
    ReceiptWritten,
    ToolEnded,
    TurnEnded,
)
from victor_server.agent.text_kinds import KeptText, ShownText
from victor_server.agent.turn import Tools, Turn
from victor_server.errors import VictorError
from victor_server.features.chat.citations import cited_in, is_file_in
from victor_server.features.chat.commands import Command, help_text, refuse_without_changes
from victor_server.features.chat.conversation import Conversation, Running, title_of
from victor_server.features.chat.earlier import earlier_messages
from victor_server.features.chat.keeper import End, Keeper, Rename
from victor_server.features.chat.model import Asked, Ports, Prompted, Retried, Titled
from victor_server.features.chat.stored import RECEIPT, TOOL, TOOL_ENDED, from_stored

logger = logging.getLogger(__name__)

_WITHOUT_TOOLS = frozenset({"commit_message"})
"""What is asked about has been shown; tools would only lead away from it."""


async def run(
    conversation: Conversation,
    running: Running,
    command: Command | None,
    retried: Retried | None,
    ports: Ports,
    keeper: Keeper,
) -> None:
    """Tell everything to `running.batches`, a TurnEnded last; never raises for what goes wrong, a cancel included."""
    try:
        end = await _answered(conversation, running, command, retried, ports, keeper)
    except asyncio.CancelledError:
        end = TurnEnded("cancelled")
    except (VictorError, IndexerError) as error:
        end = TurnEnded("failed", error.kind, error.message, error.fix)
    except Exception:
        logger.exception("a bug in a turn")
        end = TurnEnded("failed", "fault", "A fault in Victor; see its log.")
    await _end(conversation, running, end, keeper)


async def _answered(
    conversation: Conversation,
    running: Running,
    command: Command | None,
    retried: Retried | None,
    ports: Ports,
    keeper: Keeper,
) -> TurnEnded:
    asked, earlier = running.asked, list(conversation.kept)
    await _begin(conversation, running, retried, keeper)
    if command is not None and command.is_local:
        text = help_text() if command.name == "help" else await ports.local[command.name](asked)
        running.batches.put(Answered(ShownText(text), KeptText(text)))
        return TurnEnded("end_turn")
    if retried is not None:
        earlier = [each for each in earlier if each.turn_id != retried.turn_id]
    context = await ports.gather(asked)
    if command is not None:
        refuse_without_changes(command, asked, context)
    tools = await _tools(conversation, running, ports)
    turn = Turn(
        session_id=conversation.session.id,
        turn_id=running.turn_id,
        root=asked.root,
        task=asked.task,
        prompt=asked.prompt,
        earlier=await asyncio.to_thread(earlier_messages, earlier),
        context=context,
        profile=asked.profile,
        redaction=conversation.redaction,
        steer=running.steer,
        tools=tools,
    )
    return await _asked(conversation, running, turn, ports)


async def _tools(conversation: Conversation, running: Running, ports: Ports) -> Tools | None:
    asked = running.asked
    if ports.tools is None or asked.task in _WITHOUT_TOOLS:
        return None
    offered = await ports.tools(asked, conversation.session.id, running.turn_id)
    for note in offered.notes:
        if not conversation.has_noted(note):
            running.batches.put(Noted(note, once=True))
    return offered.tools


async def _asked(conversation: Conversation, running: Running, turn: Turn, ports: Ports) -> TurnEnded:
    end: TurnEnded | None = None
    async with aclosing(ports.answer(turn)) as events:
        async for event in events:
            if isinstance(event, TurnEnded):
                end = event
            elif not (isinstance(event, Noted) and event.once and conversation.has_noted(event.text)):
                running.batches.put(event)
    return end or TurnEnded("failed", "fault", "The answer ended without saying how.")


async def _begin(
    conversation: Conversation, running: Running, retried: Retried | None, keeper: Keeper
) -> None:
    """The question is on disk before anybody is asked."""
    asked = running.asked
    kept, told = await asyncio.to_thread(_redacted, conversation, asked)
    session_id = conversation.session.id
    conversation.last_asked = asked
    running.batches.put(Prompted(ShownText(asked.text), kept, told))
    if retried is not None:
        running.batches.put(retried)
    if not conversation.session.title:
        conversation.retitle(title_of(kept))
        keeper.add(Rename(session_id, conversation.session.title))
        running.batches.put(Titled(conversation.session.title))
    await keeper.flush()
    _say_if_unsaved(conversation, running, keeper)


def _redacted(conversation: Conversation, asked: Asked) -> tuple[KeptText, KeptText]:
    redact = conversation.redaction.redact
    kept = KeptText(redact(asked.text)[0])
    return kept, kept if asked.prompt == asked.text else KeptText(redact(asked.prompt)[0])


def _say_if_unsaved(conversation: Conversation, running: Running, keeper: Keeper) -> None:
    """Once when it begins and once when it is over."""
    trouble = keeper.trouble
    if (trouble is not None) == conversation.is_unsaved:
        return
    conversation.is_unsaved = trouble is not None
    if trouble is None:
        running.batches.put(Noted("This chat is being saved again; nothing of it was lost."))
    else:
        said = f"This chat is not being saved: {trouble.message} {trouble.fix}"
        running.batches.put(Noted(f"{said.rstrip()} It goes on in memory."))


async def _end(conversation: Conversation, running: Running, end: TurnEnded, keeper: Keeper) -> None:
    running.batches.flush()
    for call_id in _open_calls(conversation, running):
        running.batches.put(ToolEnded(call_id, "cancelled", ShownText(_STOPPED), KeptText(_STOPPED)))
    citations = end.citations or await asyncio.to_thread(_citations, conversation, running)
    await keeper.flush()
    _say_if_unsaved(conversation, running, keeper)
    for receipt_id in await _untold_receipts(conversation, running, end, keeper):
        running.batches.put(ReceiptWritten(receipt_id))
    running.batches.put(replace(end, citations=tuple(citations)))
    keeper.add(End(conversation.session.id, running.turn_id, end.reason))
    await keeper.flush()


_STOPPED = "Stopped before it had a result."


def _open_calls(conversation: Conversation, running: Running) -> Sequence[str]:
    """Calls of tools that were told to have begun, and not how they ended."""
    told: dict[str, None] = {}
    for each in conversation.kept:
        if each.turn_id == running.turn_id and each.kind == TOOL:
            told[each.data["id"]] = None
        elif each.turn_id == running.turn_id and each.kind == TOOL_ENDED:
            told.pop(each.data["id"], None)
    return list(told)


async def _untold_receipts(
    conversation: Conversation, running: Running, end: TurnEnded, keeper: Keeper
) -> Sequence[str]:
    """A call that broke off tells nothing more, but what it sent has left this machine all the same."""
    if end.reason not in ("cancelled", "failed"):
        return ()
    told = {
        each.data["receipt_id"]
        for each in conversation.kept
        if (each.turn_id, each.kind) == (running.turn_id, RECEIPT)
    }
    written = await keeper.receipts(conversation.session.id, running.turn_id)
    return [receipt_id for receipt_id in written if receipt_id not in told]


def _citations(conversation: Conversation, running: Running) -> Sequence[Cited]:
    answer, context = "", Context()
    for each in conversation.kept:
        if each.turn_id == running.turn_id:
            match from_stored(each.kind, each.data):
                case Answered(kept=text):
                    answer += text
                case ContextChosen(chosen):
                    context = chosen
    return cited_in(answer + running.words.waiting, context.pieces, is_file_in(running.asked.root))
