"""What searches over several roots give back: hits and symbols, each with the root its path belongs to."""

from dataclasses import dataclass
from pathlib import Path

from victor_indexer.model import Hit, LocatedSymbol


@dataclass(frozen=True, slots=True)
class FoundHit:
    """A search hit and the root that its path is relative to."""

    root: Path
    hit: Hit


@dataclass(frozen=True, slots=True)
class Found:
    """Hits of all roots that were asked, best first. `partial` when files that may matter were not indexed yet."""

    query: str
    partial: bool
    hits: tuple[FoundHit, ...]


@dataclass(frozen=True, slots=True)
class FoundSymbol:
    """A symbol of the workspace and the root that its path is relative to."""

    root: Path
    located: LocatedSymbol
