"""Builds the agent core for one set of settings: what may leave, who answers, what it costs, what is kept."""

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from victor_server.agent.context.git import Git
from victor_server.agent.context.piece import Context
from victor_server.agent.context.sources import EditorSource, IndexSource
from victor_server.agent.go_on import Going, go_on
from victor_server.agent.permissions.model import Asker
from victor_server.agent.permissions.permissions import RulePermissions
from victor_server.agent.run_events import RunEvent
from victor_server.agent.services import AgentServices
from victor_server.agent.turn import run_turn
from victor_server.audit.account import account_name
from victor_server.audit.configuration import record_changes
from victor_server.audit.journal import Journal
from victor_server.compose.acting import Acting, Face
from victor_server.compose.configuration import in_words, keys_of
from victor_server.compose.models import open_router, recorder
from victor_server.compose.restrictions import current_policy, read_restrictions, with_restrictions
from victor_server.compose.team_edge import open_team, with_team
from victor_server.compose.window import Window
from victor_server.errors import VictorError
from victor_server.features.assists.assist import Assist
from victor_server.features.assists.offered import Offered, Spot, offer_code
from victor_server.features.assists.outcome import Outcome
from victor_server.features.assists.partial import Partly
from victor_server.features.assists.place import Place
from victor_server.features.assists.run import Told, run_assist
from victor_server.features.chat.chat import Chat
from victor_server.features.chat.context import ChatContext
from victor_server.features.chat.local_commands import local_commands
from victor_server.features.chat.model import Asked, Ports
from victor_server.features.checkpoints.restore import Restoring
from victor_server.features.edits.desk import Desk
from victor_server.features.edits.new_problems import AskNotes
from victor_server.features.edits.reviews import Reviews
from victor_server.features.trust import Trust
from victor_server.history.history import History
from victor_server.ledger.answers import AnswerCache
from victor_server.ledger.ledger import LEDGER_FILE, Ledger
from victor_server.ledger.model import BudgetState, Summary
from victor_server.policy.current_private_files import CurrentPrivateFiles
from victor_server.policy.policy import HoldsPolicy, Policy
from victor_server.remote.journal import forwarding, membership_of, open_outbox
from victor_server.secrets.redaction.session import RedactionSession
from victor_server.settings.layer import Problem
from victor_server.settings.profiles import Mode, Profile
from victor_server.settings.profiles_file import ReadProfiles
from victor_server.settings.resolved import Settings
from victor_server.settings.trust import TrustStore

if TYPE_CHECKING:
    from victor_server.remote.team import Team

logger = logging.getLogger(__name__)


def _nobody() -> None:
    """Nobody shows what becomes of the backend."""


