"""What a client of the factory may hold open to its one destination."""

MAX_CONNECTIONS = 16
MAX_IDLE = 4
KEEP_ALIVE_S = 30.0
MAX_REDIRECTS = 5

_LEAST_S = 1.0


def time_for_each(timeout_s: float | None, n_addresses: int) -> float | None:
    """Seconds to wait for each of several addresses, so that a dead one leaves time for the next."""
    return None if timeout_s is None else max(_LEAST_S, timeout_s / n_addresses)
