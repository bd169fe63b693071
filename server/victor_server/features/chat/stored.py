"""Between what happens in a chat and what is kept of it: placeholders for secrets, places without their text."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, assert_never

from victor_server.agent.context.piece import Context, LeftOut, Piece
from victor_server.agent.events import Usage
from victor_server.agent.router.decision import Decision, RuledOut
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
from victor_server.agent.tools.limits import bounded
from victor_server.agent.tools.tool import Place, PlanEntry
from victor_server.features.chat.model import ChatEvent, Prompted, Retried, Steered, Titled
from victor_server.history.model import INTERRUPTED, PROMPT
from victor_server.secrets.redaction.session import RedactionSession

Stored = tuple[str, dict[str, Any]]

MAX_RESULT_CHARACTERS = 8_000
"""What is kept of what a tool gave: enough to be shown again, and to be told in short to a model."""
MAX_PLACES = 50


def to_stored(event: ChatEvent) -> Stored:
    """The kind and the data under which `event` is kept; JSON, never a secret."""
    match event:
        case Prompted():
            return PROMPT, {"text": event.kept, "asked": event.asked}
        case Steered() | Answered() | Thought():
            return _KINDS[type(event)], {"text": event.kept}
        case ContextChosen(context):
            return "context", _context_data(context)
        case Routed(decision):
            return "routed", asdict(decision)
        case ToolAsked():
            return TOOL, {"id": event.id, "name": event.name, "arguments": dict(event.arguments)}
        case ToolStarted():
            said = {"id": event.id, "name": event.name, "title": event.title, "kind": event.kind}
            return "tool_started", {**said, "places": _places_data(event.places)}
        case ToolPrinted():
            return "tool_printed", {"id": event.id, "text": event.kept}
        case ToolEnded():
            return TOOL_ENDED, _tool_ended_data(event)
        case PlanChanged(entries):
            return "plan", {"entries": [asdict(each) for each in entries]}
        case Metered() | ReceiptWritten() | Noted() | Retried() | Titled() | Compacted() | TurnEnded():
            return _KINDS[type(event)], asdict(event)
        case never:
            assert_never(never)


def kept_without_secrets(
    event: ChatEvent, data: Mapping[str, Any], session: RedactionSession
) -> Mapping[str, Any]:
    """The data of an event with placeholders for secrets; texts that lost theirs before are not looked at again.

    The others quote what people, models and servers wrote: names, errors, arguments.
    """
    if isinstance(event, _WITHOUT_SECRETS):
        return data
    if isinstance(event, ToolEnded | ToolPrinted):
        return {**without_secrets({**data, "text": ""}, session), "text": data["text"]}
    return without_secrets(data, session)


def without_secrets(data: Mapping[str, Any], session: RedactionSession) -> dict[str, Any]:
    """The data with placeholders wherever a secret stands in a text of it."""
    return {name: _cleared(value, session) for name, value in data.items()}


def from_stored(kind: str, data: Mapping[str, Any]) -> ChatEvent | None:
    """What was kept; None for what this version does not know, or what was damaged: the rest can still be read."""
    read = _READERS.get(kind)
    try:
        return read(data) if read else None
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _cleared(value: Any, session: RedactionSession) -> Any:
    if isinstance(value, str):
        return session.redact_again(value)[0] if value else value
    if isinstance(value, Mapping):
        return without_secrets(value, session)
    return [_cleared(each, session) for each in value] if isinstance(value, list | tuple) else value


def _context_data(context: Context) -> dict[str, Any]:
    # The pieces' own text is as it stands in the files, secrets included.
    pieces = [
        {name: value for name, value in asdict(piece).items() if name != "text"} for piece in context.pieces
    ]
    left_out = [asdict(each) for each in context.left_out]
    return {"pieces": pieces, "left_out": left_out, "budget_tokens": context.budget_tokens}


def _places_data(places: Sequence[Place]) -> list[dict[str, Any]]:
    return [{"path": str(each.path), "line": each.line} for each in places[:MAX_PLACES]]


def _tool_ended_data(event: ToolEnded) -> dict[str, Any]:
    # Texts of files are as they stand there, secrets included; what became of a change is known to its review.
    changed = [str(each.path) for each in event.diffs]
    text = bounded(event.kept, MAX_RESULT_CHARACTERS)
    said = {
        "id": event.id,
        "status": event.status,
        "text": text,
        "title": event.title,
        "decided": event.decided,
    }
    return {**said, "places": _places_data(event.places), "changed": changed}


def _places(data: Sequence[Mapping[str, Any]]) -> tuple[Place, ...]:
    return tuple(Place(Path(each["path"]), each["line"]) for each in data)


def _tool_started(data: Mapping[str, Any]) -> ToolStarted:
    return ToolStarted(data["id"], data["name"], data["title"], data["kind"], _places(data["places"]))


def _tool_ended(data: Mapping[str, Any]) -> ToolEnded:
    text, places = data["text"], _places(data["places"])
    known = {each.path for each in places}
    changed = tuple(Place(Path(each)) for each in data["changed"] if Path(each) not in known)
    said = (data["id"], data["status"], text, text, data["title"], data["decided"])
    return ToolEnded(*said, places=(*places, *changed))


def _plan(data: Mapping[str, Any]) -> PlanChanged:
    return PlanChanged(tuple(PlanEntry(**each) for each in data["entries"]))


def _context(data: Mapping[str, Any]) -> ContextChosen:
    pieces = [Piece(**each, text="") for each in data["pieces"]]
    left_out = [LeftOut(**each) for each in data["left_out"]]
    return ContextChosen(Context(pieces, left_out, data["budget_tokens"]))


def _routed(data: Mapping[str, Any]) -> Routed:
    ruled_out = tuple(RuledOut(**each) for each in data["ruled_out"])
    return Routed(Decision(**{**data, "ruled_out": ruled_out, "fallbacks": tuple(data["fallbacks"])}))


def _metered(data: Mapping[str, Any]) -> Metered:
    return Metered(Usage(**data["usage"]), data["cost_usd"])


def _ended(data: Mapping[str, Any]) -> TurnEnded:
    citations: Sequence[Cited] = tuple(Cited(**each) for each in data["citations"])
    return TurnEnded(**{**data, "citations": citations})


_WITHOUT_SECRETS = (Prompted, Steered, Answered, Thought, ContextChosen, Metered)
NOTED, RECEIPT, TOOL, TOOL_ENDED = "noted", "receipt", "tool", "tool_ended"
_KINDS: Mapping[type, str] = {
    Answered: "answered",
    Compacted: "compacted",
    Metered: "metered",
    Noted: NOTED,
    ReceiptWritten: RECEIPT,
    Retried: "retried",
    Steered: "steered",
    Thought: "thought",
    Titled: "titled",
    TurnEnded: "ended",
}
_READERS: Mapping[str, Any] = {
    PROMPT: lambda data: Prompted(data["text"], data["text"], data["asked"]),
    INTERRUPTED: lambda _: TurnEnded("interrupted"),
    "answered": lambda data: Answered(data["text"], data["text"]),
    "compacted": lambda data: Compacted(**data),
    "context": _context,
    "ended": _ended,
    "metered": _metered,
    "plan": _plan,
    NOTED: lambda data: Noted(**data),
    RECEIPT: lambda data: ReceiptWritten(**data),
    "retried": lambda data: Retried(**data),
    "routed": _routed,
    "steered": lambda data: Steered(data["text"], data["text"]),
    "thought": lambda data: Thought(data["text"], data["text"]),
    "titled": lambda data: Titled(**data),
    TOOL: lambda data: ToolAsked(data["id"], data["name"], data["arguments"]),
    "tool_started": _tool_started,
    "tool_printed": lambda data: ToolPrinted(data["id"], data["text"], data["text"]),
    TOOL_ENDED: _tool_ended,
}
