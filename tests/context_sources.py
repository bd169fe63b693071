"""What context is gathered from in tests: real files and real git, an editor and an index held in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from victor_indexer.languages import language_of
from victor_indexer.model import Hit, LocatedSymbol, SearchResult, Symbol
from victor_indexer.syntax import parse
from victor_indexer.syntax.tags import symbols
from victor_server.agent.context.gather import gather
from victor_server.agent.context.git import Git
from victor_server.agent.context.mentions import parse_mentions
from victor_server.agent.context.piece import Context
from victor_server.agent.context.question import Question
from victor_server.agent.context.sources import Buffer, Note, RankedSymbol, Selection, Sources
from victor_server.errors import VictorError


@dataclass(slots=True)
class MemoryEditor:
    """An editor that has these documents open; `asked` are the files whose diagnostics were asked for."""

    selected: Selection | None = None
    opened: list[Buffer] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    asked: list[list[Path]] = field(default_factory=list)

    def selection(self) -> Selection | None:
        return self.selected

    def buffers(self) -> Sequence[Buffer]:
        return self.opened

    async def diagnostics(self, paths: Sequence[Path]) -> Sequence[Note]:
        self.asked.append(list(paths))
        return [note for note in self.notes if not paths or note.path in paths]

    def now(self) -> "MemoryEditor":
        return self


@dataclass(slots=True)
class MemoryIndex:
    """An index that answers by words in lines; `definitions` are found by name, `ranked` is the map."""

    files: dict[str, str]
    definitions: list[LocatedSymbol] = field(default_factory=list)
    ranked: list[RankedSymbol] = field(default_factory=list)
    trouble: VictorError | None = None
    focus: list[Sequence[str]] = field(default_factory=list)
    waited: list[Path] = field(default_factory=list)

    async def ready(self, root: Path) -> None:
        self.waited.append(root)

    async def search(self, root: Path, query: str, k: int) -> SearchResult:
        self._check()
        words = query.lower().split()
        hits = [
            Hit(path, number, number + 1, "", "text", float(sum(word in line.lower() for word in words)))
            for path, text in self.files.items()
            for number, line in enumerate(text.split("\n"))
        ]
        found = sorted((hit for hit in hits if hit.score), key=lambda hit: (-hit.score, hit.path))
        return SearchResult(query, False, tuple(found[:k]))

    async def symbols(self, root: Path, query: str, limit: int) -> Sequence[LocatedSymbol]:
        self._check()
        wanted = query.rpartition(".")[2].lower()
        return [each for each in self.definitions if wanted in each.symbol.name.lower()][:limit]

    async def paths(self, root: Path, query: str, limit: int) -> Sequence[str]:
        self._check()
        return [path for path in self.files if query in path][:limit]

    async def outline(self, path: str, text: str) -> Sequence[Symbol]:
        self._check()
        language = language_of(path)
        tree = language and parse(text, language, budget_s=1)
        return symbols(tree) if tree else ()

    async def repo_map(self, root: Path, focus: Sequence[str], limit: int) -> Sequence[RankedSymbol]:
        self._check()
        self.focus.append(focus)
        return self.ranked[:limit]

    def _check(self) -> None:
        if self.trouble is not None:
            raise self.trouble


@dataclass(frozen=True, slots=True)
class Patterns:
    """Files of these names are private."""

    names: tuple[str, ...] = (".env", "*.pem")

    def why(self, path: str) -> str:
        name = path.rpartition("/")[2]
        return next((f"private: {pattern}" for pattern in self.names if fnmatch(name, pattern)), "")


def sources_of(
    editor: MemoryEditor | None = None,
    index: MemoryIndex | None = None,
    *,
    trusted: bool = True,
) -> Sources:
    """Sources with the git of this machine; a token is a word or a mark."""
    return Sources(Patterns(), lambda _: trusted, editor, index, Git(), lambda text: len(text) // 4 + 1)


def as_question(prompt: str, task: str, root: Path | None) -> Question:
    """A prompt with the mentions that stand in it."""
    return Question(prompt, task, parse_mentions(prompt), root)


async def context_of(
    prompt: str, root: Path | None, sources: Sources, *, budget: int = 4000, task: str = "explain"
) -> Context:
    """What a model would be shown."""
    return await gather(as_question(prompt, task, root), sources, budget)


def shown(context: Context) -> list[str]:
    """Each piece as `kind path:first-last reason`, lines 1-based and both included."""
    return [
        f"{piece.kind} {piece.path}:{piece.start_line + 1}-{piece.end_line} {piece.reason}"
        for piece in context.pieces
    ]


def hidden(context: Context) -> list[str]:
    """Each piece that is left out as `kind path: reason`."""
    return [f"{each.kind} {each.path}: {each.reason}" for each in context.left_out]


def definition(path: str, name: str, first: int, last: int, container: str = "") -> LocatedSymbol:
    """A function in the lines `first` to `last` (0-based, both included)."""
    return LocatedSymbol(
        path, Symbol(name, "function", container, first, 0, last, 0, first, 4, 4 + len(name))
    )
