"""A small, real implementation of the services behind the edge: secrets by one pattern, an index in memory."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from victor_indexer.model import Hit, LocatedSymbol, Status, Symbol
from victor_server.errors import Unavailable
from victor_server.features.found import Found, FoundHit, FoundSymbol
from victor_server.features.replacement import Replacement
from victor_server.features.secrets_on_save.model import Change, Check, Fix, Source
from victor_server.features.workspace_files import WorkspaceFiles, appended
from victor_server.ledger.model import BudgetState
from victor_server.lsp.services import Agent
from victor_server.lsp.text import split_lines, without_end
from victor_server.secrets.finding import Finding
from victor_server.secrets.incremental import Scan
from victor_server.secrets.judge.file_kind import file_facts
from victor_server.settings.profiles import Mode
from victor_server.settings.resolved import SecretsSettings, Settings, default_settings

PRAGMA = "pragma: allow" + "list secret"
BASELINE = ".secrets.baseline"
_SECRET = re.compile(r"(?:CERTAIN|POSSIBLE)_[A-Z0-9]{4,}")
_DEFINITION = re.compile(r"(?:def|class) (\w+)")


@dataclass(slots=True)
class FakeSecrets:
    """Finds `CERTAIN_XXXX` and `POSSIBLE_XXXX`. `hold` is called with each text, in the thread that checks."""

    hold: Callable[[str], None] = lambda _: None
    checks: list[str] = field(default_factory=list)

    def check(self, source: Source, files: WorkspaceFiles, before: Check | None = None) -> Check:
        """Every match in a line without a pragma, but for those named in the folder's `.secrets.baseline`."""
        text = source.text
        text.encode()
        self.checks.append(source.name)
        self.hold(text)
        known = self._known(source, files)
        findings = [
            Finding(
                line=number,
                start_column=match.start(),
                end_line=number,
                end_column=match.end(),
                rule="fake-key",
                title="Fake Key",
                tier="certain" if match[0].startswith("C") else "possible",
                masked=match[0][:2] + "…",
                fingerprint=match[0],
                start=match.start(),
                end=match.end(),
            )
            for number, line in enumerate(split_lines(text))
            if PRAGMA not in line
            for match in _SECRET.finditer(line)
            if match[0] not in known
        ]
        return Check(Scan(text, file_facts(source.name), findings, ()), findings)

    def message(self, finding: Finding) -> str:
        """Title and mask."""
        return f"{finding.title} ({finding.masked})"

    def page(self, rule: str) -> str | None:
        """Where fake keys are revoked."""
        return "https://example.org/keys" if rule == "fake-key" else None

    def fixes(
        self, source: Source, check: Check, first_line: int, last_line: int, files: WorkspaceFiles
    ) -> Sequence[Fix]:
        """Per finding: a pragma at the end of its line, then a line in the baseline, then the page."""
        touched = [each for each in check.findings if each.line <= last_line and each.end_line >= first_line]
        return [fix for each in touched for fix in self._fixes(source, each)]

    def change(self, source: Source, fix: Fix, files: WorkspaceFiles) -> Change:
        """The baseline gets the secret itself; a real one would not."""
        if fix.kind != "baseline" or source.root is None:
            return Change(fix.replacements)
        file = source.root / BASELINE
        line = appended(file, files.read(file, source.root), fix.findings[0].fingerprint)
        return Change((), (line,), f"{BASELINE} holds it now.")

    def chosen(self, root: Path | None, fix: Fix) -> None:
        """Nothing follows from it."""

    def _fixes(self, source: Source, finding: Finding) -> list[Fix]:
        lines = split_lines(source.text)
        end = sum(map(len, lines[: finding.line])) + len(without_end(lines[finding.line]))
        pragma = Replacement(end, end, f"  # {PRAGMA}")
        fixes = [Fix("allow", "Allow this secret", (finding,), (pragma,))]
        if source.root is not None:
            fixes.append(Fix("baseline", "Add to the baseline", (finding,)))
            fixes.append(Fix("revoke", "Open the page", (finding,), subject=finding.rule))
        return fixes

    def _known(self, source: Source, files: WorkspaceFiles) -> list[str]:
        if source.root is None:
            return []
        return (files.read(source.root / BASELINE, source.root) or "").splitlines()


