"""What the LSP edge asks of the rest of Victor: `compose` hands it a factory for an object of this shape.

Values are the domain's own (`victor_indexer.model`, the scanner's findings): 0-based lines, columns in code points,
ends exclusive. Methods raise from the two error trees (`victor_server.errors`, `victor_indexer.errors`) and nothing
else on purpose; the edge maps those to LSP errors with `data.kind`.

Threads: `secrets` is synchronous and is called off the event loop, from several threads; `message` and `page` cost nothing. Everything in `index` is a coroutine on
the event loop, may answer late (the worker is still starting) and must raise `CancelledError` onwards after having
stopped the work that it stood for.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from victor_indexer.model import Status, Symbol
from victor_server.features.found import Found, FoundSymbol
from victor_server.features.secrets_on_save.model import Change, Check, Fix, Source
from victor_server.features.workspace_files import WorkspaceFiles
from victor_server.secrets.finding import Finding
from victor_server.settings.resolved import Settings

if TYPE_CHECKING:
    from victor_server.agent.context.piece import Context
    from victor_server.agent.context.sources import EditorSource
    from victor_server.agent.go_on import Going
    from victor_server.agent.permissions.model import Asker
    from victor_server.agent.permissions.permissions import RulePermissions
    from victor_server.agent.run_events import RunEvent
    from victor_server.features.assists.assist import Assist
    from victor_server.features.assists.offered import Offered, Spot
    from victor_server.features.assists.outcome import Outcome
    from victor_server.features.assists.partial import Partly
    from victor_server.features.assists.place import Place
    from victor_server.features.assists.run import Told
    from victor_server.features.chat.chat import Chat
    from victor_server.features.chat.model import Asked
    from victor_server.features.checkpoints.restore import Restoring
    from victor_server.features.edits.desk import Desk
    from victor_server.features.edits.new_problems import AskNotes
    from victor_server.features.edits.reviews import Reviews
    from victor_server.ledger.model import BudgetState, Summary
    from victor_server.settings.profiles import Mode, Profile


class Secrets(Protocol):
    """Secrets in the text of one document. `files` is what the editor has of the workspace's own files."""

    def check(self, source: Source, files: WorkspaceFiles, before: Check | None = None) -> Check:
        """Every secret in a document, in the order in which they stand. Never fails.

        `before` is an earlier check of the same document: then only what was edited is looked through.
        """
        ...

    def message(self, finding: Finding) -> str:
        """What a person is told about a finding; never the secret."""
        ...

    def page(self, rule: str) -> str | None:
        """The https address where a secret that this rule finds is revoked, if there is one."""
        ...

    def fixes(
        self, source: Source, check: Check, first_line: int, last_line: int, files: WorkspaceFiles
    ) -> Sequence[Fix]:
        """The fixes for findings that touch these lines (both included), in order. Never fails."""
        ...

    def change(self, source: Source, fix: Fix, files: WorkspaceFiles) -> Change:
        """All that one of `fixes` changes. Raises UsageError if a file that it needs cannot be changed."""
        ...

    def chosen(self, root: Path | None, fix: Fix) -> None:
        """A person has taken one of `fixes` in a document of the folder `root`. Never fails."""
        ...


class Index(Protocol):
    """The index of every open root, wherever it runs."""

    @property
    def enabled(self) -> bool:
        """False where the settings switch the index off: then no root is ever opened."""
        ...

    async def open(self, root: Path) -> None:
        """Start to serve `root`; returns before its index is built. A second `open` of the same root does nothing."""
        ...

    async def close_root(self, root: Path) -> None:
        """Stop to serve `root`. Unknown roots are ignored."""
        ...

    async def search(self, query: str, *, k: int, root: Path | None) -> Found:
        """The `k` best hits, in `root` or in all roots. Before the index is ready: what there is, and `partial`."""
        ...

    async def document_symbols(
        self, path: Path, text: str, language_id: str, *, unsaved: bool
    ) -> Sequence[Symbol]:
        """Definitions in one document whose text is `text`, in the order in which they stand.

        `unsaved`: the index cannot know this text, or not yet, so it is parsed. Where it is not, that is done only
        for a file that is not in the index. `path` may be a bare name (an untitled buffer), whose language is then
        told by `language_id` alone.
        """
        ...

    async def workspace_symbols(self, query: str, *, limit: int) -> Sequence[FoundSymbol]:
        """Definitions whose name matches `query`, best first, over all roots."""
        ...

    async def status(self, root: Path | None = None) -> Sequence[Status]:
        """Where the index of each root (or of this one) stands. Answers at once, from what is known."""
        ...

    async def pause(self, root: Path | None = None) -> None:
        """Stop to index until `resume`; what is indexed stays searchable."""
        ...

    async def resume(self, root: Path | None = None) -> None:
        """Go on after `pause`."""
        ...

    async def rebuild(self, root: Path | None = None) -> None:
        """Throw the index away and build it anew; returns once that has begun."""
        ...

    async def files_changed(self, paths: Sequence[Path]) -> None:
        """These files (or everything below these folders) were made, changed or removed on disk."""
        ...

    async def overlay(self, path: Path, text: str | None, version: int) -> None:
        """Let `text`, an unsaved buffer, stand before the file in this client's searches; None takes it away.

        Per path the highest `version` wins: a late call with a lower one is ignored. `version` counts on over
        closing and opening of a document.
        """
        ...

    def subscribe(self, callback: Callable[[Status], None]) -> Callable[[], None]:
        """Call `callback` on the event loop at each change of a status (a few times a second at most).

        Returns the function that ends the subscription.
        """
        ...


