"""The time as the audit log writes it."""

import time


def now_us() -> int:
    """Microseconds since 1970 in UTC."""
    return time.time_ns() // 1_000
