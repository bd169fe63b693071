"""What is said about a document's secrets: the document, what was found, a fix and the change that it makes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from victor_server.features.replacement import Replacement
from victor_server.features.workspace_files import FileChange
from victor_server.secrets.finding import Finding

if TYPE_CHECKING:  # else the rules would be loaded before the editor is greeted
    from victor_server.secrets.incremental import Scan

FixKind = Literal["move", "allow", "baseline", "test-value", "revoke", "baseline-all"]


@dataclass(frozen=True, slots=True)
class Source:
    """A document. `name` is its path, or a bare name for what is not a file; `root` the workspace folder it lies in."""

    text: str = field(repr=False)
    name: str
    language_id: str = ""
    root: Path | None = None

    @property
    def relative(self) -> str | None:
        """The path relative to the root with `/` between its parts; None outside of one."""
        return None if self.root is None else Path(self.name).relative_to(self.root).as_posix()


@dataclass(frozen=True, slots=True)
class Check:
    """What was found in one text: `findings` without those that the team knows already, in reading order."""

    scan: "Scan"
    findings: Sequence[Finding]
    problems: tuple[str, ...] = ()
    """What could not be read of what the team knows."""


@dataclass(frozen=True, slots=True)
class Fix:
    """Something that a person may choose to do about `findings`.

    `replacements` are what it changes in the document itself. `subject` is the variable's name, or the rule whose
    page is opened.
    """

    kind: FixKind
    title: str
    findings: tuple[Finding, ...]
    replacements: tuple[Replacement, ...] = ()
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """All that a fix changes, in the document and in other files, and what to say once that is done."""

    replacements: tuple[Replacement, ...]
    files: tuple[FileChange, ...] = ()
    note: str = ""
