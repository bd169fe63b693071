"""What the router knows when it decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from victor_server.agent.providers.provider import Capabilities
from victor_server.agent.router.decision import RuledOut
from victor_server.ledger.model import Price
from victor_server.policy.policy import Policy
from victor_server.settings.profiles import Profiles

ServerState = Literal["ready", "troubled", "closed"]


@dataclass(frozen=True, slots=True)
class ServerHealth:
    """One server of a profile.

    `troubled`: it failed, and is asked only where nothing else can answer. `closed`: it is not asked at all now.
    `why` says so in a few words. `failures` are those in a row; `load` is how long it would take, in no unit. `wait_s`: what it asks to wait.
    """

    base_url: str
    state: ServerState = "ready"
    why: str = ""
    failures: int = 0
    load: float = 0.0
    wait_s: float | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that counts besides what is needed.

    `health`, `capabilities` and `prices` go by profile; a profile that is missing there is healthy, is not ruled out
    for what it cannot do, and costs nobody knows what. `after` are the answers that already failed in this call: a
    profile of several servers may be named once for each before it is ruled out.
    """

    profiles: Profiles
    policy: Policy = field(default_factory=Policy)
    health: Mapping[str, Sequence[ServerHealth]] = field(default_factory=dict)
    capabilities: Mapping[str, Capabilities | None] = field(default_factory=dict)
    prices: Mapping[str, Price | None] = field(default_factory=dict)
    after: Sequence[RuledOut] = ()
