"""How long to wait before a call is tried again: a function of the error, the attempt and chance."""

from collections.abc import Callable

from victor_server.errors import (
    BadResponse,
    NotThere,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    ServerSilent,
)

LONGEST_WAIT_S = 60.0
"""A server that asks for more is not waited for: the person is told instead."""

_TRIES: dict[type[ProviderError], tuple[int, float]] = {
    RateLimited: (5, 1.0),
    ServerSilent: (0, 0.0),
    NotThere: (0, 0.0),
    ProviderUnavailable: (2, 0.5),
    BadResponse: (1, 0.5),
}
"""How often each error is tried again, and the first wait in seconds; each further one may be twice as long.

The first that fits counts.
"""


def retry_wait_s(error: ProviderError, attempt: int, random: Callable[[], float]) -> float | None:
    """Seconds to wait after the failure of the `attempt`-th call (from 1) before the next; None: do not call again.

    What the server asks for is kept to, with up to a tenth more, so that not all come back in the same moment;
    where it asks for nothing, half of the wait is chance. `random` gives numbers from 0 to 1.
    """
    tries, first_s = next((limits for kind, limits in _TRIES.items() if isinstance(error, kind)), (0, 0.0))
    if attempt > tries:
        return None
    asked_s = error.retry_after_s if isinstance(error, RateLimited) else None
    if asked_s is not None:
        wait_s = max(asked_s, 0.0) * (1 + random() / 10)
        return wait_s if asked_s <= LONGEST_WAIT_S else None
    return min(first_s * 2.0 ** (attempt - 1), LONGEST_WAIT_S / 2) * (0.5 + random() / 2)
