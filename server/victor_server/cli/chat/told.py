"""What a turn told, gathered for those who read it when it is over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from victor_server.agent.context.piece import Context, LeftOut
from victor_server.agent.events import Usage
from victor_server.agent.router.decision import Decision
from victor_server.agent.run_events import (
    Answered,
    Cited,
    Metered,
    ReceiptWritten,
    Routed,
    ToolAsked,
    ToolEnded,
    ToolPrinted,
    ToolStarted,
    TurnEnded,
)
from victor_server.errors import VictorError
from victor_server.features.chat.model import ChatEvent
from victor_server.features.edits.diff import changes

_NAMES_SHOWN = 4
_REASONS_SHOWN = 2
_OUTPUT_LINES = 6
_MAX_OUTPUT_LINE = 160
_KEPT_OF_OUTPUT = 8_000
_MAX_WHY = 160


@dataclass(slots=True)
class Told:
    """One turn so far. `ended` None: it still runs. `last` is the kind of what was told last.

    `tools` are the calls of tools by their ids: name, title, and what came of each; `printed` is the end of what
    each has printed.
    """

    session_id: str = ""
    pieces: list[str] = field(default_factory=list, repr=False)
    decision: Decision | None = None
    usage: Usage | None = None
    cost_usd: float | None = None
    receipts: list[str] = field(default_factory=list)
    ended: TurnEnded | None = None
    last: type[ChatEvent] | None = None
    tools: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)
    printed: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def text(self) -> str:
        """The answer, as it is shown to the person."""
        return "".join(self.pieces)

    def take(self, event: ChatEvent) -> None:
        """Gather what this event says."""
        self.last = type(event)
        match event:
            case Answered():
                self.pieces.append(event.shown)
            case Routed():
                self.decision = event.decision
            case ToolAsked():
                self.tools[event.id] = {"name": event.name, "title": event.name, "status": "pending"}
            case ToolStarted():
                self.tools.setdefault(event.id, {})["title"] = event.title
            case ToolPrinted():
                self.printed[event.id] = (self.printed.get(event.id, "") + event.shown)[-_KEPT_OF_OUTPUT:]
            case ToolEnded():
                self.tools.setdefault(event.id, {}).update(status=event.status)
                if event.title:
                    self.tools[event.id]["title"] = event.title
                if event.status == "refused" and event.decided:
                    self.tools[event.id]["reason"] = event.decided
            case Metered():
                self.usage, self.cost_usd = event.usage, event.cost_usd
            case ReceiptWritten():
                self.receipts.append(event.receipt_id)
            case TurnEnded():
                self.ended = event
            case _:
                pass


def document(told: Told) -> dict[str, object]:
    """The turn as scripts read it: lines are 1-based, ends exclusive, null where a whole file is named."""
    ended = told.ended or TurnEnded("interrupted")
    return {
        "text": told.text,
        "stop_reason": ended.reason,
        "route": _route(told.decision),
        "usage": _usage(told),
        "receipt": told.receipts[-1] if told.receipts else "",
        "receipts": told.receipts,
        "tools": list(told.tools.values()),
        "citations": [_citation(each) for each in ended.citations],
        "session": told.session_id,
    }


def raise_failure(ended: TurnEnded) -> None:
    """Raise what a turn failed with, for the edge of the command line to tell."""
    if ended.reason == "failed":
        error = VictorError(ended.message or "The turn failed.", ended.fix)
        error.kind = ended.kind or error.kind
        raise error


def context_line(context: Context) -> str:
    """What the model is shown and what not, in one line; "" if nothing of the workspace."""
    names = list(dict.fromkeys(piece.path or piece.kind.replace("_", " ") for piece in context.pieces))
    n_tokens = sum(piece.n_tokens for piece in context.pieces)
    shown = f"Shown to the model: {_some(names, _NAMES_SHOWN)} ({n_tokens:,} tokens)" if names else ""
    reasons = list(dict.fromkeys(f"{_name(each)} ({each.reason})" for each in context.left_out))
    left_out = f"left out: {_some(reasons, _REASONS_SHOWN)}" if reasons else ""
    return "; ".join(part for part in (shown, left_out) if part)


def tool_line(ended: ToolEnded, told: Told) -> str:
    """What came of a call of a tool, in one line."""
    title = " ".join((ended.title or told.tools.get(ended.id, {}).get("title", "A tool")).split())
    if ended.status == "completed":
        return f"· {title}{_changed(ended)}"
    if ended.status == "refused" and ended.decided:
        return f"· {title}: Not allowed. {' '.join(ended.decided.split())}"
    first = next((line.strip() for line in ended.shown.splitlines() if line.strip()), "")
    why = first if len(first) <= _MAX_WHY else f"{first[:_MAX_WHY]}…"
    return f"· {title}: {why or ended.status}"


def output_lines(ended: ToolEnded, told: Told) -> Sequence[str]:
    """The last lines of what it printed, cut where they are long."""
    lines = [line.rstrip() for line in told.printed.get(ended.id, "").splitlines() if line.strip()]
    return [
        f"    {line if len(line) <= _MAX_OUTPUT_LINE else f'{line[:_MAX_OUTPUT_LINE]}…'}"
        for line in lines[-_OUTPUT_LINES:]
    ]


def _changed(ended: ToolEnded) -> str:
    """How many lines came and went, where files were changed."""
    if not ended.diffs:
        return ""
    found = [
        each
        for diff in ended.diffs
        for each in changes((diff.before or "").splitlines(), (diff.after or "").splitlines())
    ]
    came = sum(each.new_end - each.new_start for each in found)
    went = sum(each.end - each.start for each in found)
    return f" (+{came} -{went})"


def _some(words: Sequence[str], most: int) -> str:
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more


def _name(left_out: LeftOut) -> str:
    return left_out.path or left_out.kind.replace("_", " ")


def status_lines(told: Told) -> Sequence[str]:
    """Who answered and why, what it took and cost, and where that is written down."""
    took = ", ".join([*_tokens(told), *([f"receipt {told.receipts[-1]}"] if told.receipts else [])])
    return [line for line in (_who(told), took) if line]


def _who(told: Told) -> str:
    """Who answered and why; "" where nobody did, whoever was to."""
    decision, has_failed = told.decision, told.ended is not None and told.ended.reason == "failed"
    if decision is None or (has_failed and not told.pieces):
        return ""
    return decision.reason or f"{decision.model} answered (profile {decision.profile})."


def toolbar(told: Told) -> str:
    """The same, short."""
    if told.decision is None:
        return ""
    return " · ".join([f"{told.decision.model} ({told.decision.profile})", *_tokens(told)])


def citation_lines(cited: Sequence[Cited]) -> str:
    """The places that the answer names, as terminals and editors open them."""
    return "\n".join(_place(each) for each in cited)


def _place(cited: Cited) -> str:
    if not cited.end_line:
        return cited.path
    end = f"-{cited.end_line}" if cited.end_line > cited.start_line + 1 else ""
    return f"{cited.path}:{cited.start_line + 1}{end}"


def _tokens(told: Told) -> list[str]:
    if told.usage is None:
        return []
    about = "" if told.usage.counted else "about "
    tokens = f"{about}{told.usage.input_tokens:,} tokens in, {told.usage.output_tokens:,} out"
    return [tokens, _cost(told.cost_usd)]


def _cost(cost_usd: float | None) -> str:
    if cost_usd is None:
        return "cost unknown"
    return f"${cost_usd:.4f}" if cost_usd else "free"


def _route(decision: Decision | None) -> Mapping[str, object] | None:
    if decision is None:
        return None
    return {
        "task": decision.task,
        "profile": decision.profile,
        "provider": decision.provider,
        "model": decision.model,
        "reason": decision.reason,
        "leaves_machine": decision.leaves_machine,
        "ruled_out": [{"profile": each.profile, "reason": each.reason} for each in decision.ruled_out],
    }


def _usage(told: Told) -> Mapping[str, object] | None:
    if told.usage is None:
        return None
    return {
        "input_tokens": told.usage.input_tokens,
        "output_tokens": told.usage.output_tokens,
        "cache_read_tokens": told.usage.cache_read_tokens,
        "cache_write_tokens": told.usage.cache_write_tokens,
        "counted": told.usage.counted,
        "cost_usd": told.cost_usd,
    }


def _citation(cited: Cited) -> Mapping[str, object]:
    has_lines = bool(cited.end_line)
    return {
        "path": cited.path,
        "start_line": cited.start_line + 1 if has_lines else None,
        "end_line": cited.end_line + 1 if has_lines else None,
    }
