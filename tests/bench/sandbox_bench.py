"""What it costs to run a command in the sandbox, beside the same command without one."""

import asyncio
import resource
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench.figures import Figure

from victor_server.agent.sandbox.find import Machine, find_sandbox
from victor_server.agent.sandbox.model import Command
from victor_server.errors import Unavailable
from victor_server.policy.policy import Policy
from victor_server.settings.resolved import SandboxSettings

_RUNS = 20
MAX_CPU_MS = 150.0


def measure(scratch: Path) -> list[Figure]:
    """CPU time of this process and its children for one command that does nothing, in bubblewrap and without."""
    return asyncio.run(_measure(scratch))


async def _measure(scratch: Path) -> list[Figure]:
    root, person = scratch / "root", scratch / "person"
    for each in (root, person):
        each.mkdir(parents=True)
    try:
        sandbox = await find_sandbox(
            scratch / "home", Policy(), SandboxSettings("bubblewrap"), machine=Machine(person)
        )
    except Unavailable as error:
        print(error.message)
        return []

    async def held() -> None:
        async for _ in sandbox.run(Command("true", root, root)):
            pass

    async def bare() -> None:
        process = await asyncio.create_subprocess_exec("/bin/sh", "-c", "true")
        await process.wait()

    ours, peer = await _cost(held), await _cost(bare)
    note = f"{ours[0]:.0f} ms of wall time; bare shell {peer[1]:.1f} ms CPU, {peer[0]:.0f} ms wall"
    return [Figure("a command in the sandbox, CPU", ours[1], "ms", MAX_CPU_MS, note)]


async def _cost(run: Callable[[], Awaitable[None]]) -> tuple[float, float]:
    """Milliseconds of wall and of CPU time for one run, on average."""
    await run()
    started, before = time.perf_counter(), _cpu_s()
    for _ in range(_RUNS):
        await run()
    return (time.perf_counter() - started) * 1000 / _RUNS, (_cpu_s() - before) * 1000 / _RUNS


def _cpu_s() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)
