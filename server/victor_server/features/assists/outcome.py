"""What comes of an assist."""

from dataclasses import dataclass, field

from victor_server.agent.text_kinds import KeptText
from victor_server.features.edits.model import EditSet


@dataclass(frozen=True, slots=True)
class Proposed:
    """Changes that were given to the review. `said` is what the person should know besides."""

    edits: EditSet
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A document to read, in markdown; placeholders stand where secrets were."""

    title: str
    text: KeptText = field(repr=False)


@dataclass(frozen=True, slots=True)
class CommitMessage:
    """A message for the next commit."""

    text: KeptText = field(repr=False)


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """The model would change nothing."""


Outcome = Proposed | Written | CommitMessage | LeftAlone
