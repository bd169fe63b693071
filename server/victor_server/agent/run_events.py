"""What one turn tells while it runs: the closed union that the faces (LSP, terminal) show and `history` keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from victor_server.agent.context.piece import Context
from victor_server.agent.events import Usage
from victor_server.agent.router.decision import Decision
from victor_server.agent.text_kinds import KeptText, ShownText
from victor_server.agent.tools.tool import Diff, Place, PlanEntry, ToolKind

TurnEnd = Literal[
    "end_turn", "max_tokens", "max_turn_requests", "refusal", "cancelled", "failed", "interrupted"
]
"""The stop reasons of the Agent Client Protocol, `failed` and `interrupted` (the program ended in the turn)."""


@dataclass(frozen=True, slots=True)
class ContextChosen:
    """What the model is about to be shown."""

    context: Context


@dataclass(frozen=True, slots=True)
class Routed:
    """Who answers."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class Answered:
    """More of the answer: `shown` to the person, secrets put back; `kept` in history, placeholders as they are.

    Joined over a turn both are the same answer; pieces may be cut at different places, and either may be empty.
    """

    shown: ShownText = field(repr=False)
    kept: KeptText = field(repr=False)


@dataclass(frozen=True, slots=True)
class Thought:
    """More of what the model thinks; as `Answered`."""

    shown: ShownText = field(repr=False)
    kept: KeptText = field(repr=False)


@dataclass(frozen=True, slots=True)
class ToolAsked:
    """A tool that the model asks for. Placeholders stay in the arguments: no tool is given a secret."""

    id: str
    name: str
    arguments: Mapping[str, Any] = field(repr=False)


ToolStatus = Literal["in_progress", "completed", "failed", "refused", "cancelled"]


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """What a call is about to do: its arguments were read, nothing has happened yet. It may still be refused."""

    id: str
    name: str
    title: str
    kind: ToolKind
    places: Sequence[Place] = ()


@dataclass(frozen=True, slots=True)
class ToolPrinted:
    """More of what a tool prints while it runs. `kept` is empty: what is kept of it comes whole, with its end."""

    id: str
    shown: ShownText = field(repr=False)
    kept: KeptText = field(default=KeptText(""), repr=False)


@dataclass(frozen=True, slots=True)
class ToolEnded:
    """What came of a call. `shown` is for the person, `kept` what the model was told.

    `decided` says who let it happen or did not, and why; "" where nobody had to. `diffs` are not kept.
    """

    id: str
    status: ToolStatus
    shown: ShownText = field(repr=False)
    kept: KeptText = field(repr=False)
    title: str = ""
    decided: str = ""
    places: Sequence[Place] = ()
    diffs: Sequence[Diff] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class PlanChanged:
    """The plan, all of it: it replaces the one before."""

    entries: Sequence[PlanEntry]


@dataclass(frozen=True, slots=True)
class Metered:
    """What the turn has used so far; `cost_usd` None where the price is unknown."""

    usage: Usage
    cost_usd: float | None


@dataclass(frozen=True, slots=True)
class ReceiptWritten:
    """The receipt of one model call can be read under this id."""

    receipt_id: str


@dataclass(frozen=True, slots=True)
class Compacted:
    """The conversation no longer fitted the model: its first `n_messages` were replaced by `summary`.

    Whoever keeps the conversation begins the next turn with the message `prompts.as_summary(summary)` instead of them.
    """

    n_messages: int
    tokens_before: int
    tokens_after: int
    summary: KeptText = field(default=KeptText(""), repr=False)


@dataclass(frozen=True, slots=True)
class Noted:
    """A sentence for the person, which is not of the model. `once`: it need not be said again in the conversation."""

    text: str
    once: bool = False


@dataclass(frozen=True, slots=True)
class Cited:
    """A place in the workspace that the answer names: path relative to the root, 0-based lines, end exclusive."""

    path: str
    start_line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The end of the turn: exactly one, and last. `kind`, `message` and `fix` are of the error where it failed."""

    reason: TurnEnd
    kind: str = ""
    message: str = ""
    fix: str = ""
    citations: Sequence[Cited] = ()


RunEvent = (
    ContextChosen
    | Routed
    | Answered
    | Thought
    | ToolAsked
    | ToolStarted
    | ToolPrinted
    | ToolEnded
    | PlanChanged
    | Metered
    | ReceiptWritten
    | Compacted
    | Noted
    | TurnEnded
)
