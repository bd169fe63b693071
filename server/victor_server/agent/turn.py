"""One turn of a conversation: from what the person asked to the end of the answer."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from victor_server.agent.context.piece import Context
from victor_server.agent.messages import Message, ToolCallPart, ToolSpec
from victor_server.agent.run_events import RunEvent, TurnEnded
from victor_server.agent.services import AgentServices
from victor_server.agent.talk import Talk
from victor_server.agent.tools.call_events import CallEvent
from victor_server.agent.tools.limits import ToolLimits
from victor_server.errors import Refused, VictorError
from victor_server.secrets.redaction.session import RedactionSession
from victor_server.settings.profiles import Mode


class Tools(Protocol):
    """The tools that a turn may use."""

    @property
    def specs(self) -> Sequence[ToolSpec]:
        """What the model is told of them."""
        ...

    @property
    def mode(self) -> Mode:
        """How free the model is with them."""
        ...

    @property
    def limits(self) -> ToolLimits:
        """How much of them one turn may use."""
        ...

    @property
    def is_out_of_time(self) -> bool:
        """Whether tools have worked as long as they may in this turn."""
        ...

    def only_reads(self, call: ToolCallPart) -> bool:
        """Whether a call changes nothing, so that it may run beside others."""
        ...

    def run(self, call: ToolCallPart) -> AsyncGenerator[CallEvent, None]:
        """Do what the model asks for: what happens, a CallEnded last, texts as they are. Raises nothing but a cancel.

        Placeholders stand in the arguments, and no tool puts secrets in their places. Closed early, the tool has
        ended in order when that returns.
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


async def run_turn(turn: Turn, services: AgentServices) -> AsyncGenerator[RunEvent, None]:
    """What happens, one TurnEnded last. Use it with `contextlib.aclosing`.

    Errors of the tree end the turn and raise nothing. Ended early, by `aclose` or a cancel, the call that runs is
    closed and settled before that returns; then there is no TurnEnded: whoever cancelled knows.
    """
    try:
        async with aclosing(Talk(turn, services).events()) as events:
            async for event in events:
                yield event
    except Refused as error:
        yield TurnEnded("refusal", error.kind, error.message, error.fix)
    except VictorError as error:
        yield TurnEnded("failed", error.kind, error.message, error.fix)
