"""The chat: what every face (editor, terminal) talks to."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from victor_server.agent.context.files import Files
from victor_server.agent.context.piece import Piece
from victor_server.agent.context.sources import EditorSource
from victor_server.agent.receipt import Receipt, from_data
from victor_server.agent.router.decision import Decision
from victor_server.agent.run_events import Routed
from victor_server.agent.text_kinds import KeptText, ShownText
from victor_server.errors import UsageError, VictorError
from victor_server.features.chat.batches import BATCH_S, Batches
from victor_server.features.chat.commands import COMMANDS, Command, complete_command, read_question
from victor_server.features.chat.conversation import (
    Conversation,
    Running,
    last_question,
    updates_of,
)
from victor_server.features.chat.keeper import KEEP_S, Create, Keeper, Rename
from victor_server.features.chat.kept_answer import KeptAnswer
from victor_server.features.chat.model import (
    Asked,
    ChatEvent,
    ChatUpdate,
    Completion,
    Loaded,
    Ports,
    Retried,
    Steered,
)
from victor_server.features.chat.running import run
from victor_server.history.history import History, new_id
from victor_server.history.model import ChatSession, StoredEvent
from victor_server.secrets.redaction.session import RedactionSession
from victor_server.settings.profiles import Mode

MAX_TITLE = 200
_MAX_WRITTEN = 10_000


class Chat:
    """Conversations of one window. Used on one event loop; nothing here blocks it.

    A session is opened by the first method that needs it, and belongs to this window from then on: UsageError where
    another window has it. Everything raises from the VictorError tree. Where the history cannot be written, chats go
    on in memory, say so (`Noted`), and are written as soon as that works again.

    `profile` answers where neither the session nor the question names another; "" leaves it to the router. `mode` says
    how free an agent with tools is. `route` is the last decision of the router.

    A turn runs until it ends, is cancelled, or the generator that `prompt` gave is closed. Its updates are joined to at
    most one in `batch_s` seconds; they are on their way to the disk `keep_s` seconds after they were shown.
    """

    def __init__(
        self, history: History, ports: Ports, *, batch_s: float = BATCH_S, keep_s: float = KEEP_S
    ) -> None:
        self._history = history
        self._ports = ports
        self.profile = ""
        self.mode: Mode = "build"
        self.route: Decision | None = None
        self._batch_s = batch_s
        self._keeper = Keeper(history, keep_s)
        self._open: dict[str, Conversation] = {}
        self._opening = asyncio.Lock()

    async def new(self, workspace: Path | None, *, title: str = "") -> ChatSession:
        """A new session, in a workspace or without one. It is listed once it has a turn."""
        redaction = await asyncio.to_thread(self._ports.redaction)
        title = await asyncio.to_thread(_title, title, redaction) if title else ""
        now = time.time()
        made = ChatSession(new_id(), str(workspace) if workspace else "", title, now, now)
        self._open[made.id] = Conversation(made, redaction)
        self._keeper.add(Create(made))
        await self._keeper.flush()
        return made

    async def prompt(
        self,
        session_id: str,
        text: str,
        *,
        profile: str = "",
        attached: Sequence[Piece] = (),
        around: EditorSource | None = None,
    ) -> AsyncGenerator[ChatUpdate, None]:
        """Ask something: updates from `Prompted` to `TurnEnded`, which says how it ended and never raises that.

        `text` may begin with a command and hold mentions. `profile` names the model for this turn, "" the session's or
        the router's choice. `attached` is shown to the model besides what is found; `around` is handed on to where
        context is gathered. Raises UsageError for a command that there is not, and while a turn of the session runs.
        """
        conversation = await self._conversation(session_id)
        asked, command = read_question(text, conversation.root)
        asked = replace(
            asked,
            profile=profile or conversation.profile or self.profile,
            attached=tuple(attached),
            around=around,
        )
        async with aclosing(self._turn(conversation, asked, command, None)) as updates:
            async for update in updates:
                yield update

    async def retry(
        self, session_id: str, *, profile: str = "", around: EditorSource | None = None
    ) -> AsyncGenerator[ChatUpdate, None]:
        """Ask the last question again, in the place of its turn, which counts no more."""
        conversation = await self._conversation(session_id)
        last = last_question(conversation.kept)
        if last is None:
            raise UsageError("Nothing was asked yet.", "Ask something first.")
        turn_id, prompted = last
        # After a restart the secrets of the question are gone: then it is asked as it was kept.
        before = conversation.last_asked
        asked, command = read_question(before.text if before else prompted.kept, conversation.root)
        asked = replace(
            asked,
            profile=profile or conversation.profile or self.profile,
            attached=before.attached if before else (),
            around=around or (before.around if before else None),
        )
        async with aclosing(self._turn(conversation, asked, command, Retried(turn_id))) as updates:
            async for update in updates:
                yield update

    async def cancel(self, session_id: str) -> bool:
        """Stop the answer; the turn has ended, and its call is closed, when this returns. False if none ran."""
        running = self._running(session_id)
        if running is None:
            return False
        await running.cancel()
        return True

    async def steer(self, session_id: str, text: str) -> None:
        """Say something to the model while it answers. Raises UsageError where it does not."""
        conversation, running = self._open.get(session_id), self._running(session_id)
        if conversation is None or running is None:
            raise UsageError("No answer is being written.", "Ask instead.")
        if not text.strip():
            raise UsageError("There is nothing to say.", "Write something.")
        kept, _ = await asyncio.to_thread(conversation.redaction.redact, text)
        running.batches.put(Steered(ShownText(text), KeptText(kept)))
        running.steer.put_nowait(text)

    async def sessions(self, workspace: Path | None = None) -> Sequence[ChatSession]:
        """Every session with a turn, or those of one workspace; the one used last first."""
        await self._keeper.flush()
        return await asyncio.to_thread(self._history.sessions, str(workspace) if workspace else None)

    async def session(self, session_id: str) -> ChatSession:
        """One session, which is opened by that."""
        return (await self._conversation(session_id)).session

    async def load(self, session_id: str, after_seq: int = 0) -> Loaded:
        """Open a session and give what happened after this number, placeholders for secrets.

        A turn that the end of the program cut off ends with `TurnEnded("interrupted")`.
        """
        conversation = await self._conversation(session_id)
        kept = list(conversation.kept)
        updates = await asyncio.to_thread(updates_of, session_id, kept, after_seq)
        # What came meanwhile: the caller has all that was told when this returns.
        updates += updates_of(session_id, conversation.kept[len(kept) :], after_seq)
        last_seq = conversation.kept[-1].seq if conversation.kept else 0
        return Loaded(conversation.session, updates, last_seq)

    async def fork(self, session_id: str, up_to_turn: str | None = None) -> ChatSession:
        """A new session that begins as another one, up to and with a turn."""
        await self._keeper.flush()
        return await asyncio.to_thread(self._history.fork, session_id, up_to_turn)

    async def rename(self, session_id: str, title: str) -> None:
        """Give a session another title. Raises UsageError for one that is empty."""
        conversation = self._open.get(session_id)
        if conversation is None:
            with await asyncio.to_thread(self._ports.redaction) as redaction:
                title = await asyncio.to_thread(_title, title, redaction)
            await asyncio.to_thread(self._history.rename, session_id, title)
            return
        title = await asyncio.to_thread(_title, title, conversation.redaction)
        conversation.retitle(title)
        self._keeper.add(Rename(session_id, title))
        await self._keeper.flush()

    async def delete(self, session_id: str) -> None:
        """Forget a session, its receipts included; a turn that runs is stopped."""
        await self.cancel(session_id)
        await self._keeper.forget(session_id)
        self._ports.deleted(session_id)
        conversation = self._open.pop(session_id, None)
        if conversation is not None:
            conversation.redaction.close()
        try:
            await asyncio.to_thread(self._history.delete, session_id)
        except UsageError:
            if conversation is None or not conversation.is_unsaved:
                raise

    async def set_profile(self, session_id: str, profile: str) -> None:
        """Have this profile answer in the session from now on; "" leaves it to the router."""
        (await self._conversation(session_id)).profile = profile

    async def as_kept(self, session_id: str, text: str) -> KeptText:
        """`text` as it may be written into a file: placeholders for the secrets."""
        conversation = await self._conversation(session_id)
        return KeptText((await asyncio.to_thread(conversation.redaction.redact, text))[0])

    def redaction_of(self, session_id: str) -> RedactionSession | None:
        """What takes the secrets out of a conversation that is open in this window."""
        conversation = self._open.get(session_id)
        return None if conversation is None else conversation.redaction

    async def why_private(self, path: Path) -> str:
        """Why nothing of a file may stand in a question, as the end of a sentence; "" if it may."""
        files = Files(None, self._ports.private, {})
        return await asyncio.to_thread(files.why_private, path.as_posix(), path)

    def commands(self) -> Sequence[Command]:
        """The slash commands."""
        return COMMANDS

    async def complete(
        self, text: str, cursor: int, *, root: Path | None = None, around: EditorSource | None = None
    ) -> Sequence[Completion]:
        """Ways to go on at `cursor`, in characters: commands at the start, mentions behind `@`."""
        before = text[:cursor]
        if before.startswith("/") and (found := complete_command(before)):
            return found
        return await self._ports.complete(before, root, around) if self._ports.complete else []

    async def receipt(self, receipt_id: str) -> Receipt:
        """What left this machine in one model call."""
        return from_data((await asyncio.to_thread(self._history.receipt, receipt_id)).data)

    async def receipts(self, session_id: str | None = None, limit: int = 50) -> Sequence[Receipt]:
        """The receipts of a session or of all, the youngest first."""
        found = await asyncio.to_thread(self._history.receipts, session_id, limit)
        return [from_data(each.data) for each in found]

    async def let_go(self, session_id: str) -> None:
        """Let other windows have a session; it is opened again when it is needed. Nothing happens while a turn runs."""
        conversation = self._open.get(session_id)
        if conversation is None or conversation.running is not None:
            return
        await self._keeper.flush()
        if self._open.get(session_id) is not conversation or conversation.running is not None:
            return  # it was let go of, or asked something, meanwhile
        del self._open[session_id]
        conversation.redaction.close()
        await asyncio.to_thread(self._release, session_id)

    async def let_go_of_idle(self) -> None:
        """Let go of every session in which no turn runs."""
        for session_id in list(self._open):
            await self.let_go(session_id)

    async def close(self) -> None:
        """Stop what runs, write what waits, and let other windows have the sessions."""
        for conversation in list(self._open.values()):
            if conversation.running is not None:
                await conversation.running.cancel()
        await self._keeper.close()
        for session_id, conversation in list(self._open.items()):
            conversation.redaction.close()
            await asyncio.to_thread(self._release, session_id)
        self._open.clear()

    def _release(self, session_id: str) -> None:
        try:
            self._history.release(session_id)
        except VictorError:
            pass  # the end of the process lets go of it as well

    def _running(self, session_id: str) -> Running | None:
        conversation = self._open.get(session_id)
        return conversation.running if conversation else None

    async def _conversation(self, session_id: str) -> Conversation:
        async with self._opening:
            if session_id not in self._open:
                redaction = await asyncio.to_thread(self._ports.redaction)
                session, kept = await asyncio.to_thread(self._take, session_id)
                self._open[session_id] = Conversation(session, redaction, list(kept))
            return self._open[session_id]

    def _take(self, session_id: str) -> tuple[ChatSession, Sequence[StoredEvent]]:
        return self._history.take(session_id), self._history.events(session_id)

    async def _turn(
        self, conversation: Conversation, asked: Asked, command: Command | None, retried: Retried | None
    ) -> AsyncGenerator[ChatUpdate, None]:
        """Run a turn in a task of its own, so that an early end of the reader is told apart from that of the answer."""
        if conversation.running is not None:
            raise UsageError("An answer is being written.", "Wait for it, steer it, or stop it.")
        turn_id = new_id()

        def hand_on(event: ChatEvent) -> None:
            if isinstance(event, Routed):
                self.route = event.decision
            for each in running.words.take(event):
                stored, update = conversation.take(turn_id, each)
                self._keeper.tell(conversation.session.id, stored)
                running.updates.put_nowait(update)

        words = KeptAnswer(conversation.redaction)
        running = Running(turn_id, asked, Batches(hand_on, self._batch_s), words)
        conversation.running = running
        work = run(conversation, running, command, retried, self._ports, self._keeper)
        running.task = asyncio.get_running_loop().create_task(work)
        running.task.add_done_callback(lambda _: running.updates.put_nowait(None))
        try:
            while (update := await running.updates.get()) is not None:
                yield update
        finally:
            await running.cancel()
            if conversation.running is running:
                conversation.running = None


def _title(title: str, redaction: RedactionSession) -> str:
    """A title as it is kept: one line, placeholders for secrets."""
    words = " ".join(title[:_MAX_WRITTEN].split())
    if not words:
        raise UsageError("A title has at least one character.", "Write one.")
    return redaction.redact_again(words)[0][:MAX_TITLE]
