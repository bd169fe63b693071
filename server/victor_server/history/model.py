"""What is kept of a chat."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

TurnState = Literal["running", "ended", "interrupted"]
PROMPT = "prompt"
"""The kind of the event with which a turn begins: what the person asked."""
INTERRUPTED = "interrupted"
"""The kind of the event that ends a turn whose program ended in it."""


@dataclass(frozen=True, slots=True)
class ChatSession:
    """One conversation. Times are seconds since the epoch, UTC; `workspace` is a path, "" without one.

    `open_elsewhere`: another window owns it now.
    """

    id: str
    workspace: str
    title: str
    created: float
    updated: float
    n_turns: int = 0
    open_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """One question and what came of it; `reason` is why it ended, "" while it runs."""

    turn_id: str
    state: TurnState
    reason: str


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event of a session. `seq` rises by one within the session; `data` is JSON and holds placeholders, no secrets."""

    seq: int
    turn_id: str
    kind: str
    data: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredReceipt:
    """The receipt of one model call; `data` is what `agent.receipt` writes."""

    id: str
    session_id: str
    turn_id: str
    created: float
    data: Mapping[str, Any] = field(repr=False)
