"""A sandboxed command while it runs: what it prints, what it uses, and that nothing of it outlives its end."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from victor_server.agent.sandbox.growth import Growth
from victor_server.agent.sandbox.kept_output import KeptOutput
from victor_server.agent.sandbox.model import Ended, HowEnded, Limits, Output
from victor_server.agent.sandbox.plain_output import PlainOutput
from victor_server.agent.uninterrupted import uninterrupted
from victor_server.errors import Unavailable, VictorError

_READ_BYTES = 1 << 16
_FLOOD = 64
"""How many times what is given of an output may be printed before that ends the command."""
_FIRST_LOOK_S, _LAST_LOOK_S = 0.1, 0.5
_SHELL_TELLS_SIGNALS_FROM = 128


class Running(Protocol):
    """One started command."""

    @property
    def output(self) -> asyncio.StreamReader:
        """Both its streams. They end when all its processes have ended."""
        ...

    async def ended(self) -> int:
        """Its exit code, once it has one. Raises Unavailable where it turns out never to have started."""
        ...

    async def kill(self) -> None:
        """End all its processes. They are dead when this returns. May be called again."""
        ...

    def over_limit(self, limits: Limits) -> str:
        """Which limit it is over, "" for none. Blocks."""
        ...


@dataclass(frozen=True, slots=True)
class _Broken:
    how: HowEnded
    limit: str


async def stream(
    start: Callable[[], Awaitable[Running]], limits: Limits, folder: Path
) -> AsyncGenerator[Output | Ended, None]:
    """Start it and tell what it prints and how it ends. `folder` lies on the disk that it may fill.

    Closed early, or cancelled at any point, it is dead before that returns. Raises Unavailable where it cannot start.
    """
    starting = asyncio.ensure_future(start())
    watching: asyncio.Task[None] | None = None
    broken: list[_Broken] = []
    try:
        running = await asyncio.shield(starting)
        watching = asyncio.create_task(_watch(running, limits, folder, broken))
        kept = KeptOutput(limits.output_bytes)
        plain = PlainOutput()
        flooded = False
        while data := await running.output.read(_READ_BYTES):
            if text := plain.feed(kept.feed(data)):
                yield Output(text)
            if kept.n_bytes > limits.output_bytes * _FLOOD and not flooded:
                flooded = True
                await running.kill()
        if text := _rest(kept, plain):
            yield Output(text)
        yield await _end(running, broken, kept, is_flood=flooded)
    finally:
        await uninterrupted(_leave(starting, watching))


def _rest(kept: KeptOutput, plain: PlainOutput) -> str:
    tail = kept.finish()
    if not kept.n_left_out:
        return plain.feed(tail) + plain.finish()
    head_end = plain.finish()
    after = PlainOutput()
    gap = f"\n… {kept.n_left_out} bytes left out …\n"
    return head_end + gap + after.feed(tail) + after.finish()


async def _end(running: Running, broken: list[_Broken], kept: KeptOutput, *, is_flood: bool) -> Ended:
    def ended(how: HowEnded, code: int | None = None, name: str = "", limit: str = "") -> Ended:
        return Ended(how, code, name, kept.n_bytes, kept.n_left_out, limit)

    if is_flood:
        return ended("too_much_output", limit=f"it printed more than {kept.n_bytes >> 20} MiB")
    if broken:
        await running.kill()
        return ended(broken[0].how, limit=broken[0].limit)
    code = await running.ended()
    if code < 0:
        return ended("killed", name=signal_name(-code))
    return ended("exited", code, signal_name(code - _SHELL_TELLS_SIGNALS_FROM))


def pipe_of(end: asyncio.StreamReader | None) -> asyncio.StreamReader:
    """The end of a pipe that was asked for."""
    if end is None:
        raise Unavailable("A program was started without its pipes.")
    return end


def signal_name(number: int) -> str:
    """ "SIGSEGV" for 11; "" for what is no signal."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return ""


async def _watch(running: Running, limits: Limits, folder: Path, broken: list[_Broken]) -> None:
    """Kill it at the first limit that it breaks, which is said in `broken` before."""
    try:
        broken.append(await _first_broken(running, limits, folder))
    finally:
        await uninterrupted(running.kill())


async def _first_broken(running: Running, limits: Limits, folder: Path) -> _Broken:
    clock = asyncio.get_running_loop()
    end = clock.time() + limits.wall_s
    look_s = _FIRST_LOOK_S
    growth = Growth.of(folder)
    while (left_s := end - clock.time()) > 0:
        await asyncio.sleep(min(look_s, left_s))
        look_s = min(look_s * 2, _LAST_LOOK_S)
        for over in (running.over_limit, growth.over_limit):
            if limit := await asyncio.to_thread(over, limits):
                return _Broken("killed", limit)
    return _Broken("timed_out", f"it took longer than {limits.wall_s:g} s")


async def _leave(starting: asyncio.Future[Running], watching: asyncio.Task[None] | None) -> None:
    """Nothing is left: no process, no task."""
    if watching is not None:
        watching.cancel()
        await asyncio.wait([watching])
    with contextlib.suppress(VictorError):
        await (await starting).kill()
