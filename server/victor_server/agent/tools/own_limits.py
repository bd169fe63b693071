"""Bounds that a process sets itself: they hold also where nobody is left to end it."""

import sys


def limit_itself(cpu_s: int, memory_bytes: int) -> None:
    """Use no more CPU time and memory from now on; where the system cannot hold that, nothing happens."""
    if sys.platform == "win32":
        return
    import resource

    for what, limit in ((resource.RLIMIT_CPU, cpu_s), (resource.RLIMIT_AS, memory_bytes)):
        _, hard = resource.getrlimit(what)
        resource.setrlimit(what, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
