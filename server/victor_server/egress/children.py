"""How a process is started that must not reach the network: its command line and its environment."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from victor_server.egress.no_connect import can_deny_connections
from victor_server.policy.policy import Policy

Held = Literal["allowed", "namespace", "filter", "sandbox-exec", "nothing"]
"""What keeps a child from the network: a namespace without one, the kernel's filter of system calls, macOS' sandbox;
"allowed" where the policy lets it, "nothing" where this system has no means.
"""

_SYSTEM_FOLDERS = ("/usr/bin", "/bin", "/usr/sbin", "/sbin")
_PROBE_TIME_LIMIT_S = 5.0
_MAC_RULES = "(version 1)(allow default)(deny network*)"


@dataclass(frozen=True, slots=True)
class Child:
    """How to start it: the words of its command line, its whole environment, and what holds it."""

    words: tuple[str, ...]
    environment: dict[str, str]
    held: Held


def child(command: Sequence[str], environment: Mapping[str, str], policy: Policy) -> Child:
    """How to start `command`, without the network unless the policy lets children have it.

    Blocks the first time, to try what this system has. Where that is nothing, the child is only not told of any
    proxy: whoever must be sure looks at `held`.
    """
    if policy.children_network:
        return Child(tuple(command), dict(environment), "allowed")
    quiet = without_proxies(environment)
    prefix, held = _means()
    return Child((*prefix, *command), quiet, held)


def without_proxies(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment that names no proxy."""
    return {name: value for name, value in environment.items() if not name.lower().endswith("_proxy")}


@cache
def _means() -> tuple[tuple[str, ...], Held]:
    """The best that this system has, as words before a command line; tried, not guessed."""
    unshare, sandbox = _program("unshare"), _program("sandbox-exec")
    for way in ("--map-current-user", "--map-root-user"):
        in_namespace = (unshare, way, "--net", "--")
        if unshare and _works(in_namespace):
            return in_namespace, "namespace"
    behind_filter = (sys.executable, "-P", "-m", "victor_server.egress.child", "--")
    if can_deny_connections() and _works(behind_filter):
        return behind_filter, "filter"
    in_sandbox = (sandbox, "-p", _MAC_RULES)
    if sandbox and _works(in_sandbox):
        return in_sandbox, "sandbox-exec"
    return (), "nothing"


def _program(name: str) -> str:
    """A program of the system itself; what stands in front of it on PATH may be anybody's."""
    return next((str(path) for folder in _SYSTEM_FOLDERS if (path := Path(folder, name)).is_file()), "")


def _works(prefix: Sequence[str]) -> bool:
    try:
        done = subprocess.run(
            [*prefix, "/usr/bin/true" if Path("/usr/bin/true").exists() else "/bin/true"],
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_PROBE_TIME_LIMIT_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
