"""Builds what an edge has of its team's backend: nothing where nobody logged in, and a closed door where it is not known."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from victor_server.audit.journal import Journal
from victor_server.egress.factory import Egress
from victor_server.egress.model import Blocked
from victor_server.errors import VictorError
from victor_server.policy.policy import HoldsPolicy
from victor_server.policy.team_policy import TEAM_PROVIDER
from victor_server.settings.profiles import DEFAULT_PROFILE, Profile, Profiles
from victor_server.settings.resolved import Settings

OFFERS_TIME_LIMIT_S = 5.0
"""Whoever wants to see all models waits so long for a backend that does not answer."""

if TYPE_CHECKING:
    from victor_server.remote.membership import Membership
    from victor_server.remote.outbox import Outbox
    from victor_server.remote.team import Team


def open_team(
    settings: Settings,
    environment: Mapping[str, str],
    member: "Membership",
    outbox: "Outbox",
    policy: HoldsPolicy,
    journal: Journal,
    record: Callable[[Blocked], None],
    changed: Callable[[], None],
) -> "Team":
    """The backend as this process has it. Connects nowhere yet."""
    from victor_server.remote.login.credentials import stored_credentials
    from victor_server.remote.team import Team

    egress = Egress(policy, record=record, environment=environment, ca_file=settings.network.ca_file)
    credentials = stored_credentials(settings.home, member.url, egress)
    return Team(settings.home, member, egress, credentials, outbox, journal.record, changed)


def with_team(profiles: Profiles, member: "Membership | None") -> Profiles:
    """The profiles as they are with a backend: those that name it know where it is; without any, it is the default."""
    if member is None:
        return profiles
    url = member.url
    if not profiles.profiles and not profiles.unreadable:
        only = Profile(DEFAULT_PROFILE, TEAM_PROVIDER, TEAM_PROVIDER, base_urls=(url,))
        return replace(profiles, profiles={DEFAULT_PROFILE: only}, default=DEFAULT_PROFILE)
    known = {
        name: replace(profile, base_urls=(url,)) if profile.provider == TEAM_PROVIDER else profile
        for name, profile in profiles.profiles.items()
    }
    return replace(profiles, profiles=known)


async def with_offers(profiles: Profiles, team: "Team") -> Profiles:
    """The profiles, and for somebody who wrote none one for each model that the backend offers, by its name."""
    only = profiles.profiles.get(DEFAULT_PROFILE)
    if only is None or len(profiles.profiles) != 1 or (only.provider, only.model) != (TEAM_PROVIDER,) * 2:
        return profiles
    try:
        async with asyncio.timeout(OFFERS_TIME_LIMIT_S):
            offers = await team.offers()
    except (VictorError, TimeoutError):
        return profiles
    offered = {offer.name: replace(only, name=offer.name, model=offer.name) for offer in offers}
    return replace(
        profiles,
        profiles=dict(profiles.profiles)
        | {name: profile for name, profile in offered.items() if name != DEFAULT_PROFILE},
    )
