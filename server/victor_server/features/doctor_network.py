"""What may leave this machine and by which way, as `victor doctor` says it."""

import os
from collections.abc import Iterator, Mapping

from victor_server.egress.children import child
from victor_server.egress.no_connect import can_deny_connections
from victor_server.egress.proxies import proxy_for
from victor_server.egress.tls import tls_context
from victor_server.errors import SettingsError
from victor_server.policy.hosts import Destination
from victor_server.policy.machine_file import MACHINE_FILE
from victor_server.policy.policy import Policy
from victor_server.policy.read import ReadPolicy, read_policy
from victor_server.settings.profiles_file import read_profiles
from victor_server.settings.resolved import Settings

Finding = tuple[str, bool, str, str]
"""Name, whether it is all right, what was found, what to do."""

_SOMEWHERE = Destination("https", "host.example", 443)
_HELD = {
    "allowed": "may reach the network (network.children)",
    "namespace": "run in a network namespace without a network",
    "filter": "are refused every connection by the kernel",
    "sandbox-exec": "are refused every connection by sandbox-exec",
    "nothing": "are told of no proxy, but nothing on this system keeps them from the network",
}


def look_at_network(settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Everything that decides about connections; makes none."""
    read = read_profiles(settings.home, environment)
    made = read_policy(settings.network, read.profiles, closed=settings.closed or read.closed)
    yield _policy(made)
    yield _machine(made)
    yield _proxy(environment)
    yield _certificates(settings, environment)
    yield _children(made.policy)


def _policy(made: ReadPolicy) -> Finding:
    policy = made.policy
    wrong = "; ".join(problem.message for problem in made.problems if not problem.restricts)
    if policy.closed:
        detail = f"nothing but this machine may be reached: {policy.closed}"
        return "network", False, detail, "Put that right; until then all else stays closed."
    detail = f"{_reach(policy)}{_providers(policy)}"
    return (
        "network",
        not wrong,
        f"{detail}; {wrong}" if wrong else detail,
        "Correct the setting." if wrong else "",
    )


def _reach(policy: Policy) -> str:
    if policy.offline:
        listed = ", ".join(policy.allowed_hosts) or "no other host"
        return f"offline ({policy.decided_by('offline')}): this machine and {listed}"
    if policy.only_hosts is not None:
        listed = ", ".join(policy.only_hosts) or "no other host"
        return f"online, but only this machine and {listed} ({policy.decided_by('only_hosts')})"
    return "online: the servers that profiles.yaml names"


def _providers(policy: Policy) -> str:
    if policy.allowed_providers is None:
        return ""
    return f"; providers: {', '.join(sorted(policy.allowed_providers)) or 'none'}"


def _machine(made: ReadPolicy) -> Finding:
    problem = next((problem for problem in made.problems if problem.source == str(MACHINE_FILE)), None)
    if problem is not None:
        fix = (
            "It must be a plain file that only root can write to; docs/network.md says what may stand in it."
        )
        return "machine policy", False, f"{MACHINE_FILE}: {problem.message}", fix
    is_there = os.path.lexists(MACHINE_FILE)
    return "machine policy", True, f"{MACHINE_FILE} holds" if is_there else f"none at {MACHINE_FILE}", ""


def _proxy(environment: Mapping[str, str]) -> Finding:
    try:
        proxy = proxy_for(_SOMEWHERE, environment)
    except SettingsError as error:
        return "proxy", False, error.message, error.fix
    if proxy is None:
        return "proxy", True, "none; this machine is never reached through one", ""
    return "proxy", True, f"{proxy.destination} for https; this machine is never reached through it", ""


def _certificates(settings: Settings, environment: Mapping[str, str]) -> Finding:
    try:
        tls_context(settings.network.ca_file, environment)
    except SettingsError as error:
        return "certificates", False, error.message, error.fix
    own = settings.network.ca_file or environment.get("SSL_CERT_FILE", "")
    return "certificates", True, f"the system's{f' and {own}' if own else ''}", ""


def _children(policy: Policy) -> Finding:
    ours = (
        "cannot connect"
        if can_deny_connections()
        else "do not connect, but this system cannot hold them to it"
    )
    held = _HELD[child(["true"], {}, policy).held]
    return "children", True, f"the index and embedded models {ours}; other programs {held}", ""
