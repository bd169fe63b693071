"""Builds what an edge has of its team's backend: nothing where nobody logged in, and a closed door where it is not known."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from victor_server.audit.journal import Journal
from victor_server.egress.factory import Egress
from victor_server.egress.model import Blocked
from victor_server.policy.policy import HoldsPolicy
from victor_server.policy.team_policy import TEAM_PROVIDER
from victor_server.settings.profiles import DEFAULT_PROFILE, Profile, Profiles
from victor_server.settings.resolved import Settings

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
