"""What a sandbox is asked, and what it tells while a command runs."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Limits:
    """What a command may use: seconds, bytes, processes. Each holds for the command and all that it starts together,
    but for `file_bytes`, the most that one file may have. Of what it prints `output_bytes` are given: the beginning
    and the end. `disk_bytes` is by how much the disk of its workspace may fill up meanwhile.
    """

    wall_s: float = 120.0
    cpu_s: float = 120.0
    memory_bytes: int = 4 << 30
    n_processes: int = 256
    output_bytes: int = 1 << 20
    file_bytes: int = 1 << 30
    disk_bytes: int = 8 << 30


@dataclass(frozen=True, slots=True)
class Command:
    """A line for `bash` (`sh` where there is none), to be run in `folder`, which lies in `root`.

    `root` is the workspace: readable, and `writable` below it. `hidden` are files and folders of which it sees
    nothing, or empty ones. `network` stays off unless the policy lets children have it. `environment` is all of it.
    """

    line: str = field(repr=False)
    folder: Path
    root: Path
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    is_writable: bool = True
    hidden: tuple[Path, ...] = ()
    network: bool = False
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Output:
    """More of what it prints, both streams as they come."""

    text: str = field(repr=False)


HowEnded = Literal["exited", "timed_out", "too_much_output", "killed"]


@dataclass(frozen=True, slots=True)
class Ended:
    """The end: exactly one, and last. `exit_code` is None where a limit ended it, and `limit` says which, for a reader.

    A shell that a signal ended has the code 128 + its number; `signal` is then the name that belongs to it.
    `n_bytes` is what it printed, of which `n_left_out` bytes were not given.
    """

    how: HowEnded
    exit_code: int | None = None
    signal: str = ""
    n_bytes: int = 0
    n_left_out: int = 0
    limit: str = ""


class Sandbox(Protocol):
    """Runs commands so that they reach nothing but what they are given."""

    @property
    def name(self) -> str:
        """What a person knows it as: "docker", "bubblewrap"."""
        ...

    def run(self, command: Command) -> AsyncGenerator[Output | Ended, None]:
        """Run it. Closed early, or cancelled, all its processes are dead before that returns.

        Raises Unavailable where it could not be started.
        """
        ...


FindSandbox = Callable[[], Awaitable[Sandbox]]
"""The sandbox of this machine, found when it is first needed. Raises Unavailable, which says what to install."""
