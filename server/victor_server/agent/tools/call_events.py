"""What happens in one call of a tool, as it is: secrets are taken out by the turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from victor_server.agent.tools.tool import Done, Place, Streamed, ToolKind

CallStatus = Literal["completed", "failed", "refused"]


@dataclass(frozen=True, slots=True)
class CallStarted:
    """The arguments were read; nothing has happened yet."""

    title: str
    kind: ToolKind
    places: Sequence[Place] = ()


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The end: exactly one, and last. `decided` says who let it happen or did not, "" where nobody was asked.

    `has_changed`: files are others than before.
    """

    status: CallStatus
    done: Done
    decided: str = ""
    has_changed: bool = False


CallEvent = CallStarted | Streamed | CallEnded
