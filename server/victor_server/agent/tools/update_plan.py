"""The tool `update_plan`."""

from collections.abc import AsyncGenerator
from typing import Literal

from pydantic import Field

from victor_server.agent.tools.built_in import BuiltIn, ToolArguments
from victor_server.agent.tools.tool import Done, PlanEntry, Prepared, Scene, Streamed, Touched

MAX_ENTRIES = 30


class Entry(ToolArguments):
    """One thing to do."""

    content: str = Field(min_length=1, max_length=300)
    status: Literal["pending", "in_progress", "completed"] = "pending"
    priority: Literal["high", "medium", "low"] = "medium"


class UpdatePlan(ToolArguments):
    """A whole plan."""

    entries: list[Entry] = Field(max_length=MAX_ENTRIES)


def update_plan_tool() -> BuiltIn[UpdatePlan]:
    """Shows the person what a model means to do."""
    description = "Show the person your plan of a longer task, all of it, and again whenever a step is done."
    return BuiltIn("update_plan", "think", description, UpdatePlan, _plan)


def _plan(told: UpdatePlan, _scene: Scene) -> Prepared:
    n_done = sum(each.status == "completed" for each in told.entries)
    plan = tuple(
        PlanEntry(" ".join(each.content.split()), each.status, each.priority) for each in told.entries
    )

    async def run(_review: bool) -> AsyncGenerator[Streamed | Done, None]:
        yield Done("The person sees the plan.", plan=plan)

    return Prepared(Touched(f"Plan: {n_done} of {len(told.entries)} done"), run)
