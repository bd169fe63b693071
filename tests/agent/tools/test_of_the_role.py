"""What a team takes from somebody in the midst of a turn is gone with the next call."""

from collections.abc import Sequence
from pathlib import Path

from offered_tools import Offered, Person, Ruling, names, scene_at

from victor_server.agent.messages import ToolCallPart
from victor_server.agent.permissions.model import Answer, Question
from victor_server.agent.tools.call_events import CallEnded
from victor_server.agent.tools.toolbox import Toolbox


async def end_of(box: Toolbox, name: str) -> CallEnded:
    events = [event async for event in box.run(ToolCallPart("c1", name, {}))]
    assert isinstance(events[-1], CallEnded)
    return events[-1]


async def test_a_tool_that_is_taken_away_is_not_called_again() -> None:
    """Neither offered nor run; what else there is goes on, and it comes back as it went."""
    held = {"clock", "calendar"}

    def usable(all_names: Sequence[str]) -> Sequence[str]:
        return [name for name in all_names if name in held]

    clock = Offered()
    box = Toolbox([clock, Offered("calendar")], scene_at(Path.cwd()), Ruling(), usable=usable)
    assert (await end_of(box, "clock")).status == "completed"
    held.discard("clock")
    assert names(box.specs) == ["calendar"]
    refused = await end_of(box, "clock")
    assert refused.status == "refused"
    assert "policy of your team" in refused.done.text
    assert clock.ran == [""]
    assert (await end_of(box, "calendar")).status == "completed"
    assert "clock" not in (await end_of(box, "clocks")).done.text
    held.add("clock")
    assert (await end_of(box, "clock")).status == "completed"


async def test_a_tool_that_is_taken_away_while_a_person_thinks_is_not_run() -> None:
    """A yes does not outlast what the team says meanwhile."""
    held = {"clock"}

    class Slow(Person):
        async def ask(self, question: Question) -> Answer:
            held.clear()
            return await super().ask(question)

    clock, person = Offered(), Slow([Answer("once")])
    box = Toolbox(
        [clock],
        scene_at(Path.cwd()),
        Ruling({"clock": "ask"}),
        person,
        usable=lambda all_names: [name for name in all_names if name in held],
    )
    assert (await end_of(box, "clock")).status == "refused"
    assert person.asked
    assert clock.ran == []
