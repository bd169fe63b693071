"""By how much this machine fills up while a command runs: what no process is charged with can be seen only so."""

import os
from dataclasses import dataclass
from pathlib import Path

from victor_server.agent.sandbox.model import Limits


@dataclass(frozen=True, slots=True)
class Growth:
    """What was there at its start: bytes and files that the disk of `folder` could take, and bytes of shared memory, of
    which files in memory are a part, and what a process took and let go of without giving it back.
    """

    folder: Path
    free_bytes: int
    free_files: int
    shared_bytes: int

    @classmethod
    def of(cls, folder: Path) -> "Growth":
        """Begin to look."""
        return cls(folder, *_free(folder), _shared())

    def over_limit(self, limits: Limits) -> str:
        """Which limit is broken, "" for none. No more may be filled than half of what was free. Blocks."""
        free_bytes, free_files = _free(self.folder)
        may_fill = min(limits.disk_bytes, self.free_bytes // 2)
        if self.free_bytes - free_bytes > may_fill:
            return f"the disk filled up by more than {may_fill >> 20} MiB"
        if self.free_files - free_files > self.free_files // 2:
            return "it took half of the files that the disk could still hold"
        if _shared() - self.shared_bytes > limits.memory_bytes:
            return f"shared memory and files in memory took more than {limits.memory_bytes >> 20} MiB"
        return ""


def _free(folder: Path) -> tuple[int, int]:
    try:
        disk = os.statvfs(folder)
    except OSError:
        return 0, 0
    return disk.f_bavail * disk.f_frsize, disk.f_favail


def _shared() -> int:
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Shmem:")), 0)
