"""How tools change files: what a model wants changed, as it says it. `features.edits` does it; tools only ask."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from victor_server.agent.tools.tool import Diff


@dataclass(frozen=True, slots=True)
class Block:
    """Put `replace` where `search` stands, which the model believes is in the file once."""

    search: str = field(repr=False)
    replace: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChangeFile:
    """Change parts of a file."""

    path: Path
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class WriteFile:
    """Make a file with this text; `replaces` allows that there is one already."""

    path: Path
    text: str = field(repr=False)
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class DeleteFile:
    """Delete a file."""

    path: Path


@dataclass(frozen=True, slots=True)
class MoveFile:
    """Give a file another path, at which there is none yet."""

    path: Path
    to: Path


FileChange = ChangeFile | WriteFile | DeleteFile | MoveFile
"""Paths are absolute, links and `..` followed. Placeholders of secrets may stand in every text."""


@dataclass(frozen=True, slots=True)
class EditOrigin:
    """Whose change it is: a tool call of a turn, or an assist. `title` is one line for a person."""

    title: str
    root: Path
    session_id: str = ""
    turn_id: str = ""
    call_id: str = ""
    assist: str = ""


@dataclass(frozen=True, slots=True)
class EditAnswer:
    """What became of it, told to the model: what was accepted, what was rejected, or why nothing could be applied.

    `edit_id` names the edit set, "" where none was made.
    """

    text: str = field(repr=False)
    is_error: bool = False
    edit_id: str = ""
    diffs: "tuple[Diff, ...]" = field(default=(), repr=False)


class Edits(Protocol):
    """Changes files, through the editor where it has them open."""

    async def change(self, changes: Sequence[FileChange], origin: EditOrigin, *, review: bool) -> EditAnswer:
        """Change files, all or none of what cannot be told apart; never raises for what a model got wrong.

        With `review` nothing is applied before a person has looked at each hunk, for which this waits; without it
        the change is applied, and can be kept or undone later. A cancel withdraws what nobody has accepted yet.
        """
        ...
