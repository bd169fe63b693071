"""What one connection remembers of assists: those that run, and those that people wrote themselves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from victor_server.features.assists.assist import Assist
    from victor_server.features.assists.own_files import OwnAssistFiles


@dataclass(slots=True)
class AssistState:
    """`stops` by the token of a run's progress. `known` by folder is what was last read of `own`, `reading` which are
    being read."""

    n_runs: int = 0
    stops: dict[str | int, Callable[[], bool]] = field(default_factory=dict)
    own: "OwnAssistFiles | None" = None
    known: "dict[Path | None, Sequence[Assist]]" = field(default_factory=dict)
    reading: set[Path | None] = field(default_factory=set)
