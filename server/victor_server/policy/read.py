"""Makes the policy that holds of what the person wrote and of what the machine's owner did."""

from dataclasses import dataclass, replace
from pathlib import Path

from victor_server.policy.host_list import both, plain_entry
from victor_server.policy.machine_file import (
    MACHINE_FILE,
    MachineFileUnusable,
    MachinePolicy,
    read_machine_file,
)
from victor_server.policy.policy import PERSON, Policy
from victor_server.policy.team_policy import TEAM, TeamPolicy, tighten_by_team
from victor_server.settings.layer import Problem
from victor_server.settings.profiles import Profiles
from victor_server.settings.resolved import NetworkSettings

SETTINGS = "settings"


@dataclass(frozen=True, slots=True)
class ReadPolicy:
    """The policy that holds, and what could not be used of what was written."""

    policy: Policy
    problems: tuple[Problem, ...]


def read_policy(
    network: NetworkSettings,
    profiles: Profiles,
    *,
    closed: str,
    machine_file: Path = MACHINE_FILE,
    machine_owner: int = 0,
    team: TeamPolicy | None = None,
) -> ReadPolicy:
    """The policy for a person's settings on this machine. Reads `machine_file`, which must be `machine_owner`'s.
    `team` is what the person's backend says, None without one.

    `closed` says what of the person's settings could not be read, "" if all could: a restriction that nobody can
    read must not open anything, so all but this machine is closed then. The same for the machine's file.
    """
    policy, problems = _of_person(network, profiles)
    if closed:
        policy = close(policy, closed)
    if team is not None:
        policy = close(policy, f"{TEAM}: {team.closed}") if team.closed else tighten_by_team(policy, team)
    try:
        machine = read_machine_file(machine_file, owner=machine_owner)
    except MachineFileUnusable as error:
        message = f"{error}; until that is put right, nothing but this machine can be reached"
        problem = Problem(str(machine_file), None, message, restricts=True)
        return ReadPolicy(close(policy, f"{machine_file}: {error}"), (*problems, problem))
    return ReadPolicy(tighten(policy, machine, str(machine_file)) if machine else policy, problems)


def tighten(person: Policy, machine: MachinePolicy, source: str) -> Policy:
    """What both allow. `source` is how the machine's file is called in explanations."""
    changes: dict[str, object] = {}
    if machine.offline:
        changes["offline"] = True
    if machine.allowed_hosts is not None:
        changes["allowed_hosts"] = both(person.allowed_hosts, machine.allowed_hosts)
    if machine.only_hosts is not None:
        mine = person.only_hosts
        changes["only_hosts"] = machine.only_hosts if mine is None else both(mine, machine.only_hosts)
    if machine.allowed_providers is not None:
        mine_too = person.allowed_providers
        changes["allowed_providers"] = machine.allowed_providers & (
            machine.allowed_providers if mine_too is None else mine_too
        )
    if machine.private_paths:
        # Last, so that nothing of the person's takes it back.
        changes["private_paths"] = (*person.private_paths, *machine.private_paths)
    if not machine.children:
        changes["children_network"] = False
    origin = dict(person.origin) | dict.fromkeys(changes, source)
    return replace(person, **changes, origin=tuple(origin.items()))  # type: ignore[arg-type]  # fields of Policy


def close(policy: Policy, what: str) -> Policy:
    """Nothing but this machine, because of `what`, which could not be read."""
    return replace(
        policy, offline=True, allowed_hosts=(), children_network=False, closed=policy.closed or what
    )


def _of_person(network: NetworkSettings, profiles: Profiles) -> tuple[Policy, tuple[Problem, ...]]:
    hosts = {entry: plain_entry(entry) for entry in network.allowed_hosts}
    problems = tuple(
        Problem(
            SETTINGS, None, f"network.allowed_hosts: {entry!r} is no host, domain, address or network inside"
        )
        for entry, plain in hosts.items()
        if not plain
    )
    providers = network.allowed_providers
    written = {
        "offline": (profiles.offline_mode, PERSON),
        "allowed_hosts": (bool(network.allowed_hosts), "network.allowed_hosts"),
        "allowed_providers": (providers is not None, "network.allowed_providers"),
        "private_paths": (bool(network.private_paths), "network.private_paths"),
        "children_network": (network.children, "network.children"),
    }
    policy = Policy(
        offline=profiles.offline_mode,
        allowed_hosts=tuple(dict.fromkeys(plain for plain in hosts.values() if plain)),
        allowed_providers=None if providers is None else frozenset(providers),
        private_paths=network.private_paths,
        children_network=network.children,
        origin=tuple((name, who) for name, (is_written, who) in written.items() if is_written),
    )
    return policy, problems
