"""Small real tools and rules for turns: what they do is written down by a test."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from victor_server.agent.context.sources import Sources
from victor_server.agent.messages import ToolSpec
from victor_server.agent.permissions.model import (
    Answer,
    Asker,
    Decision,
    Permitted,
    Question,
    Verdict,
    Wanted,
)
from victor_server.agent.tools.arguments import read_arguments, schema_of
from victor_server.agent.tools.limits import DEFAULT_LIMITS, ToolLimits
from victor_server.agent.tools.tool import Done, Prepared, Scene, Streamed, Tool, ToolKind, Touched
from victor_server.agent.tools.toolbox import Toolbox
from victor_server.policy.private_files import PrivateFiles
from victor_server.settings.profiles import Mode

Run = Callable[[str], AsyncGenerator[Streamed | Done, None]]


class Where(BaseModel):
    """What every tool here takes."""

    model_config = ConfigDict(extra="forbid")

    zone: str = ""


def gives(*events: str | Streamed | Done) -> Run:
    """Gives these, a text as its end."""

    async def run(_zone: str) -> AsyncGenerator[Streamed | Done, None]:
        for event in events:
            await asyncio.sleep(0)
            yield Done(event) if isinstance(event, str) else event

    return run


def raises(error: Exception) -> Run:
    """Fails."""

    async def run(_zone: str) -> AsyncGenerator[Streamed | Done, None]:
        await asyncio.sleep(0)
        raise error
        yield Done("")

    return run


@dataclass(slots=True)
class Hangs:
    """Prints and never ends by itself; `closed` once it was ended in order."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    closed: bool = False

    async def __call__(self, _zone: str) -> AsyncGenerator[Streamed | Done, None]:
        try:
            yield Streamed("working\n")
            self.begun.set()
            await asyncio.Event().wait()
        finally:
            self.closed = True


@dataclass(slots=True)
class Offered:
    """Implements `Tool`. `ran` are the zones that it was run for, `reviews` whether a review was asked for."""

    name: str = "clock"
    kind: ToolKind = "read"
    act: Run = field(default_factory=lambda: gives("noon"))
    is_reviewed: bool = False
    ran: list[str] = field(default_factory=list)
    reviews: list[bool] = field(default_factory=list)

    @property
    def spec(self) -> ToolSpec:
        """What the model is told."""
        return ToolSpec(self.name, "Tells the time.", schema_of(Where))

    def prepare(self, call_id: str, arguments: Mapping[str, Any], scene: Scene) -> Prepared:
        """Read the arguments."""
        assert call_id
        where = read_arguments(Where, arguments)

        async def run(review: bool) -> AsyncGenerator[Streamed | Done, None]:
            self.ran.append(where.zone)
            self.reviews.append(review)
            stream = self.act(where.zone)
            try:
                async for event in stream:
                    yield event
            finally:
                await stream.aclose()

        return Prepared(Touched(f"{self.name} {where.zone}".strip(), (scene.root,)), run, self.is_reviewed)


@dataclass(slots=True)
class Ruling:
    """Implements `Permissions`: a decision for each tool, and who was asked for what."""

    decisions: Mapping[str, Decision] = field(default_factory=dict)
    judged: list[Wanted] = field(default_factory=list)

    async def judge(self, wanted: Wanted) -> Verdict:
        """What the test says; all else is allowed."""
        await asyncio.sleep(0)
        self.judged.append(wanted)
        decision = self.decisions.get(wanted.tool, "allow")
        return Verdict(decision, f"a rule says {decision}.")

    async def permit(self, wanted: Wanted, asker: Asker | None) -> Permitted:
        """As it is for whoever asks a person."""
        verdict = await self.judge(wanted)
        if verdict.decision != "ask":
            return Permitted(verdict.decision == "allow", verdict.reason, verdict)
        if asker is None:
            return Permitted(False, "nobody can be asked.", verdict)
        answer = await asker.ask(Question(wanted.call_id, wanted, verdict))
        is_yes = answer.kind in ("once", "session", "always")
        return Permitted(is_yes, f"The person decided. {answer.reason}".rstrip(), verdict, answer)


@dataclass(slots=True)
class Person:
    """Implements `Asker`: gives these answers in turn, then waits for ever."""

    answers: list[Answer] = field(default_factory=list)
    asked: list[Question] = field(default_factory=list)
    waits: asyncio.Event = field(default_factory=asyncio.Event)
    withdrawn: int = 0

    async def ask(self, question: Question) -> Answer:
        """The next answer."""
        self.asked.append(question)
        await asyncio.sleep(0)
        if self.answers:
            return self.answers.pop(0)
        self.waits.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.withdrawn += 1
            raise
        raise AssertionError("nobody answers")


def scene_at(root: Path, **more: Any) -> Scene:
    """A place for tools to work."""
    return Scene(root, Sources(PrivateFiles(), lambda _: False), "s", "t", **more)


def toolbox(
    *tools: Tool,
    rules: Mapping[str, Decision] | None = None,
    person: Asker | None = None,
    mode: Mode = "build",
    limits: ToolLimits = DEFAULT_LIMITS,
    root: Path | None = None,
) -> Toolbox:
    """These tools, under these rules."""
    return Toolbox(tools, scene_at(root or Path.cwd()), Ruling(rules or {}), person, mode, limits)


def names(tools: Sequence[ToolSpec]) -> list[str]:
    """What they are called."""
    return [tool.name for tool in tools]
