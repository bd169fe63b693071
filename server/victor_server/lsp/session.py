"""Everything that changes during one connection, in one place; handlers get it first."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import TYPE_CHECKING

from victor_indexer.model import Status
from victor_server.lsp.answer import Answer
from victor_server.lsp.assist_state import AssistState
from victor_server.lsp.background import Background, Later
from victor_server.lsp.blocking import BlockingPool
from victor_server.lsp.client import Client
from victor_server.lsp.client_features import ClientFeatures
from victor_server.lsp.diagnostic_state import DiagnosticState
from victor_server.lsp.document_changes import DocumentChanges
from victor_server.lsp.documents import Document, Documents
from victor_server.lsp.offers import Offers
from victor_server.lsp.progress import IndexProgress
from victor_server.lsp.review_state import ReviewState
from victor_server.lsp.roots import Roots
from victor_server.lsp.service_slot import ServiceSlot
from victor_server.lsp.services import Index, OpenServices, ResolveSettings
from victor_server.settings.resolved import Settings

if TYPE_CHECKING:
    from victor_server.settings.profiles import Mode


@dataclass(frozen=True, slots=True)
class Delays:
    """How long things wait for what may come meanwhile.

    `overlay_s`, `recheck_s`, `status_s`: for the next change. `progress_s`: for the end of the work, which then shows
    no bar. `answer_s`: for the client's settings, without which the services are opened then; and for
    whether it shows the progress of an assist. `shutdown_s`: for what runs to end, before the client hears that it will.
    """

    overlay_s: float = 0.25
    recheck_s: float = 0.3
    status_s: float = 0.1
    progress_s: float = 0.3
    answer_s: float = 1.5
    shutdown_s: float = 0.03


DELAYS = Delays()


@dataclass(slots=True)
class SettingsState:
    """What the client wrote, and what came of it. `n_answered` is the number of the newest question it answered.

    `restricted`: the editor does not trust the folder; that holds for as long as the connection.
    """

    initialization_options: Mapping[str, object] = field(default_factory=dict)
    restricted: bool = False
    configuration: Mapping[str, object] = field(default_factory=dict)
    resolved: Settings | None = None
    problems: list[str] = field(default_factory=list)
    n_asked: int = 0
    n_answered: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(slots=True)
class Chosen:
    """What the client chose for this window, which outlasts the settings: None and absent leave it to those.

    `profile` and `mode` are for all chats; `profiles` are those of single ones, by their sessions.
    """

    profile: str | None = None
    mode: "Mode | None" = None
    profiles: dict[str, str] = field(default_factory=dict)


class Session:
    """The mutable state of one connection. Used on the event loop only."""

    def __init__(
        self,
        client: Client,
        open_services: OpenServices,
        resolve_settings: ResolveSettings,
        delays: Delays = DELAYS,
    ) -> None:
        self.client = client
        self.open_services = open_services
        self.resolve_settings = resolve_settings
        self.features = ClientFeatures()
        self.documents = Documents()
        self.changes = DocumentChanges()
        self.roots = Roots()
        self.notebooks: dict[str, list[str]] = {}
        self.unopened: set[str] = set()
        self.settings = SettingsState()
        self.slot = ServiceSlot()
        self.background = Background()
        self.pool = BlockingPool()
        self.progress = IndexProgress(client, self.background, Later(delays.progress_s))
        self.diagnostics = DiagnosticState()
        self.offers = Offers()
        self.reviewed = ReviewState()
        self.statuses: dict[str, Status] = {}
        self.answers: dict[str, Answer] = {}
        self.chosen = Chosen()
        self.assists = AssistState()
        self.delays = delays
        self.overlay_later = Later(delays.overlay_s)
        self.recheck_later = Later(delays.recheck_s)
        self.status_later = Later(delays.status_s)
        self.review_later = Later(delays.recheck_s)
        self.models_session = f"editor-{token_hex(8)}"
        self.started = False
        self.shut_down = False
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._overlay_version = 0
        self._closing: asyncio.Task[None] | None = None

    def take_snapshot(self, uri: str) -> Document | None:
        """The document as it is now, which nothing changes; None if it is not mirrored or not in step."""
        document = self.documents.get(uri)
        return document if document is not None and document.in_step else None

    async def index(self) -> Index:
        """The index, once the services are open and every wanted root is: an answer must not miss a folder."""
        services = await self.slot.get()
        await self.roots.settle(services.index, self.client)
        return services.index

    def is_current(self, document: Document) -> bool:
        """True while nothing has been changed in `document` since it was taken."""
        now = self.documents.get(document.uri)
        return now is not None and now.text is document.text and now.in_step

    def next_overlay_version(self) -> int:
        """A number that rises over all documents, and over closing and opening."""
        self._overlay_version += 1
        return self._overlay_version

    def end(self, exit_code: int) -> None:
        """End the connection in order; the first reason counts."""
        if not self.ended.done():
            self.ended.set_result(exit_code)

    async def close(self) -> None:
        """Stop all that runs and let go of the services. May be called more than once: all wait for the same end."""
        self._closing = self._closing or asyncio.get_running_loop().create_task(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        self.progress.close()
        for later in (self.overlay_later, self.recheck_later, self.status_later, self.review_later):
            later.close()
        await self.background.close()
        if self.reviewed.kept is not None:
            self.reviewed.kept.close()
        await self.slot.close()
        self.pool.close()
