"""What a piece of work costs: CPU time and memory of a few processes, sampled while it runs."""

import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import psutil

_SAMPLE_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds (user and system, children waited for included) and the largest sum of resident memory, in MB."""

    cpu_s: float
    peak_rss_mb: float


class Meter:
    """Measures the processes that `pids()` names, while open as a context.

    CPU time of a child counts on its own while it lives and with its parent once that has waited for it. Memory is
    a sampled sum: pages that processes share count once for each. Processes in `from_birth` count from their start.
    """

    def __init__(self, pids: Callable[[], Collection[int]], *, from_birth: Iterable[int] = ()) -> None:
        self._pids = pids
        born = set(from_birth)
        self._before = sum(_cpu_s(pid) for pid in pids() if pid not in born)
        self._after = self._before
        self._peak_bytes = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="victor-meter", daemon=True)

    def __enter__(self) -> Self:
        self._sample()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._sample()
        self._after = sum(_cpu_s(pid) for pid in self._pids())

    @property
    def cost(self) -> Cost:
        """What was spent between entering and leaving the context."""
        return Cost(round(max(0.0, self._after - self._before), 3), round(self._peak_bytes / 1e6, 1))

    def _run(self) -> None:
        while not self._stop.wait(_SAMPLE_EVERY_S):
            self._sample()

    def _sample(self) -> None:
        self._peak_bytes = max(self._peak_bytes, sum(_rss_bytes(pid) for pid in self._pids()))


def _cpu_s(pid: int) -> float:
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return 0.0
    waited_for = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return float(times.user + times.system + waited_for)


def _rss_bytes(pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0
