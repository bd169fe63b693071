"""What a person reads of a call in one line."""

from pathlib import Path

from agent.turns import call, events_of, model, turn
from offered_tools import Offered, gives, toolbox

from victor_server.agent.run_events import ToolEnded, ToolStarted
from victor_server.agent.tools.tool import Done


async def test_titles_are_one_plain_line(tmp_path: Path) -> None:
    """Whatever a tool puts into its titles: no line of another's, nothing that a terminal obeys or a reader misses."""
    odd = "a\nb \x1b]0;x\x07\u202egnp.exe " + "long " * 100
    async with model(tmp_path, call(zone=odd), "ok") as (services, _):
        clock = Offered(act=gives(Done("noon", title=odd)))
        events = await events_of(turn(tools=toolbox(clock)), services)
    titles = [event.title for event in events if isinstance(event, ToolStarted | ToolEnded)]
    assert len(titles) == 2
    assert all(title.isprintable() and len(title) <= 250 and "a?b" in title for title in titles)
