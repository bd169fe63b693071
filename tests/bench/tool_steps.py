"""What a step with a tool costs: asking the model, reading a file, judging, recording, telling; beside the bare model."""

import asyncio
import statistics
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from bench.answering import Quick, services_for, turn_about
from bench.figures import Figure

from victor_server.agent.context.sources import Sources
from victor_server.agent.events import ModelEvent, Stopped, TextDelta, ToolCallDelta, Usage
from victor_server.agent.messages import ModelRequest, user
from victor_server.agent.permissions.permissions import RulePermissions
from victor_server.agent.services import AgentServices
from victor_server.agent.tools.limits import ToolLimits
from victor_server.agent.tools.read_file import read_file_tool
from victor_server.agent.tools.tool import Scene
from victor_server.agent.tools.toolbox import Toolbox
from victor_server.agent.turn import run_turn

_N_STEPS = 20
_N_RUNS = 5
_LINES = "def area(width, height):\n    return width * height\n" * 40


class Reading(Quick):
    """Asks for a file with each answer, until it has asked often enough."""

    n_steps = 0
    asked = 0

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """One call of a tool, or the answer."""
        self.asked += 1
        if self.asked > self.n_steps:
            yield TextDelta("Done.")
        else:
            path = f'{{"path": "area{self.asked}.py"}}'
            yield ToolCallDelta(0, "call", "read_file", path)
        yield Usage(100, 10)
        yield Stopped("tool_calls" if self.asked <= self.n_steps else "end")


def measure(folder: Path) -> list[Figure]:
    """The figures of turns with tools, under real rules that are recorded, in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    return asyncio.run(_measure(folder))


async def _measure(folder: Path) -> list[Figure]:
    root = await asyncio.to_thread(_workspace, folder)
    provider = Reading(folder / "none.jsonl")
    services = services_for(folder, provider)
    try:
        await _turn_cpu_s(root, services, provider, 1)  # loads what is loaded once
        with_tools = [await _turn_cpu_s(root, services, provider, _N_STEPS) for _ in range(_N_RUNS)]
        without = [await _turn_cpu_s(root, services, provider, 0) for _ in range(_N_RUNS)]
        bare = [await _bare_cpu_s(provider) for _ in range(_N_RUNS)]
    finally:
        await services.router.close()
        services.history.close()
        services.ledger.close()
    step_ms = (min(with_tools) - min(without)) / _N_STEPS * 1e3
    peer = f"the bare model {statistics.median(bare) * 1e3:.4f} ms; a turn without tools {min(without) * 1e3:.1f} ms"
    return [Figure("a step with a tool: CPU, model call and all", step_ms, "ms", 25, peer)]


def _workspace(folder: Path) -> Path:
    root = folder.resolve() / "workspace"
    root.mkdir(exist_ok=True)
    for n in range(1, _N_STEPS + 1):
        (root / f"area{n}.py").write_text(_LINES, encoding="utf-8")
    return root


async def _turn_cpu_s(root: Path, services: AgentServices, provider: Reading, n_steps: int) -> float:
    provider.n_steps, provider.asked = n_steps, 0
    rules = RulePermissions(services.home, services.journal, lambda: "build", services.private_files)
    scene = Scene(root, Sources(services.private_files, lambda _: False), "s", "t")
    tools = Toolbox([read_file_tool()], scene, rules, limits=ToolLimits(max_steps=_N_STEPS + 5))
    begun = time.process_time()
    async with aclosing(run_turn(turn_about(root, tools), services)) as events:
        async for _ in events:
            pass
    if provider.asked != n_steps + 1:
        raise AssertionError("the turn took other steps than it should")
    return time.process_time() - begun


async def _bare_cpu_s(provider: Reading) -> float:
    provider.n_steps, provider.asked = 1, 0
    begun = time.process_time()
    async with aclosing(provider.stream(ModelRequest("m", (user("hi"),), 10))) as events:
        async for _ in events:
            pass
    return time.process_time() - begun
