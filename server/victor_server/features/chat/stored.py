"""Between what happens in a chat and what is kept of it: placeholders for secrets, places without their text."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
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
    ReceiptWritten,
    Routed,
    Thought,
    ToolAsked,
    TurnEnded,
)
from victor_server.features.chat.model import ChatEvent, Prompted, Retried, Steered, Titled
from victor_server.history.model import INTERRUPTED, PROMPT
from victor_server.secrets.redaction.session import RedactionSession

Stored = tuple[str, dict[str, Any]]


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
            return "tool", {"id": event.id, "name": event.name, "arguments": dict(event.arguments)}
        case Metered() | ReceiptWritten() | Noted() | Retried() | Titled() | Compacted() | TurnEnded():
            return _KINDS[type(event)], asdict(event)
        case never:
            assert_never(never)


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


RECEIPT = "receipt"
_KINDS: Mapping[type, str] = {
    Answered: "answered",
    Compacted: "compacted",
    Metered: "metered",
    Noted: "noted",
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
    "noted": lambda data: Noted(**data),
    RECEIPT: lambda data: ReceiptWritten(**data),
    "retried": lambda data: Retried(**data),
    "routed": _routed,
    "steered": lambda data: Steered(data["text"], data["text"]),
    "thought": lambda data: Thought(data["text"], data["text"]),
    "titled": lambda data: Titled(**data),
    "tool": lambda data: ToolAsked(data["id"], data["name"], data["arguments"]),
}
