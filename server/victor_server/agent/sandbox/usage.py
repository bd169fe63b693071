"""What a process and all that came from it use: processor time, memory, processes. Read from /proc; blocks."""

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_PARENT, _USER_TIME, _N_THREADS, _RESIDENT = 1, 11, 17, 21
"""Places in what stands behind the name of a program in its `stat`."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Seconds of processor time (with that of processes that are gone), bytes of memory, and tasks of the kernel."""

    cpu_s: float
    memory_bytes: int
    n_tasks: int


@dataclass(frozen=True, slots=True)
class _Process:
    parent: int
    ticks: int
    n_threads: int
    n_pages: int


def usage_below(pid: int) -> Usage:
    """What `pid` and its descendants use now. Memory that processes share is counted for each of them."""
    family = _family(pid, dict(_processes()))
    return Usage(
        cpu_s=sum(each.ticks for each in family.values()) / os.sysconf("SC_CLK_TCK"),
        memory_bytes=sum(each.n_pages for each in family.values()) * os.sysconf("SC_PAGE_SIZE"),
        n_tasks=sum(each.n_threads for each in family.values()),
    )


def memory_below(pid: int) -> int:
    """Bytes of memory of `pid` and its descendants, each shared page counted once. Slower than `usage_below`."""
    return sum(_share(each) for each in _family(pid, dict(_processes())))


def _family(pid: int, processes: Mapping[int, _Process]) -> dict[int, _Process]:
    children: dict[int, list[int]] = {}
    for each, process in processes.items():
        children.setdefault(process.parent, []).append(each)
    found: dict[int, _Process] = {}
    waiting = [pid]
    while waiting:
        each = waiting.pop()
        if each in processes and each not in found:
            found[each] = processes[each]
            waiting += children.get(each, ())
    return found


def _processes() -> Iterator[tuple[int, _Process]]:
    for name in os.listdir("/proc"):  # noqa: PTH208  half the time of a Path for each, and there are hundreds
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                yield int(name), _read(name)


def _read(name: str) -> _Process:
    with open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123  as above
        values = file.read().rpartition(b") ")[2].split()
    ticks = sum(int(value) for value in values[_USER_TIME : _USER_TIME + 4])
    return _Process(int(values[_PARENT]), ticks, int(values[_N_THREADS]), int(values[_RESIDENT]))


def _share(pid: int) -> int:
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
