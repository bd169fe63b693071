"""What somebody wants of a model, before it is decided who answers."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from victor_server.agent.events import ModelEvent
from victor_server.agent.messages import Message, TextPart, ToolSpec
from victor_server.agent.receipt import HeldBack, ShownFile
from victor_server.agent.run_events import Metered, Noted, ReceiptWritten, Routed
from victor_server.secrets.redaction.session import RedactionSession


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call. Texts come through `redaction.incoming`; what still holds a secret of `redaction` loses it on the way.

    `id` names the call in ledger, audit log and receipts. `workspace` is a path, "" without one; `profile` "" leaves
    the choice to the router. `max_output_tokens` 0: as many as the task has. `files` and `held_back` are for the
    receipt; no file may be among `files` that is private.
    """

    id: str
    session_id: str
    turn_id: str
    workspace: str
    task: str
    profile: str
    redaction: RedactionSession
    messages: tuple[Message, ...]
    system: tuple[TextPart, ...] = ()
    tools: tuple[ToolSpec, ...] = ()
    json_schema: Mapping[str, Any] | None = None
    stop: tuple[str, ...] = ()
    max_output_tokens: int = 0
    files: tuple[ShownFile, ...] = field(default=())
    held_back: tuple[HeldBack, ...] = field(default=())


CallEvent = Routed | Noted | ModelEvent | Metered | ReceiptWritten
"""What a call tells: who answers, the answer as it comes, then what it cost and where the receipt is."""


def new_call_id() -> str:
    """A name that nothing else has."""
    return secrets.token_hex(12)
