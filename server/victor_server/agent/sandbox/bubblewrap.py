"""The sandbox of namespaces: bubblewrap, with a file system of its own, no network and limits on all that it may use."""

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from victor_server.agent.sandbox.bubblewrap_words import (
    NOT_STARTED,
    STARTED,
    Descriptors,
    options,
    packed,
    shell,
)
from victor_server.agent.sandbox.identity import Stage, identity_for
from victor_server.agent.sandbox.kernel import clamped, n_tasks_allowed
from victor_server.agent.sandbox.model import Command, Ended, Limits, Output
from victor_server.agent.sandbox.mounts import Mount, Outside, mounts_for, refuse_root
from victor_server.agent.sandbox.placeholders import placeholders
from victor_server.agent.sandbox.plain_output import plain_line
from victor_server.agent.sandbox.protected import git_elsewhere
from victor_server.agent.sandbox.running import Running, pipe_of, stream
from victor_server.agent.sandbox.system_calls import filter_program
from victor_server.agent.sandbox.usage import memory_below, usage_below
from victor_server.errors import Unavailable
from victor_server.policy.policy import HoldsPolicy

_SYSTEM_PATH = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin")
_HOLDS_NUL = "A command, or a path of it, holds a NUL; it was not started."
_COMPLAINT_BYTES = 4096
_START_TIME_LIMIT_S = 10.0
_KILL_TIME_LIMIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """A `Sandbox`. `program` and `shell_program` are absolute; `policy` may take the network from a command."""

    program: Path
    shell_program: Path
    outside: Outside
    policy: HoldsPolicy
    path: tuple[str, ...] = ()
    """Folders with programs besides those of the system."""

    @property
    def name(self) -> str:
        """What a person knows it as."""
        return "bubblewrap"

    async def run(self, command: Command) -> AsyncGenerator[Output | Ended, None]:
        """Run it. Closed early, or cancelled, all its processes are dead before that returns.

        Raises Unavailable where it could not be started.
        """
        refuse_root(command.root, self.outside)
        held = replace(
            command,
            network=command.network and self.policy.now().children_network,
            limits=clamped(command.limits),
        )
        async with placeholders(self.outside.home, command.root, is_writable=command.is_writable):
            mounts = await asyncio.to_thread(mounts_for, held, self.outside)
            running = stream(lambda: self._start(held, mounts), held.limits, command.root)
            async with contextlib.aclosing(running):
                async for each in running:
                    yield each

    async def _start(self, command: Command, mounts: Sequence[Mount]) -> Running:
        if "\0" in command.line:
            raise Unavailable(_HOLDS_NUL)
        n_tasks = n_tasks_allowed(command.limits.n_processes)
        inside = shell(str(self.shell_program), command.line, command.limits, n_tasks)
        identity = identity_for(command.root)
        stage = Stage(_lent(command, self.outside) if identity.is_changed else ())
        with contextlib.ExitStack() as ends:
            status_in, status_out = os.pipe()
            ends.callback(os.close, status_out)
            status = await _reader(status_in)
            seccomp = _file_of(filter_program(), ends)
            words = options(
                command,
                mounts,
                self._environment(command.environment),
                user=(identity.uid, identity.gid),
                descriptors=Descriptors(status_out, seccomp),
                source=stage.source,
            )
            arguments = _file_of(_packed(words), ends)
            outer = identity.before((str(self.program), "--args", str(arguments), "--", *inside), stage)
            process = await _spawn(outer, [each for each in (status_out, seccomp, arguments) if each >= 0])
        return await _Process.of(process, status)

    def _environment(self, wanted: Mapping[str, str]) -> dict[str, str]:
        return {
            "PATH": ":".join(dict.fromkeys((*self.path, *_SYSTEM_PATH))),
            "HOME": str(self.outside.person),
            "USER": "sandbox",
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "TMPDIR": "/tmp",  # noqa: S108  # the sandbox's own
            **wanted,
        }


def _lent(command: Command, outside: Outside) -> tuple[Path, ...]:
    """What another user than root must be lent: all that lies outside the folders of the system."""
    readable = (path.resolve() for path in outside.readable)
    elsewhere = git_elsewhere(command.root)
    own = [outside.git_config] if outside.git_config else []
    return (command.root, outside.empty_file, outside.empty_folder, *own, *readable, *elsewhere)


