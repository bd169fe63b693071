"""What context is gathered for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from victor_server.agent.context.mentions import Mention, parse_mentions


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: the prompt as typed, its task, its mentions, and the folder that it is about, if any."""

    prompt: str = field(repr=False)
    task: str
    mentions: Sequence[Mention]
    root: Path | None


def as_question(prompt: str, task: str, root: Path | None) -> Question:
    """A prompt with the mentions that stand in it."""
    return Question(prompt, task, parse_mentions(prompt), root)
