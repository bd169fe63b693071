"""What this machine's kernel makes of limits."""

import contextlib
import os
import platform
import re
from dataclasses import replace
from pathlib import Path

from victor_server.agent.sandbox.model import Limits

_COUNTS_BY_NAMESPACE = (5, 14)
"""From this version on the kernel counts the processes of a user namespace by themselves; before, all of the user's."""


def clamped(limits: Limits) -> Limits:
    """The same, where this process may not allow as much itself: no limit can be raised."""
    import resource  # Here, not above: Windows has none, and the room is read there too.

    def most(which: int, wanted: int) -> int:
        hard = resource.getrlimit(which)[1]
        return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)

    return replace(
        limits,
        file_bytes=most(resource.RLIMIT_FSIZE, limits.file_bytes),
        memory_bytes=most(resource.RLIMIT_DATA, limits.memory_bytes),
        cpu_s=float(most(resource.RLIMIT_CPU, max(1, round(limits.cpu_s)))),
        n_processes=most(resource.RLIMIT_NPROC, limits.n_processes),
    )


def n_tasks_allowed(n_processes: int) -> int:
    """The limit to set inside a sandbox so that `n_processes` may run there."""
    if version() >= _COUNTS_BY_NAMESPACE:
        return n_processes
    return n_processes + _n_tasks_of(os.getuid())


def version() -> tuple[int, int]:
    """The first two numbers of the kernel's release, (0, 0) for one that has none."""
    found = re.match(r"(\d+)\.(\d+)", platform.release())
    return (int(found.group(1)), int(found.group(2))) if found else (0, 0)


def _n_tasks_of(user: int) -> int:
    total = 0
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if process.name.isdigit() and process.stat().st_uid == user:
                total += len(os.listdir(process / "task"))  # noqa: PTH208  only counted
    return total
