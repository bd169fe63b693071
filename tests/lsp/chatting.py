"""An editor with a chat: the answers are played, everything between them and the wire is real."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acp import schema
from chat.talk import Talk
from lsp.editor import Editor, Json, running_server
from lsp.fake_services import FakeServices

from victor_server.agent.context.piece import Context, Piece
from victor_server.agent.context.sources import EditorSource
from victor_server.agent.go_on import Going
from victor_server.agent.permissions.model import Asker
from victor_server.agent.permissions.permissions import RulePermissions
from victor_server.agent.run_events import RunEvent
from victor_server.audit.journal import Journal
from victor_server.errors import UsageError
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
from victor_server.features.edits.disk_desk import DiskDesk
from victor_server.features.edits.new_problems import AskNotes
from victor_server.features.edits.reviews import Reviews
from victor_server.history.checkpoints import Checkpoints
from victor_server.history.history import History
from victor_server.ledger.model import BudgetState, Summary, Used
from victor_server.lsp import uris
from victor_server.policy.private_files import PrivateFiles
from victor_server.settings.profiles import Mode, Profile
from victor_server.settings.resolved import AuditSettings, CheckpointSettings

ANNOUNCES_CHAT: Json = {"experimental": {"victor": {"chat": True}}}
PROFILES = (
    Profile("default", "ollama", "small", ("http://127.0.0.1:11434",)),
    Profile("cloud", "anthropic", "large", unusable="ANTHROPIC_API_KEY is not set"),
)


NO_CHECKPOINTS = Restoring(Checkpoints(Path("/nowhere"), CheckpointSettings()), DiskDesk())

NO_RULES = RulePermissions(
    Path("/nowhere"),
    Journal(AuditSettings(Path("/nowhere"), enabled=False), "me"),
    lambda: "build",
    PrivateFiles(),
)


@dataclass(slots=True)
class PlayedAgent:
    """Profiles and usage as they are written here."""

    chat: Chat
    checkpoints: Restoring = NO_CHECKPOINTS
    edits: Reviews = field(
        default_factory=lambda: Reviews(DiskDesk(), Checkpoints(Path("/nowhere"), CheckpointSettings()))
    )
    permissions: RulePermissions = NO_RULES

    def attach(self, desk: Desk, asker: Asker | None = None, ask_notes: AskNotes | None = None) -> None:
        self.edits.desk = self.checkpoints.desk = desk

    async def go_on(self, going: Going) -> AsyncGenerator[RunEvent, None]:
        raise UsageError("There is no model in this test.")
        yield  # so that it is a generator

    async def preview(self, asked: Asked) -> Context:
        return Context((Piece("file", "app.py", 0, 2, f"asked {asked.prompt}", 9, "one\ntwo\n"),), (), 100)

    async def assist(
        self,
        assist: Assist,
        place: Place,
        *,
        around: EditorSource | None,
        told: Told,
        partly: Partly | None = None,
    ) -> Outcome:
        raise UsageError("There are no assists in this test.")

    async def offer(self, text: str, place: Place, spot: Spot, title: str) -> Offered:
        raise UsageError("There are no assists in this test.")

    async def profiles(self) -> Sequence[Profile]:
        return PROFILES

    async def set_mode(self, mode: Mode) -> None:
        self.chat.mode = mode

    async def usage(self, session_id: str | None) -> tuple[Summary, Sequence[BudgetState]]:
        used = Used(calls=1 if session_id else 3, input_tokens=100, output_tokens=20, cost_usd=0.5)
        budget = BudgetState("budget.day_usd", "day", "usd", 2.0, 0.5, 0.25, None)
        return Summary(used, {"model": {"small": used}}), [budget]


@asynccontextmanager
async def chatting(
    talk: Talk,
    root: Path | None = None,
    capabilities: Json | None = None,
    answers: dict[str, Any] | None = None,
    prepare: Callable[[FakeServices], None] = lambda _: None,
) -> AsyncIterator[Editor]:
    """An initialized editor whose agent talks as `talk` says; VICTOR_HOME is where its file lies."""

    def bring(services: FakeServices) -> None:
        history = History(talk.file)
        services.open_agent = lambda: PlayedAgent(Chat(history, talk.ports(), **talk.options))
        services.on_close = history.close
        prepare(services)

    async with running_server(answers, bring) as editor:
        folders = [{"uri": uris.from_path(str(root)), "name": root.name}] if root else None
        await editor.initialize(
            ANNOUNCES_CHAT if capabilities is None else capabilities,
            workspaceFolders=folders,
            initializationOptions={"home": str(talk.file.parent)},
        )
        yield editor


def text_block(text: str) -> list[Json]:
    """A question."""
    return [{"type": "text", "text": text}]


async def new_chat(editor: Editor) -> str:
    """A chat's name."""
    made = await editor.request("victor/chat/new", {})
    return schema.NewSessionResponse.model_validate(made).session_id


async def ask(editor: Editor, session_id: str, text: str, **more: Any) -> Json:
    """Ask, and wait for the end."""
    result: Json = await editor.request(
        "victor/chat/prompt", {"sessionId": session_id, "prompt": text_block(text), **more}
    )
    schema.PromptResponse.model_validate(result)
    return result


def updates(editor: Editor) -> list[Json]:
    """The updates that have come and were not looked at yet; each is one of the Agent Client Protocol."""
    taken = [each["params"] for each in editor.received if each.get("method") == "victor/chat/update"]
    editor.received[:] = [each for each in editor.received if each.get("method") != "victor/chat/update"]
    for params in taken:
        schema.SessionNotification.model_validate(params)
    return taken


def kinds(taken: list[Json]) -> list[str]:
    """What each update says, in a word."""
    return [_kind(each) for each in taken]


def answer_of(taken: list[Json]) -> str:
    """The text of the answer."""
    return "".join(
        each["update"]["content"]["text"]
        for each in taken
        if each["update"]["sessionUpdate"] == "agent_message_chunk"
    )


def _kind(params: Json) -> str:
    update, victor = params["update"], params["_meta"]["victor"]
    if update["sessionUpdate"] != "session_info_update":
        return str(update["sessionUpdate"])
    return "title" if "title" in update else next(name for name in victor if name not in ("seq", "turnId"))