def _file_of(data: bytes | None, ends: contextlib.ExitStack) -> int:
    """An open file in memory with these bytes, to be handed on; -1 for None."""
    if data is None:
        return -1
    handle = os.memfd_create("victor", os.MFD_CLOEXEC)
    ends.callback(os.close, handle)
    os.write(handle, data)
    os.lseek(handle, 0, os.SEEK_SET)
    return handle


def _packed(words: Sequence[str]) -> bytes:
    try:
        return packed(words)
    except ValueError as error:
        raise Unavailable(_HOLDS_NUL) from error


async def _reader(handle: int) -> asyncio.StreamReader:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(handle, "rb", buffering=0)
    )
    return reader


async def _spawn(words: Sequence[str], handles: Sequence[int]) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin"},
            cwd="/",
            pass_fds=handles,
            start_new_session=True,
        )
    except OSError as error:
        raise Unavailable(f"The sandbox could not be started: {error.strerror}.") from error


class _Process:
    """A `Running`: bubblewrap outside, the first process inside, and what bubblewrap tells of them."""

    def __init__(
        self, process: asyncio.subprocess.Process, status: asyncio.StreamReader, inner: int, handle: int
    ) -> None:
        self.output = pipe_of(process.stdout)
        self._errors = pipe_of(process.stderr)
        self._process = process
        self._status = status
        self._inner = inner
        self._handle = handle

    @classmethod
    async def of(cls, process: asyncio.subprocess.Process, status: asyncio.StreamReader) -> "_Process":
        """Wait until there is a first process inside, or none will be."""
        try:
            async with asyncio.timeout(_START_TIME_LIMIT_S):
                told = _document(await status.readline())
        except TimeoutError:
            process.kill()
            told = {}
        inner = int(told.get("child-pid", 0))
        handle = -1
        with contextlib.suppress(OSError):
            handle = os.pidfd_open(inner) if inner else -1
        return cls(process, status, inner, handle)

    async def ended(self) -> int:
        """Its exit code, once it has one. Raises Unavailable where it turns out never to have started."""
        outer = await self._process.wait()
        told = _document(await self._status.read())
        complaint, is_started = await self._complaint()
        if is_started:
            return int(told.get("exit-code", outer))
        if "exit-code" in told and told["exit-code"] != NOT_STARTED:
            return int(told["exit-code"])
        raise Unavailable(f"The sandbox did not start: {complaint or f'bubblewrap ended with {outer}'}.")

    async def kill(self) -> None:
        """End all its processes: the kernel ends those of a namespace with its first, and that before it is gone."""
        if self._process.returncode is None:
            self._signal_inner()
            try:
                async with asyncio.timeout(_KILL_TIME_LIMIT_S if self._handle >= 0 else 0):
                    await self._process.wait()
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    self._process.kill()
                await self._process.wait()
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def over_limit(self, limits: Limits) -> str:
        """Which limit it is over, "" for none. Blocks."""
        if not self._inner:
            return ""
        used = usage_below(self._inner)
        if used.cpu_s > limits.cpu_s:
            return f"it used more than {limits.cpu_s:g} s of processor time"
        if used.n_tasks > 2 * limits.n_processes:
            return f"it ran more than {limits.n_processes} processes"
        if used.memory_bytes > limits.memory_bytes and memory_below(self._inner) > limits.memory_bytes:
            return f"it used more than {limits.memory_bytes >> 20} MiB of memory"
        return ""

    def _signal_inner(self) -> None:
        if self._handle >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    async def _complaint(self) -> tuple[str, bool]:
        """What bubblewrap complained, and whether the line was started."""
        data = (await self._errors.read())[
            :_COMPLAINT_BYTES
        ]  # a pipe holds little, and nobody writes any more
        complaint, started, _ = data.partition(STARTED)
        return plain_line(complaint).removeprefix("bwrap: ").rstrip("."), bool(started)


def _document(data: bytes) -> dict[str, Any]:
    """What bubblewrap told by one or more JSON documents, together."""
    told: dict[str, Any] = {}
    for line in data.decode("utf-8", "replace").splitlines():
        with contextlib.suppress(ValueError):
            told |= json.loads(line)
    return told
