"""Tools that are a name, a description, typed arguments and a function that says what would happen."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from victor_indexer.errors import IndexerError
from victor_server.agent.messages import ToolSpec
from victor_server.agent.tools.arguments import read_arguments, schema_of
from victor_server.agent.tools.tool import Done, Prepared, Scene, Streamed, ToolKind, Touched
from victor_server.errors import VictorError


class ToolArguments(BaseModel):
    """What a tool is told. What it does not name is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Told = TypeVar("Told", bound=ToolArguments)


@dataclass(frozen=True, slots=True)
class BuiltIn(Generic[Told]):
    """A `Tool`. `plan` says what a call would touch and how it runs; it blocks, and raises as `Tool.prepare`."""

    name: str
    kind: ToolKind
    description: str
    arguments: type[Told]
    plan: Callable[[Told, Scene], Prepared]

    @property
    def spec(self) -> ToolSpec:
        """What a model is told of it."""
        return ToolSpec(self.name, self.description, schema_of(self.arguments))

    def prepare(self, call_id: str, arguments: Mapping[str, Any], scene: Scene) -> Prepared:
        """Read the arguments and say what would be touched."""
        return self.plan(read_arguments(self.arguments, arguments), scene)


def blocking(touched: Touched, work: Callable[[], Done]) -> Prepared:
    """A call whose work is done in a thread, and is short enough to be waited for."""
    return waiting(touched, lambda: asyncio.to_thread(work))


def waiting(touched: Touched, work: Callable[[], Awaitable[Done]]) -> Prepared:
    """A call that gives one result. What goes wrong is told to the model."""

    async def run(_review: bool) -> AsyncGenerator[Streamed | Done, None]:
        try:
            done = await work()
        except (VictorError, IndexerError) as error:
            done = Done(f"{error.message} {error.fix}".strip(), is_error=True)
        yield done

    return Prepared(touched, run)
