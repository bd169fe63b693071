"""Where context comes from, as far as it matters here: the editor, the index, git, and what must not be shown.

Each is a Protocol: the language server, the terminal and tests bring their own. Lines and columns are 0-based, ends
exclusive. What may block is a coroutine.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from victor_indexer.model import LocatedSymbol, SearchResult, Symbol
from victor_server.agent.context.git import Diff, DiffScope
from victor_server.agent.providers.estimate import tokens_of_text

Severity = Literal["error", "warning", "information", "hint"]


@dataclass(frozen=True, slots=True)
class Buffer:
    """An open document as the person sees it: its text stands before what lies on disk.

    `path` is absolute, or a bare name for what is not a file. `edited`: the text is not the file's. `in_front`: it is
    what the person looks at, which is true of one document at most.
    """

    path: Path
    text: str = field(repr=False)
    edited: bool = False
    in_front: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """What is selected: the `text` itself, in the lines `start_line` to `end_line` of `path`."""

    path: Path
    start_line: int
    end_line: int
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Note:
    """A diagnostic of a language server: `source` is who says it, `code` its name for that."""

    path: Path
    line: int
    end_line: int
    severity: Severity
    message: str = field(repr=False)
    source: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class RankedSymbol:
    """A definition and how much the rest of the workspace leans on it."""

    path: str
    name: str
    kind: str
    line: int
    score: float


class EditorSource(Protocol):
    """What the person has in front of them."""

    def selection(self) -> Selection | None:
        """What is selected; None where nothing is."""
        ...

    def buffers(self) -> Sequence[Buffer]:
        """The open documents, the one in front first, where there is one."""
        ...

    async def diagnostics(self, paths: Sequence[Path]) -> Sequence[Note]:
        """What Victor and the editor's other language servers say of these files; of all with none given."""
        ...

    def now(self) -> "EditorSource":
        """The same as it is by now: what is edited meanwhile changes no source. May be called in any thread."""
        ...


class IndexSource(Protocol):
    """What the index of one workspace knows. Raises from the two error trees where it does not answer."""

    async def ready(self, root: Path) -> None:
        """Return when it is worth asking: an index that is just being built is waited for, for a while. Never raises."""
        ...

    async def search(self, root: Path, query: str, k: int) -> SearchResult:
        """The `k` best hits."""
        ...

    async def symbols(self, root: Path, query: str, limit: int) -> Sequence[LocatedSymbol]:
        """Definitions whose name matches, best first."""
        ...

    async def paths(self, root: Path, query: str, limit: int) -> Sequence[str]:
        """Files whose path matches, best first."""
        ...

    async def outline(self, path: str, text: str) -> Sequence[Symbol]:
        """What a text defines, in order; the path tells its language."""
        ...

    async def repo_map(self, root: Path, focus: Sequence[str], limit: int) -> Sequence[RankedSymbol]:
        """The definitions that matter most, seen from the files in `focus`, best first."""
        ...


class GitSource(Protocol):
    """What git says of a folder. Raises UsageError where it says nothing."""

    async def diff(self, root: Path, scope: DiffScope) -> Diff:
        """The changes."""
        ...

    async def recent_subjects(self, root: Path, limit: int) -> Sequence[str]:
        """The first lines of the last commit messages, newest first."""
        ...


class Private(Protocol):
    """Which files must not leave this machine."""

    def why(self, path: str) -> str:
        """The reason why a file is not shown, "" if it may be. `path` is relative with `/`, or absolute."""
        ...


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that context is gathered from; a part that is None is passed over.

    `is_trusted` is asked, in a thread, whether the folder's own instructions count. `count_tokens` estimates.
    """

    private: Private
    is_trusted: Callable[[Path], bool]
    editor: EditorSource | None = None
    index: IndexSource | None = None
    git: GitSource | None = None
    count_tokens: Callable[[str], int] = tokens_of_text
