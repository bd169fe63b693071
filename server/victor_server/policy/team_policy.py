"""The policy of a person's team: what its backend says that an edge is held to, which can only tighten what a person may."""

from dataclasses import dataclass, replace
from typing import Final

from victor_server.policy.policy import Cloud, HoldsPolicy, Policy

TEAM = "the team's policy"
"""How it is called in `origin`."""

TEAM_PROVIDER: Final = "team"

MEMBERSHIP_FILE = "team.json"
"""In VICTOR_HOME: which backend the person belongs to."""
POLICY_FILE = "policy"
"""In VICTOR_HOME: what that backend signed."""
POLICY_SEEN_FILE = "policy-seen"
"""In VICTOR_HOME: which of its policies was the newest. An older one is not put back."""


@dataclass(frozen=True, slots=True)
class TeamPolicy:
    """What is held to. `closed` says why it cannot be known, "" if it is; then nothing but this machine may be reached.

    `permissions` are those of the person's role; `providers` None: all. After `expires_us` (microseconds since 1970)
    no model outside is asked until the backend has been heard of again.
    """

    permissions: tuple[str, ...] = ()
    providers: frozenset[str] | None = None
    cloud: Cloud = "direct"
    denied_tools: tuple[str, ...] = ()
    private_paths: tuple[str, ...] = ()
    expires_us: int = 0
    closed: str = ""


def tighten_by_team(policy: Policy, team: TeamPolicy) -> Policy:
    """What both allow. Models are asked through the backend whatever providers it names."""
    changes: dict[str, object] = {
        "cloud": team.cloud,
        "role_permissions": team.permissions,
        "denied_tools": (*policy.denied_tools, *team.denied_tools),
        "expires_us": team.expires_us,
    }
    if team.providers is not None:
        mine = policy.allowed_providers
        theirs = team.providers | {TEAM_PROVIDER}
        changes["allowed_providers"] = theirs if mine is None else theirs & mine
    if team.private_paths:
        # Last, so that nothing of the person's takes it back.
        changes["private_paths"] = (*policy.private_paths, *team.private_paths)
    named = ("cloud", *(name for name in ("allowed_providers", "private_paths") if name in changes))
    return replace(policy, origin=(*policy.origin, *((name, TEAM) for name in named)), **changes)  # type: ignore[arg-type]  # by name


def for_models(policy: Policy) -> Policy:
    """The same policy as it holds for models that the edge asks by itself: none outside where the team says so."""
    if policy.cloud == "direct" or policy.offline:
        return policy
    return replace(policy, offline=True, origin=(*policy.origin, ("offline", TEAM)))


@dataclass(frozen=True, slots=True)
class ModelsPolicy:
    """What `for_models` makes of the policy that holds now. Implements `HoldsPolicy`."""

    held: HoldsPolicy

    def now(self) -> Policy:
        """The policy that holds now for models."""
        return for_models(self.held.now())
