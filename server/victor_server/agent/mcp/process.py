"""A server as a process of this machine: what it is given, how it is held, and that nothing of it outlives its end."""

import asyncio
import contextlib
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from victor_server.agent.mcp.model import Server
from victor_server.agent.uninterrupted import uninterrupted
from victor_server.egress.children import Child, child
from victor_server.errors import Unavailable
from victor_server.policy.policy import Policy

MAX_LINE = 4_000_000
"""Bytes of one message."""

_CHILD = "victor_server.agent.mcp.server_child"
_KEPT_COMPLAINT = 2_000
_GRACE_S = 1.0
_KILL_TIME_LIMIT_S = 10.0
_GIVEN = frozenset(
    {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR", "TERM"}
    | {
        "APPDATA",
        "HOMEDRIVE",
        "HOMEPATH",
        "LOCALAPPDATA",
        "PATHEXT",
        "PROGRAMFILES",
        "SYSTEMDRIVE",
        "SYSTEMROOT",
    }
    | {"TEMP", "TMP", "USERNAME", "USERPROFILE"}
)
"""What every server is given of the person's environment, besides what its definition names: nothing with a key in it."""


class Process:
    """A started server. Its streams are `process.stdin` and `process.stdout`; `complaint` is the end of its stderr."""

    def __init__(self, process: asyncio.subprocess.Process, lifeline: int) -> None:
        self.process = process
        self.complaint = ""
        self._lifeline = lifeline
        self._listening = asyncio.create_task(self._listen())

    async def end(self) -> None:
        """End it with all that it started: asked first, by the end of its input. May be called again."""
        await uninterrupted(self._end())

    def let_go(self) -> None:
        """End it without waiting for that."""
        lifeline, self._lifeline = self._lifeline, -1
        if lifeline >= 0:
            os.close(lifeline)
        if os.name != "posix":
            _kill_tree(self.process.pid)

    async def _end(self) -> None:
        if self.process.stdin is not None:
            self.process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_S):
                await self.process.wait()
        self.let_go()
        try:
            async with asyncio.timeout(_KILL_TIME_LIMIT_S):
                await self.process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()
        await asyncio.wait([self._listening], timeout=_GRACE_S)
        self._listening.cancel()
        await asyncio.wait([self._listening])

    async def _listen(self) -> None:
        """Keep the last that it complains of, for whoever asks why it does not start."""
        errors = self.process.stderr
        while errors is not None and (data := await errors.read(4096)):
            self.complaint = (self.complaint + data.decode("utf-8", "replace"))[-_KEPT_COMPLAINT:]


async def start_process(
    server: Server, folder: Path, environment: Mapping[str, str], policy: Policy
) -> Process:
    """Start a server, whose variables are filled in, in a folder. Raises Unavailable where it cannot be started.

    It reaches no network unless the policy lets children have it.
    """
    given = {name: value for name, value in environment.items() if is_given(name)}
    given |= server.environment
    if await asyncio.to_thread(_is_missing, server.command[0], folder, given.get("PATH")):
        raise Unavailable(
            f"The MCP server {server.name} was not started: there is no program {server.command[0]!r}.",
            "Install it, or correct `command`.",
        )
    held = await asyncio.to_thread(child, server.command, given, policy)
    if held.held == "nothing":
        raise Unavailable(
            f"The MCP server {server.name} was not started: this system cannot keep it from the network.",
            "Set network.children to true in settings.yaml if it may reach the network.",
        )
    try:
        return await _started(held, folder)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it cannot be started"
        raise Unavailable(f"The MCP server {server.name} was not started: {reason}.") from None


def is_given(name: str) -> bool:
    """Whether a server is given a variable of the person's environment without asking for it."""
    return name.upper() in _GIVEN or name.startswith("LC_")


def _is_missing(program: str, folder: Path, path: str | None) -> bool:
    # What holds the server starts it, and would complain in words of its own. A program with a folder is taken from
    # where the server runs.
    has_folder = Path(program).name != program
    return shutil.which(folder / program if has_folder else program, path=path) is None


async def _started(held: Child, folder: Path) -> Process:
    if os.name != "posix":
        return Process(await _spawned(held.words, held, folder, ()), -1)
    inner, lifeline = os.pipe()
    try:
        words = (sys.executable, "-P", "-E", "-m", _CHILD, str(inner), *held.words)
        return Process(await _spawned(words, held, folder, (inner,)), lifeline)
    except BaseException:
        os.close(lifeline)
        raise
    finally:
        os.close(inner)


async def _spawned(
    words: tuple[str, ...], held: Child, folder: Path, handles: tuple[int, ...]
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *words,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=held.environment,
        cwd=folder,
        pass_fds=handles,
        start_new_session=os.name == "posix",
        limit=MAX_LINE,
    )


def _kill_tree(process_id: int) -> None:
    import psutil

    with contextlib.suppress(psutil.Error):
        top = psutil.Process(process_id)
        for each in (*top.children(recursive=True), top):
            with contextlib.suppress(psutil.Error):
                each.kill()
