"""What context is gathered for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from victor_server.agent.context.mentions import Mention


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: the prompt as typed, its task, its mentions, and the folder that it is about, if any."""

    prompt: str = field(repr=False)
    task: str
    mentions: Sequence[Mention]
    root: Path | None
