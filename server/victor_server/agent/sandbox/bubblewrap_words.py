"""The command line of bubblewrap for one command."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from victor_server.agent.sandbox.model import Command, Limits
from victor_server.agent.sandbox.mounts import Mount

NOT_STARTED = 125
"""Exit code of the shell that could not set the limits, and did not run the line."""

STARTED = b"victor: started\n"
"""What that shell says where it could. All that bubblewrap complains comes before; the line may write behind it."""

_OPEN_FILES = 4096
_LIMITS = {
    "bash": "ulimit -c 0 && ulimit -f {file_kib} && ulimit -t {cpu_s} && ulimit -d {memory_kib} && ulimit -u {tasks}"
    " && ulimit -n {files}",
    "sh": "ulimit -c 0 && ulimit -f {file_blocks} && ulimit -t {cpu_s} && ulimit -d {memory_kib} && ulimit -p {tasks}"
    " && ulimit -n {files}",
}
_FIRST_TO_GO = "echo 1000 2>/dev/null >/proc/self/oom_score_adj"


@dataclass(frozen=True, slots=True)
class Descriptors:
    """Open files that bubblewrap is given by their numbers; `seccomp` -1 where there is no filter."""

    status: int
    seccomp: int


def options(
    command: Command,
    mounts: Sequence[Mount],
    environment: Mapping[str, str],
    *,
    user: tuple[int, int],
    descriptors: Descriptors,
    source: Callable[[str], str] = str,
) -> tuple[str, ...]:
    """All options, without the program and without what it runs. `source` says where a path outside is to be found."""
    uid, gid = user
    return (
        *("--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
        *(() if command.network else ("--unshare-net",)),
        *("--uid", str(uid), "--gid", str(gid), "--hostname", "sandbox", "--cap-drop", "ALL"),
        *("--die-with-parent", "--new-session", "--json-status-fd", str(descriptors.status)),
        *(() if descriptors.seccomp < 0 else ("--seccomp", str(descriptors.seccomp))),
        "--clearenv",
        *(word for name, value in environment.items() for word in ("--setenv", name, value)),
        *(word for mount in mounts for word in _mount(mount, source)),
        *("--chdir", str(command.folder)),
    )


def _mount(mount: Mount, source: Callable[[str], str]) -> Iterator[str]:
    if mount.size:
        yield from ("--size", str(mount.size))
    yield f"--{mount.how}"
    if mount.how == "symlink":
        yield mount.source
    elif mount.source:
        yield source(mount.source)
    yield mount.target


def shell(program: str, line: str, limits: Limits, n_tasks: int) -> tuple[str, ...]:
    """What runs inside: a shell that sets the limits for itself and becomes the one that runs the line.

    It complains on the standard error that bubblewrap has; the line gets one stream for both.
    """
    kind = Path(program).name
    setting = _LIMITS["bash" if kind == "bash" else "sh"].format(
        file_kib=limits.file_bytes // 1024,
        file_blocks=limits.file_bytes // 512,
        cpu_s=max(1, round(limits.cpu_s)),
        memory_kib=limits.memory_bytes // 1024,
        tasks=n_tasks,
        files=_OPEN_FILES,
    )
    script = (
        f'{_FIRST_TO_GO}; {{ {setting}; }} || exit {NOT_STARTED}; echo "$2" >&2; exec 2>&1; exec "$0" -c "$1"'
    )
    return (program, "-c", script, program, line, STARTED.decode("ascii").rstrip())


def packed(words: Sequence[str]) -> bytes:
    """Words as `--args` reads them. Raises ValueError for one that holds a NUL."""
    if any("\0" in word for word in words):
        raise ValueError("a word holds a NUL")
    return b"".join(word.encode("utf-8", "surrogateescape") + b"\0" for word in words)


def system_program(names: Sequence[str], folders: Sequence[Path]) -> Path | None:
    """The first of these programs that the system itself has; what stands in front on PATH may be anybody's."""
    return next((path for name in names for folder in folders if (path := folder / name).is_file()), None)
