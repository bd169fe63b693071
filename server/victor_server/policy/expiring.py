"""Lets a team's policy run out: without its backend no model outside is asked for ever."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from victor_server.policy.policy import HoldsPolicy, Policy


def system_now_us() -> int:
    """Microseconds since 1970."""
    return time.time_ns() // 1_000


@dataclass(frozen=True, slots=True)
class ExpiringPolicy:
    """The policy that `held` gives; once its time is over all its restrictions stay. Implements `HoldsPolicy`."""

    held: HoldsPolicy
    now_us: Callable[[], int] = system_now_us

    def now(self) -> Policy:
        """The policy that holds now."""
        policy = self.held.now()
        if policy.expires_us and self.now_us() >= policy.expires_us:
            origin = (*policy.origin, ("cloud", "the team's policy, which ran out"))
            return replace(policy, cloud="none", origin=origin)
        return policy
