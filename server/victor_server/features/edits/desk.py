"""The files as the person has them: what features read and write, whoever holds it (an editor, the disk)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Held:
    """A file's text, line ends and byte order mark as they are. `is_open`: an editor has it, saved or not.

    `version` is the editor's number for this text. `real` is where the file was found, links followed, None where that
    is as the path says. `mode` are the permission bits of the file, None where there is none or nobody knows.
    """

    text: str = field(repr=False)
    is_open: bool = False
    version: int | None = None
    real: Path | None = None
    mode: int | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """One file is to become `after`, None to delete it, if it still is `before`, None where there was none.

    `version` as in `Held`. Files that are moved are deleted here and made there. `real` is where the file must lie, None
    for wherever links lead by now. `mode` are the permission bits that a file gets that is made, None for the usual ones.
    """

    path: Path
    before: str | None = field(repr=False)
    after: str | None = field(repr=False)
    version: int | None = None
    real: Path | None = None
    mode: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What became of it: `moved_on` where the text was not `before` any more, `refused` with the reason otherwise.

    `is_unsure` where it may still be done: an editor was asked that has not answered.
    """

    path: Path
    how: Literal["written", "moved_on", "refused"]
    why: str = ""
    is_unsure: bool = False


class Desk(Protocol):
    """Reads and writes files. Never overwrites what it was not shown."""

    async def read(self, path: Path) -> Held | None:
        """The text; None where there is no such file. Raises UsageError for what is no UTF-8 text, or no file."""
        ...

    async def write(self, writes: Sequence[Write], label: str) -> Sequence[Written]:
        """Write each that is still as it was, one result for each in order; `label` is one line for the person.

        What an editor has open is changed through the editor, and not saved. Everything else is written at once or
        not at all: to a new file beside it, which takes its place with its mode. Never raises.
        """
        ...

    def show_review(self, edit_id: str) -> None:
        """A person should look at this edit set; called again when it has changed."""
        ...