class Agent:
    """Everything between a question and its answer. `problems` are those of profiles.yaml and of the policy.

    `window` is what it works for, which keeps what outlasts it; without one it is a window of its own. `settled` is told
    the session of each call that was paid for, in some thread.
    """

    def __init__(
        self,
        settings: Settings,
        environment: Mapping[str, str],
        index: IndexSource | None = None,
        window: Window | None = None,
        settled: Callable[[str], None] | None = None,
        team_changed: Callable[[], None] = _nobody,
    ) -> None:
        read, decided = read_restrictions(settings.home, environment)
        self.problems: tuple[Problem, ...] = (*read.problems, *decided.problems)
        member = membership_of(settings.home)
        journal = Journal(settings.audit, account_name())
        if member is not None:
            outbox = open_outbox(settings.home, member)
            journal = forwarding(journal, member, outbox)
            read = replace(read, profiles=with_team(read.profiles, member))
        record_now = partial(_record, settings, environment, journal)
        record_now()
        self._policy = current_policy(settings.home, environment, lambda _: _later(record_now))
        self.trust = Trust(TrustStore(settings.home), journal, restricted=settings.restricted)
        self.team: Team | None = None
        if member is not None:
            self.team = open_team(
                settings, environment, member, outbox, self._policy, journal, recorder(journal), team_changed
            )
        self.services = _services(settings, environment, read, self._policy, journal, settled, self.team)
        self.context = ChatContext(
            self.services.router, self.services.private_files, self.trust.is_trusted, index, Git()
        )
        self._redaction = redaction = partial(_redaction, self.services.own_keys)
        self.chat = Chat(
            self.services.history,
            Ports(
                answer=partial(run_turn, services=self.services),
                gather=self.context.gather,
                private=self.services.private_files,
                redaction=redaction,
                complete=self.context.complete,
                local=local_commands(self.services.router, self.services.ledger, index),
                tools=lambda asked, session_id, turn_id: self._acting.tools(asked, session_id, turn_id),
                deleted=lambda session_id: self.permissions.end_session(session_id),
            ),
        )
        self.chat.mode = read.profiles.mode
        self._own_window = Window() if window is None else None
        self.kept = (window or self._own_window or Window()).kept(settings, journal, self._policy)
        trusted = self.trust.is_trusted
        self._acting = Acting(
            settings,
            environment,
            self.services,
            self.kept,
            self.chat,
            self.context,
            trusted,
            index,
            redaction,
        )

    @property
    def policy(self) -> Policy:
        """What is allowed now."""
        return self._policy.now()

    @property
    def edits(self) -> Reviews:
        """Edits under review."""
        return self.kept.reviews

    @property
    def checkpoints(self) -> Restoring:
        """The way back from what was applied."""
        return self.kept.checkpoints

    @property
    def permissions(self) -> RulePermissions:
        """What tools may do."""
        return self.kept.permissions

    def begin(self) -> None:
        """Connect to the team's backend, if there is one. Call it on the event loop that the agent is used on."""
        if self.team is not None:
            self.team.begin()

    def attach(self, desk: Desk, asker: Asker | None = None, ask_notes: AskNotes | None = None) -> None:
        """Work with this person from now on: their files, their answers, what their language servers say."""
        self._acting.attach(Face(desk, asker, ask_notes))

    async def assist(
        self,
        assist: Assist,
        place: Place,
        *,
        around: EditorSource | None,
        told: Told,
        partly: Partly | None = None,
    ) -> Outcome:
        """Do what an assist is for at a place; raises as `features.assists.run.run_assist`."""
        return await run_assist(assist, place, self._acting.assists, around=around, told=told, partly=partly)

    async def offer(self, text: str, place: Place, spot: Spot, title: str) -> Offered:
        """Propose code of an answer; raises as `features.assists.offered.offer_code`."""
        return await offer_code(text, place, self._acting.assists, spot, title)

    async def go_on(self, going: Going) -> AsyncGenerator[RunEvent, None]:
        """Go on with a conversation that is none of ours; raises as `agent.go_on`. Use it with `aclosing`."""
        with await asyncio.to_thread(self._redaction) as redaction:
            async with aclosing(go_on(going, self.services, redaction)) as events:
                async for event in events:
                    yield event

    async def preview(self, asked: Asked) -> Context:
        """What a model would be shown for a question; none is called."""
        return await self.context.gather(asked)

    async def profiles(self) -> Sequence[Profile]:
        """Every profile, usable or not, and what a team's backend offers."""
        await self.services.router.meet()
        return tuple(self.services.router.profiles.profiles.values())

    async def set_mode(self, mode: Mode) -> None:
        """Let the agent be so free from now on, once that is recorded. Raises AuditFailed."""
        before = self.chat.mode
        if mode != before:
            await asyncio.to_thread(self.services.journal.record, "mode_changed", before=before, mode=mode)
        self.chat.mode = mode

    async def usage(self, session_id: str | None) -> tuple[Summary, Sequence[BudgetState]]:
        """What calls have used, of one chat or in all, and where the budgets stand."""
        ledger = self.services.ledger
        return await asyncio.to_thread(
            lambda: (ledger.usage(session_id=session_id), ledger.left(session_id or ""))
        )

    async def close(self) -> None:
        """End what runs, and let go of servers, children and files."""
        await self.chat.close()
        await self.services.router.close()
        if self.team is not None:
            await self.team.close()
        self.services.history.close()
        self.services.ledger.close()
        if self._own_window is not None:
            await self.kept.reviews.close()
            await self.kept.checkpoints.close()
            await self.kept.end_servers()
            self._own_window.close()


def open_agent(
    settings: Settings,
    environment: Mapping[str, str],
    index: IndexSource | None = None,
    window: Window | None = None,
    settled: Callable[[str], None] | None = None,
    team_changed: Callable[[], None] | None = None,
) -> Agent:
    """The agent core for `settings`; `environment` gives keys and proxies. Blocks: call it in a thread.

    `settled` is told the session of each call that was paid for, in some thread.

    From now on this process connects nowhere past `egress`. Raises `AuditFailed` where a changed configuration
    cannot be recorded.
    """
    return Agent(settings, environment, index, window, settled, team_changed or _nobody)


def _services(
    settings: Settings,
    environment: Mapping[str, str],
    read: ReadProfiles,
    policy: HoldsPolicy,
    journal: Journal,
    settled: Callable[[str], None] | None,
    team: "Team | None",
) -> AgentServices:
    router = open_router(settings, read.profiles, policy, environment, journal, team)
    cache = settings.cache
    return AgentServices(
        router=router,
        ledger=Ledger(settings.home / LEDGER_FILE, settings.budget, settled=settled),
        history=History(settings.home / "sessions.db"),
        journal=journal,
        policy=policy,
        private_files=CurrentPrivateFiles(policy),
        home=settings.home,
        answers=AnswerCache(cache.ttl_s, cache.max_bytes) if cache.enabled else None,
        user=journal.user,
        own_keys=tuple(keys_of(read.profiles).values()),
    )


def _redaction(own_keys: Sequence[str]) -> RedactionSession:
    """Of one conversation. What is kept of the first question is looked at before any call is."""
    redaction = RedactionSession()
    for key in own_keys:
        redaction.remember(key, "api-key")
    return redaction


def _record(settings: Settings, environment: Mapping[str, str], journal: Journal) -> None:
    if settings.audit.enabled:
        read, decided = read_restrictions(settings.home, environment)
        words = in_words(with_restrictions(settings, environment), read.profiles, decided.policy)
        record_changes(settings.home, journal, words, keys_of(read.profiles))


def _later(record: Callable[[], None]) -> None:
    """In a thread: who asks for the policy is about to make a connection."""

    def recorded() -> None:
        try:
            record()
        except VictorError as error:
            logger.error("a change of the configuration was not recorded: %s", error.message)

    threading.Thread(target=recorded, name="victor-configuration").start()
