"""What the client was told of edits under review, and where their hunks stand: what actions are listed from at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from victor_server.lsp.text import Text

if TYPE_CHECKING:
    from victor_server.agent.context.sources import Note
    from victor_server.features.edits.review_model import Placed
    from victor_server.features.edits.waiting import WaitingFile
    from victor_server.lsp.desk import LspDesk


@dataclass(frozen=True, slots=True)
class ShownReview:
    """The open hunks of one document as they stand in `text`, and what edits have broken in it."""

    path: Path
    text: Text
    placed: "Sequence[Placed]"
    broken: "Sequence[Note]" = ()


@dataclass(slots=True)
class ReviewState:
    """`shown` by document URI. `waiting` are edit sets that the client is about to be told of, `announced` those that a
    person was told of by a message. `kept` is where those that
    wait are written down, `n_kept` how often that was done. `paths` are the files of which hunks are open. `attached` is
    the agent that works by `desk`."""

    shown: dict[str, ShownReview] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    announced: set[str] = field(default_factory=set)
    kept: "WaitingFile | None" = None
    n_kept: int = 0
    paths: set[Path] = field(default_factory=set)
    attached: object | None = None
    desk: "LspDesk | None" = None