class Agent(Protocol):
    """Models and the chats with them."""

    @property
    def chat(self) -> "Chat":
        """The chats of this window."""
        ...

    @property
    def edits(self) -> "Reviews":
        """The edits of this window that a person may look at."""
        ...

    def attach(self, desk: "Desk", asker: "Asker | None" = None, ask_notes: "AskNotes | None" = None) -> None:
        """Work with this person from now on: their files, their answers, what their language servers say."""
        ...

    @property
    def permissions(self) -> "RulePermissions":
        """What tools may do."""
        ...

    @property
    def checkpoints(self) -> "Restoring":
        """The way back from what was applied, through the editor where it has files open."""
        ...

    def go_on(self, going: "Going") -> "AsyncGenerator[RunEvent, None]":
        """Go on with a conversation that is none of ours; raises as `agent.go_on`. Use it with `aclosing`."""
        ...

    async def preview(self, asked: "Asked") -> "Context":
        """What a model would be shown for a question; none is called."""
        ...

    async def assist(
        self,
        assist: "Assist",
        place: "Place",
        *,
        around: "EditorSource | None",
        told: "Told",
        partly: "Partly | None" = None,
    ) -> "Outcome":
        """Do what an assist is for at a place; raises as `features.assists.run.run_assist`."""
        ...

    async def offer(self, text: str, place: "Place", spot: "Spot", title: str) -> "Offered":
        """Propose code of an answer; raises as `features.assists.offered.offer_code`."""
        ...

    async def profiles(self) -> "Sequence[Profile]":
        """Every profile, usable or not."""
        ...

    async def set_mode(self, mode: "Mode") -> None:
        """Let the agent be so free from now on. Raises AuditFailed, and then nothing has changed."""
        ...

    async def usage(self, session_id: str | None) -> "tuple[Summary, Sequence[BudgetState]]":
        """What calls have used, of one chat or in all, and where the budgets stand."""
        ...


class Services(Protocol):
    """Everything behind the edge, opened for one set of settings."""

    @property
    def secrets(self) -> Secrets: ...
    @property
    def index(self) -> Index: ...
    @property
    def offline(self) -> bool:
        """True while no model outside this machine and the hosts that are listed may be reached."""
        ...

    @property
    def mode(self) -> "Mode | None":
        """How free the agent is; None until that was read."""
        ...

    @property
    def budget(self) -> "BudgetState | None":
        """The budget that is nearest to its end, as it was last read; None where none is set."""
        ...

    @property
    def team(self) -> Mapping[str, Any]:
        """The team's backend: url, state, tenant, user, backlog, policy; empty while none is attached."""
        ...

    def subscribe(self, callback: Callable[[], None]) -> None:
        """Call `callback` on the event loop whenever `offline`, `mode` or `budget` visibly changed by themselves."""
        ...

    @property
    def is_stale(self) -> bool:
        """True once the agent should be opened anew, because other models are set up than it was opened with."""
        ...

    @property
    def opened_agent(self) -> Agent | None:
        """The agent, None as long as nobody asked for it. Costs nothing."""
        ...

    async def agent(self) -> Agent:
        """The agent, opened when it is first asked for: none of it is loaded before."""
        ...

    async def close(self) -> None:
        """Let go of the worker's connection and of all roots. Called once; no method is called after it."""
        ...


class OpenServices(Protocol):
    """Opens services for settings. Must return at once: connecting and starting the worker happen behind `Index`."""

    def __call__(self, settings: Settings, /) -> Services: ...


class Problem(Protocol):
    """Something wrong in a settings source; `message` names the setting."""

    @property
    def message(self) -> str: ...


class Resolved(Protocol):
    """Settings as code reads them, and what of the sources could not be used."""

    @property
    def settings(self) -> Settings: ...
    @property
    def problems(self) -> Sequence[Problem]: ...


class ResolveSettings(Protocol):
    """Lays the editor's sources, weakest first, over all others (files, environment). May block: called in a thread.

    A source is its name ("initializationOptions", "workspace/configuration") and what was written there. `folder` is
    the one that is open, whose own settings may count.
    """

    def __call__(
        self, sources: Sequence[tuple[str, Mapping[str, object]]], folder: Path | None, /
    ) -> Resolved: ...
