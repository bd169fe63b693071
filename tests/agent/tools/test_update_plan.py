"""`update_plan`: what a model means to do is shown to the person, all of it each time."""

from contextlib import aclosing
from pathlib import Path

import pytest
from offered_tools import scene_at

from victor_server.agent.tools.tool import Done, PlanEntry
from victor_server.agent.tools.update_plan import update_plan_tool
from victor_server.errors import UsageError


async def test_a_plan(tmp_path: Path) -> None:
    """Its entries come out as they are, on one line each."""
    entries = [{"content": "Look\naround", "status": "completed"}, {"content": "Mend", "priority": "high"}]
    prepared = update_plan_tool().prepare("1", {"entries": entries}, scene_at(tmp_path))
    assert prepared.touched.title == "Plan: 1 of 2 done"
    assert prepared.touched.paths == ()
    async with aclosing(prepared.run(False)) as events:
        (done,) = [event async for event in events]
    assert isinstance(done, Done)
    assert done.plan == (PlanEntry("Look around", "completed"), PlanEntry("Mend", "pending", "high"))


def test_what_is_no_plan(tmp_path: Path) -> None:
    """A status that there is not is refused by its name."""
    with pytest.raises(UsageError, match=r"entries\.0\.status"):
        update_plan_tool().prepare(
            "1", {"entries": [{"content": "x", "status": "later"}]}, scene_at(tmp_path)
        )
