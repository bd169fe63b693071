"""What happens in a chat, as the updates of the Agent Client Protocol that a client is sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lsprotocol import types

from victor_server.agent.context.piece import Context
from victor_server.agent.events import Usage
from victor_server.agent.router.decision import Decision
from victor_server.agent.run_events import (
    Answered,
    Cited,
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
from victor_server.agent.tools.tool import Place
from victor_server.features.chat.model import ChatEvent, ChatUpdate, Prompted, Retried, Steered, Titled
from victor_server.lsp.convert import to_lsp_lines
from victor_server.lsp.shapes.chat import ChatUpdateParams

UriOf = Callable[[Path], str]
Json = Mapping[str, Any]


def to_acp_update(update: ChatUpdate, root: Path | None, uri_of: UriOf) -> ChatUpdateParams | None:
    """The notification; None for what a client need not hear of. Places are given as `uri_of` spells them."""
    told = _told(update.event, root, uri_of)
    if told is None:
        return None
    body, meta = told
    victor = {"seq": update.seq, "turnId": update.turn_id, **meta}
    return ChatUpdateParams(update.session_id, body, {"victor": victor})


def to_locations(cited: Sequence[Cited], root: Path | None, uri_of: UriOf) -> list[Json]:
    """Citations as LSP locations: whole lines; the start of the file where no lines are named."""
    return (
        [_location(each.path, each.start_line, each.end_line, root, uri_of) for each in cited] if root else []
    )


def to_route(decision: Decision | None) -> Json:
    """Who answers, as editors show it; empty while nobody does."""
    if decision is None:
        return {}
    return {
        "task": decision.task,
        "profile": decision.profile,
        "provider": decision.provider,
        "model": decision.model,
        "reason": decision.reason,
        "leavesMachine": decision.leaves_machine,
        "ruledOut": [asdict(each) for each in decision.ruled_out],
        "costUsd": decision.cost_usd,
    }


def _told(event: ChatEvent, root: Path | None, uri_of: UriOf) -> tuple[Json, Json] | None:  # noqa: C901 - a table
    match event:
        case Prompted(shown=text) | Steered(shown=text):
            return _chunk("user_message_chunk", text), {}
        case Answered(shown=text):
            return (_chunk("agent_message_chunk", text), {}) if text else None
        case Thought(shown=text):
            return (_chunk("agent_thought_chunk", text), {}) if text else None
        case ToolAsked():
            return _tool_call(event), {}
        case ToolStarted():
            return _tool_started(event), {"tool": event.name}
        case ToolPrinted(shown=text):
            return (_tool_update(event.id, "in_progress"), {"printed": text}) if text else None
        case ToolEnded():
            return _tool_ended(event), {"outcome": event.status, "decided": event.decided}
        case PlanChanged(entries):
            return {"sessionUpdate": "plan", "entries": [asdict(each) for each in entries]}, {}
        case Titled(title):
            return {**_INFO, "title": title}, {}
        case ContextChosen(context):
            return _INFO, {"context": _to_context(context, root, uri_of)}
        case Routed(decision):
            return _INFO, {"route": to_route(decision)}
        case Metered(usage, cost):
            return _INFO, {"usage": _to_usage(usage, cost)}
        case ReceiptWritten(receipt_id):
            return _INFO, {"receipt": receipt_id}
        case Noted(text):
            return _INFO, {"note": text}
        case Retried(turn_id):
            return _INFO, {"retried": turn_id}
        case Compacted():
            return _INFO, {"compacted": _to_compacted(event)}
        case TurnEnded():
            return _INFO, _to_end(event, root, uri_of)


_INFO: Json = {"sessionUpdate": "session_info_update"}


def _chunk(kind: str, text: str) -> Json:
    return {"sessionUpdate": kind, "content": {"type": "text", "text": text}}


def _tool_call(event: ToolAsked) -> Json:
    return {
        "sessionUpdate": "tool_call",
        "toolCallId": event.id,
        "title": event.name,
        "kind": "other",
        "status": "pending",
        "rawInput": dict(event.arguments),
    }


def _tool_started(event: ToolStarted) -> Json:
    more = {"title": event.title, "kind": event.kind, "locations": _places(event.places)}
    return {**_tool_update(event.id, "in_progress"), **more}


def _tool_ended(event: ToolEnded) -> Json:
    text = {"type": "content", "content": {"type": "text", "text": event.shown}}
    diffs = [
        # A file that is gone has no text: the protocol wants one.
        {"type": "diff", "path": str(each.path), "oldText": each.before, "newText": each.after or ""}
        for each in event.diffs
    ]
    update = {
        **_tool_update(event.id, "completed" if event.status == "completed" else "failed"),
        "content": [*diffs, text] if event.shown else diffs,
    }
    if event.title:
        update["title"] = event.title
    if event.places:
        update["locations"] = _places(event.places)
    return update


def _tool_update(call_id: str, status: str) -> dict[str, Any]:
    return {"sessionUpdate": "tool_call_update", "toolCallId": call_id, "status": status}


def _places(places: Sequence[Place]) -> list[Json]:
    """Absolute paths, and lines counted from 0 as everywhere in LSP."""
    return [
        {"path": str(each.path)} if each.line is None else {"path": str(each.path), "line": each.line}
        for each in places
    ]


def _to_usage(usage: Usage, cost_usd: float | None) -> Json:
    return {
        "inputTokens": usage.input_tokens,
        "outputTokens": usage.output_tokens,
        "cacheReadTokens": usage.cache_read_tokens,
        "cacheWriteTokens": usage.cache_write_tokens,
        "counted": usage.counted,
        "costUsd": cost_usd,
    }


def _to_compacted(event: Compacted) -> Json:
    return {
        "messages": event.n_messages,
        "tokensBefore": event.tokens_before,
        "tokensAfter": event.tokens_after,
    }


def _to_context(context: Context, root: Path | None, uri_of: UriOf) -> Json:
    """Places and reasons; the texts are the editor's own."""
    pieces = [
        {
            "kind": piece.kind,
            "path": piece.path,
            "reason": piece.reason,
            "tokens": piece.n_tokens,
            "location": _location(piece.path, piece.start_line, piece.end_line, root, uri_of)
            if root and piece.path
            else None,
        }
        for piece in context.pieces
    ]
    left_out = [
        {"kind": each.kind, "path": each.path, "reason": each.reason, "tokens": each.n_tokens}
        for each in context.left_out
    ]
    return {"pieces": pieces, "leftOut": left_out, "budgetTokens": context.budget_tokens}


def _to_end(event: TurnEnded, root: Path | None, uri_of: UriOf) -> Json:
    error = {"kind": event.kind, "message": event.message, "fix": event.fix} if event.kind else None
    citations = to_locations(event.citations, root, uri_of)
    return {"stopReason": event.reason, "citations": citations, "error": error}


def _location(path: str, start_line: int, end_line: int, root: Path, uri_of: UriOf) -> Json:
    lines: types.Range = to_lsp_lines(start_line, end_line)
    return {
        "uri": uri_of(root / path),
        "range": {
            "start": {"line": lines.start.line, "character": lines.start.character},
            "end": {"line": lines.end.line, "character": lines.end.character},
        },
    }
