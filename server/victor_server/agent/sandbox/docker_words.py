"""The command line of a Docker engine for one command."""

import os
from collections.abc import Iterator, Sequence

from victor_server.agent.sandbox.bubblewrap_words import STARTED
from victor_server.agent.sandbox.model import Command, Limits
from victor_server.agent.sandbox.mounts import Mount

_TMP_BYTES = 100 << 20
_OPEN_FILES = 4096

_WATCHED = (
    'echo "$2" >&2;'
    " exec 3<&0 </dev/null;"
    " (cat <&3 >/dev/null 2>&1; kill -KILL -1) >/dev/null 2>&1 3<&3 &"
    " exec 3<&-;"
    ' shell=$(command -v bash || command -v sh); "$shell" -c "$1" 2>&1'
)
"""Run inside: all ends when the standard input does, that is with Victor, however that ends. The shell of the image. Its
own standard error says that it was started, before the line can write there."""


def run_words(
    command: Command, image: str, mounts: Sequence[Mount], *, name: str, user: tuple[int, int]
) -> tuple[str, ...]:
    """All words behind the name of the program. `mounts` are those inside the workspace, and itself."""
    uid, gid = user
    return (
        *("run", "--rm", "--interactive", "--init", "--pull", "never", "--name", name),
        *("--label", f"victor.sandbox={os.getpid()}"),
        *(() if command.network else ("--network", "none")),
        *("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
        *("--tmpfs", f"/tmp:rw,noexec,nosuid,nodev,size={_TMP_BYTES}"),  # noqa: S108  # the container's
        *_limits(command.limits),
        *("--user", f"{uid}:{gid}", "--hostname", "sandbox", "--workdir", str(command.folder)),
        *_environment(command),
        *(word for mount in mounts for word in ("--mount", _mount(mount))),
        *("--entrypoint", "sh", image, "-c", _WATCHED, "sh", command.line, STARTED.decode("ascii").rstrip()),
    )


def _limits(limits: Limits) -> Iterator[str]:
    yield from ("--pids-limit", str(limits.n_processes))
    yield from ("--memory", str(limits.memory_bytes), "--memory-swap", str(limits.memory_bytes))
    for name, most in (
        ("core", 0),
        ("cpu", max(1, round(limits.cpu_s))),
        ("fsize", limits.file_bytes),
        ("nofile", _OPEN_FILES),
    ):
        yield from ("--ulimit", f"{name}={most}:{most}")


def _environment(command: Command) -> Iterator[str]:
    named = {"HOME": "/tmp", "LANG": "C.UTF-8", "TERM": "dumb", **command.environment}  # noqa: S108  # the container's
    for name, value in named.items():
        yield from ("--env", f"{name}={value}")


def _mount(mount: Mount) -> str:
    """One value of `--mount`: fields of CSV, for a path may hold a comma."""
    fields = ["type=bind", f"source={mount.source}", f"target={mount.target}"]
    if mount.how == "ro-bind":
        fields.append("readonly")
    return ",".join(_field(each) for each in fields)


def _field(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n') else text
