"""Builds what knows the models, for commands that ask them nothing: profiles, policy, connections, the router."""

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from victor_server.agent.providers.open import open_provider
from victor_server.agent.providers.provider import Provider
from victor_server.agent.router.router import Router
from victor_server.audit.account import account_name
from victor_server.audit.journal import Journal
from victor_server.compose.restrictions import current_policy, team_policy_of
from victor_server.compose.team_edge import open_team, with_offers, with_team
from victor_server.egress import guard
from victor_server.egress.factory import Egress
from victor_server.egress.model import Blocked
from victor_server.errors import AuditFailed
from victor_server.ledger.prices import price_of_profile
from victor_server.policy.policy import HoldsPolicy
from victor_server.policy.read import read_policy
from victor_server.policy.team_policy import ModelsPolicy
from victor_server.remote.journal import forwarding, membership_of, open_outbox
from victor_server.settings.layer import Problem
from victor_server.settings.load import resolve
from victor_server.settings.profiles import Profile, Profiles
from victor_server.settings.profiles_file import read_profiles
from victor_server.settings.resolved import Settings

if TYPE_CHECKING:
    from victor_server.remote.team import Team

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Models:
    """The router, and what it was made of; `problems` are all that was found in what people wrote. Close them."""

    router: Router
    settings: Settings
    journal: Journal
    problems: tuple[Problem, ...]
    team: "Team | None" = None

    async def close(self) -> None:
        """Let go of all connections."""
        await self.router.close()
        if self.team is not None:
            await self.team.close()


def _nobody() -> None:
    """Nobody shows what becomes of the backend."""


def open_models(environment: Mapping[str, str]) -> Models:
    """The models of a person. Connects nowhere. Raises SettingsError where there is no home, AuditFailed where a team's
    backend is to be told what is done and could not be.
    """
    resolved = resolve(environment=environment)
    settings = resolved.settings
    read = read_profiles(settings.home, environment)
    decided = read_policy(
        settings.network,
        read.profiles,
        closed=settings.closed or read.closed,
        team=team_policy_of(settings.home),
    )
    journal = Journal(settings.audit, account_name())
    profiles, policy = read.profiles, decided.policy
    team: Team | None = None
    member = membership_of(settings.home)
    if member is not None:
        outbox = open_outbox(settings.home, member)
        journal, profiles = forwarding(journal, member, outbox), with_team(profiles, member)
        record = recorder(journal)
        held = current_policy(settings.home, environment)
        team = open_team(settings, environment, member, outbox, held, journal, record, _nobody)
    router = open_router(settings, profiles, policy, environment, journal, team)
    return Models(router, settings, journal, (*resolved.problems, *read.problems, *decided.problems), team)


def open_router(
    settings: Settings,
    profiles: Profiles,
    policy: HoldsPolicy,
    environment: Mapping[str, str],
    journal: Journal,
    team: "Team | None" = None,
) -> Router:
    """The router over real providers. From here on this process connects nowhere past `egress`."""
    record = recorder(journal)
    egress = Egress(
        ModelsPolicy(policy), record=record, environment=environment, ca_file=settings.network.ca_file
    )
    guard.tell(record)

    def opened(profile: Profile, base_url: str) -> Provider:
        return open_provider(profile, base_url, egress, home=settings.home, team=team)

    offered = None if team is None else partial(with_offers, profiles, team)
    return Router(profiles, policy, opened, price_of_profile, time.monotonic, random.random, offered)


def recorder(journal: Journal) -> Callable[[Blocked], None]:
    """Writes what was blocked into the audit log. Nothing was sent, so a log that fails changes nothing about that."""

    def record(blocked: Blocked) -> None:
        try:
            journal.record(
                "egress_blocked",
                success=False,
                destination=blocked.destination,
                purpose=blocked.purpose,
                reason=blocked.reason,
                address=blocked.address,
            )
        except AuditFailed as error:
            logger.warning(
                "a blocked connection to %s was not recorded: %s", blocked.destination, error.message
            )

    return record
