"""Runs a module of ours in a process that can be ended at any time: what it does may take for ever."""

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass

from victor_server.agent.uninterrupted import uninterrupted
from victor_server.errors import Unavailable

_PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class Told:
    """What it printed before it ended, or was ended for taking too long."""

    output: bytes
    timed_out: bool


async def run_killable(module: str, job: bytes, *, time_s: float, max_output: int) -> Told:
    """Start `module`, hand it `job` on its standard input, and give what it prints. It is dead when this returns.

    Raises Unavailable where it could not be started.
    """
    try:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", module),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError as error:
        raise Unavailable(f"A process could not be started: {error.strerror}.") from error
    output = bytearray()
    timed_out = False
    try:
        async with asyncio.timeout(time_s):
            await _talk(child, job, output, max_output)
    except TimeoutError:
        timed_out = True
    finally:
        with suppress(ProcessLookupError):
            child.kill()
        await uninterrupted(child.wait())
    return Told(bytes(output), timed_out)


async def _talk(child: asyncio.subprocess.Process, job: bytes, output: bytearray, max_output: int) -> None:
    assert child.stdin is not None  # noqa: S101 - for the type checker: pipes were asked for
    assert child.stdout is not None  # noqa: S101
    with suppress(ConnectionError):
        child.stdin.write(job)
        await child.stdin.drain()
        child.stdin.close()
    while len(output) < max_output and (piece := await child.stdout.read(_PIECE)):
        output += piece
