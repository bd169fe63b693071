"""An edit set: what is to become of which files, hunk by hunk, and how far the review of it has come."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from victor_server.agent.tools.edits import EditOrigin

HunkState = Literal["proposed", "applied", "kept", "reverted", "stale"]
"""`proposed`: nothing has happened yet. `applied`: it is in the file, and was not looked at. `kept`: a person accepted
it. `reverted`: it is not in the file, because it was rejected or undone. `stale`: the text that it was made for is
gone, and nothing was done."""

FileEditKind = Literal["change", "create", "delete", "move"]


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines `start` up to `end` of the base text, 0-based, which are `before`, become `after`.

    Both end in a line end, but for the last line of a text that has none; line ends are the file's own.
    """

    id: str
    start: int
    end: int
    before: str = field(repr=False)
    after: str = field(repr=False)
    state: HunkState = "proposed"


@dataclass(frozen=True, slots=True)
class FileEdit:
    """What becomes of one file. `path` is absolute, `to` where it is moved.

    `base` is the text that the hunks are made for, None where there is no file. A file that is made, deleted or moved
    without a change has one hunk with the whole text, so that it can be accepted or rejected as one. `problems` are
    what checking found: sentences for the person. `real` is where the file lies, links followed, None where nobody has
    looked: it is changed there, or not at all.
    """

    path: Path
    kind: FileEditKind
    base: str | None = field(repr=False)
    hunks: tuple[Hunk, ...]
    to: Path | None = None
    problems: tuple[str, ...] = ()
    real: Path | None = None


@dataclass(frozen=True, slots=True)
class EditSet:
    """Changes that belong together. `made_at` in seconds since the epoch."""

    id: str
    origin: EditOrigin
    files: tuple[FileEdit, ...]
    made_at: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """A change that was not made, because it would be a guess or do harm: why, and what stands there instead.

    `nearest` is the part of the file that is most like what was looked for, with the number of its first line,
    0-based; "" where nothing is.
    """

    path: Path
    why: str
    nearest: str = field(default="", repr=False)
    nearest_line: int = 0
