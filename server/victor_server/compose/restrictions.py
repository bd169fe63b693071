"""Reads what a person and the machine's owner restrict, at the start and again whenever they write it anew."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from victor_server.policy import machine_file
from victor_server.policy.current import CurrentPolicy
from victor_server.policy.expiring import ExpiringPolicy
from victor_server.policy.policy import HoldsPolicy, Policy
from victor_server.policy.read import ReadPolicy, read_policy
from victor_server.policy.team_policy import MEMBERSHIP_FILE, POLICY_FILE, POLICY_SEEN_FILE, TeamPolicy
from victor_server.settings import load, profiles_file
from victor_server.settings.home import may_exist
from victor_server.settings.profiles_file import ReadProfiles, read_profiles
from victor_server.settings.resolved import Settings
from victor_server.settings.stamp import Stamp, stamp_of


def current_policy(
    home: Path, environment: Mapping[str, str], changed: Callable[[Policy], None] | None = None
) -> HoldsPolicy:
    """The policy of the person whose VICTOR_HOME is `home`, on this machine; read when it is first asked for."""
    files = (
        home / profiles_file.FILE_NAME,
        home / load.FILE_NAME,
        machine_file.MACHINE_FILE,
        home / MEMBERSHIP_FILE,
        home / POLICY_FILE,
        home / POLICY_SEEN_FILE,
    )
    return ExpiringPolicy(
        CurrentPolicy(files, lambda: read_restrictions(home, environment)[1].policy, changed)
    )


def state_of_models(home: Path) -> tuple[Stamp, ...]:
    """What tells one state of `profiles.yaml`, and of who offers models, from another. Blocks."""
    return stamp_of(home / profiles_file.FILE_NAME), stamp_of(home / MEMBERSHIP_FILE)


def read_restrictions(
    home: Path, environment: Mapping[str, str], *, for_login: bool = False
) -> tuple[ReadProfiles, ReadPolicy]:
    """What `profiles.yaml` holds, and the policy that all files come to. Neither editors nor repositories have a say.

    `for_login`: without what a team's backend said before, which may be what a login is to put right.
    """
    own = _own_settings(home, environment)
    read = read_profiles(home, environment)
    closed = own.closed or read.closed
    return read, read_policy(
        own.network,
        read.profiles,
        closed=closed,
        machine_file=machine_file.MACHINE_FILE,
        team=None if for_login else team_policy_of(home),
    )


def with_restrictions(settings: Settings, environment: Mapping[str, str]) -> Settings:
    """`settings` with what they say of the network as it is written now."""
    own = _own_settings(settings.home, environment)
    return replace(settings, network=own.network, closed=own.closed)


def team_policy_of(home: Path) -> TeamPolicy | None:
    """What the person's backend says; None where there is none."""
    if not may_exist(home / MEMBERSHIP_FILE):
        return None
    # Loaded here: what checks signatures is for those who have a backend.
    from victor_server.remote.policy import read_team_policy

    return read_team_policy(home)


def _own_settings(home: Path, environment: Mapping[str, str]) -> Settings:
    return load.resolve(environment={**environment, "VICTOR_HOME": str(home)}).settings
