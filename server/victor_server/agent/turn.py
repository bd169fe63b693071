"""One turn of a conversation: from what the person asked to the end of the answer."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from victor_server.agent.context.piece import Context
from victor_server.agent.messages import Message, ToolCallPart, ToolSpec
from victor_server.secrets.redaction.session import RedactionSession


class Tools(Protocol):
    """The tools that a turn may use."""

    @property
    def specs(self) -> Sequence[ToolSpec]:
        """What the model is told of them."""
        ...

    async def run(self, call: ToolCallPart) -> tuple[str, bool]:
        """What the tool gave back, as it is (secrets are taken out by the turn), and whether it is an error.

        Placeholders stand in the arguments, and no tool puts secrets in their places.
        """
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """What is asked, and of whom.

    `root` is the workspace, None without one. `task` as in `router.tasks`; `profile` "" leaves the choice to the
    router. `prompt` is what the person wrote, as it is; `earlier` the conversation so far, which is kept text;
    `context` as it stands in the workspace. `redaction` belongs to the conversation, not to the turn. What is put
    into `steer` while the turn runs is said to the model at the next event. `tools` None: the model has none.
    """

    session_id: str
    turn_id: str
    root: Path | None
    task: str
    prompt: str = field(repr=False)
    earlier: Sequence[Message]
    context: Context
    profile: str
    redaction: RedactionSession
    steer: "asyncio.Queue[str] | None" = None
    tools: Tools | None = None