@dataclass(slots=True)
class FakeIndex:
    """Files are given to it; `calls` holds what the edge asked for. `gate` is awaited by everything that may be late."""

    files: dict[str, str] = field(default_factory=dict)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    roots: list[Path] = field(default_factory=list)
    overlays: dict[Path, tuple[int, str | None]] = field(default_factory=dict)
    listeners: list[Callable[[Status], None]] = field(default_factory=list)
    statuses: dict[str, Status] = field(default_factory=dict)
    gate: Callable[[], Any] | None = None
    trouble: Exception | None = None
    enabled: bool = True

    async def open(self, root: Path) -> None:
        self.calls.append(("open", root))
        await self._wait()
        self.roots.append(root)
        self.statuses.setdefault(str(root), Status(str(root), "ready", 0, 0))

    async def close_root(self, root: Path) -> None:
        self.calls.append(("close_root", root))
        self.roots.remove(root)
        self.statuses.pop(str(root), None)

    async def search(self, query: str, *, k: int, root: Path | None) -> Found:
        self.calls.append(("search", (query, k, root)))
        await self._wait()
        hits = [
            FoundHit(each, Hit(path, number, number + 1, "", "text", 1.0, {"words": 1.0}))
            for each in ([root] if root else self.roots)
            for path, text in self.files.items()
            for number, line in enumerate(text.split("\n"))
            if query in line
        ]
        return Found(
            query, any(status.state != "ready" for status in self.statuses.values()), tuple(hits[:k])
        )

    async def document_symbols(
        self, path: Path, text: str, language_id: str, *, unsaved: bool
    ) -> Sequence[Symbol]:
        self.calls.append(("document_symbols", (path, unsaved, language_id)))
        await self._wait()
        return symbols_of(text if unsaved else self.files.get(path.name, text))

    async def workspace_symbols(self, query: str, *, limit: int) -> Sequence[FoundSymbol]:
        self.calls.append(("workspace_symbols", query))
        await self._wait()
        found = [
            FoundSymbol(root, LocatedSymbol(path, symbol))
            for root in self.roots
            for path, text in self.files.items()
            for symbol in symbols_of(text)
            if query in symbol.name
        ]
        return found[:limit]

    async def status(self, root: Path | None = None) -> Sequence[Status]:
        return [status for name, status in self.statuses.items() if root is None or name == str(root)]

    async def pause(self, root: Path | None = None) -> None:
        self.calls.append(("pause", root))
        self._all("paused")

    async def resume(self, root: Path | None = None) -> None:
        self.calls.append(("resume", root))
        self._all("ready")

    async def rebuild(self, root: Path | None = None) -> None:
        self.calls.append(("rebuild", root))
        self._all("indexing")

    async def files_changed(self, paths: Sequence[Path]) -> None:
        self.calls.append(("files_changed", list(paths)))

    async def overlay(self, path: Path, text: str | None, version: int) -> None:
        self.calls.append(("overlay", (path, text)))
        if version > self.overlays.get(path, (0, None))[0]:
            self.overlays[path] = (version, text)

    def subscribe(self, callback: Callable[[Status], None]) -> Callable[[], None]:
        self.listeners.append(callback)
        return lambda: self.listeners.remove(callback)

    def report(self, status: Status) -> None:
        """Tell the listeners of a new status."""
        self.statuses[status.root] = status
        for listener in self.listeners:
            listener(status)

    def _all(self, state: Literal["paused", "ready", "indexing"]) -> None:
        for name in self.statuses:
            self.statuses[name] = Status(name, state, 0, 0)

    async def _wait(self) -> None:
        if self.trouble is not None:
            raise self.trouble
        if self.gate is not None:
            await self.gate()


@dataclass(slots=True)
class FakeServices:
    """Both, and whether they were closed."""

    secrets: FakeSecrets = field(default_factory=FakeSecrets)
    index: FakeIndex = field(default_factory=FakeIndex)
    settings: Any = None
    offline: bool = True
    closed: bool = False
    is_stale: bool = False
    mode: Mode | None = None
    budget: BudgetState | None = None
    team: Mapping[str, Any] = field(default_factory=dict)
    on_change: list[Callable[[], None]] = field(default_factory=list)
    on_close: Callable[[], None] = lambda: None
    open_agent: Callable[[], Agent] | None = None
    opened_agent: Agent | None = None

    def subscribe(self, callback: Callable[[], None]) -> None:
        self.on_change.append(callback)

    async def agent(self) -> Agent:
        if self.opened_agent is None:
            if self.open_agent is None:
                raise Unavailable("There is no agent here.", "Use a test that brings one.")
            self.opened_agent = self.open_agent()
        return self.opened_agent

    async def close(self) -> None:
        self.closed = True
        if self.opened_agent is not None:
            await self.opened_agent.chat.close()
        self.on_close()


def symbols_of(text: str) -> list[Symbol]:
    """`def name` and `class name`, each one line long, in the class above if it is indented."""
    found: list[Symbol] = []
    container = ""
    for number, line in enumerate(split_lines(text)):
        if match := _DEFINITION.search(line):
            inner = line.startswith(" ")
            end = len(without_end(line))
            kind = "class" if "class " in line else "method" if inner else "function"
            place = (number, match.start(), number, end, number, match.start(1), match.end(1))
            found.append(Symbol(match[1], kind, container if inner else "", *place))
            container = match[1] if kind == "class" else container
    return found


@dataclass(frozen=True, slots=True)
class FakeProblem:
    """A problem."""

    message: str


@dataclass(frozen=True, slots=True)
class FakeResolved:
    """What `resolve` gives."""

    settings: Settings
    problems: list[FakeProblem]


def resolve(sources: Sequence[tuple[str, Mapping[str, Any]]], folder: Path | None = None) -> FakeResolved:
    """Knows `secrets.enabled`, `secrets.on_open` and `home`; complains about a home that is no string."""
    merged: dict[str, Any] = {}
    for _, values in sources:
        merged.update(values)
    home = merged.get("home", "/home/nobody")
    problems = [] if isinstance(home, str) else [FakeProblem("home: not a string")]
    settings = default_settings(Path(home if isinstance(home, str) else "/home/nobody"))
    return FakeResolved(replace(settings, secrets=SecretsSettings(**(merged.get("secrets") or {}))), problems)
