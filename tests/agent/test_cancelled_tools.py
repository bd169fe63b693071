"""A turn with tools is stopped at every point at which it can be: nothing runs on, and the chat can go on."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from agent.turns import Heard, call, model, turn
from agent_services import receipts
from offered_tools import Offered, Person, Ruling, scene_at

from victor_server.agent.context.piece import Context
from victor_server.agent.events import ModelEvent
from victor_server.agent.messages import ModelRequest, text_of
from victor_server.agent.permissions.model import Answer, Question, Verdict, Wanted
from victor_server.agent.run_events import ToolAsked, ToolEnded, TurnEnded
from victor_server.agent.services import AgentServices
from victor_server.agent.tools.tool import Done, Streamed
from victor_server.agent.tools.toolbox import Toolbox
from victor_server.agent.turn import Tools, run_turn
from victor_server.features.chat.chat import Chat
from victor_server.features.chat.model import Asked, Ports
from victor_server.features.chat.model import Offered as MayUse
from victor_server.history.history import History

MOST_POINTS = 80


@dataclass(slots=True)
class Points:
    """Everything that waits in a turn passes here; at the `stop_at`th time the turn is cancelled."""

    stop_at: int
    passed: int = 0
    open_tools: int = 0
    task: "asyncio.Task[Any] | None" = None

    async def here(self) -> None:
        """One point."""
        self.passed += 1
        if self.passed == self.stop_at and self.task is not None:
            self.task.cancel()
        await asyncio.sleep(0)

    def tool(self, name: str, kind: Any, *, is_reviewed: bool = False) -> Offered:
        """A tool that passes here at each step."""

        async def act(_zone: str) -> AsyncGenerator[Streamed | Done, None]:
            self.open_tools += 1
            try:
                await self.here()
                yield Streamed("working\n")
                await self.here()
                yield Done(f"{name} is done")
            finally:
                self.open_tools -= 1

        return Offered(name, kind, act, is_reviewed)

    def toolbox(self) -> Toolbox:
        """Some that read, one that is asked for, one that is reviewed."""
        tools = (
            self.tool("look", "read"),
            self.tool("run", "execute"),
            self.tool("edit", "edit", is_reviewed=True),
        )
        rules = PassingRules(self, {"run": "ask", "edit": "ask"})
        return Toolbox(tools, scene_at(Path.cwd()), rules, PassingPerson(self))


class PassingRules(Ruling):
    """Rules that pass the points."""

    def __init__(self, points: Points, decisions: Any) -> None:
        super().__init__(decisions)
        self.points = points

    async def judge(self, wanted: Wanted) -> Verdict:
        """As the rules say."""
        await self.points.here()
        return await super().judge(wanted)


class PassingPerson(Person):
    """A person who passes the points and says yes."""

    def __init__(self, points: Points) -> None:
        super().__init__()
        self.points = points

    async def ask(self, question: Question) -> Answer:
        """Yes."""
        await self.points.here()
        return Answer("once")


REPLIES = (
    [{"text": "One. "}, call("look", zone="1"), call("look", zone="2"), call("look", zone="3")],
    [call("run"), call("edit")],
    [{"text": "Done."}],
)


def passing(points: Points) -> type[Heard]:
    """A model that passes the points with each event."""

    class Passing(Heard):
        async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
            async with aclosing(super().stream(request)) as events:
                async for event in events:
                    await points.here()
                    yield event

    return Passing


async def _stopped_at(home: Path, stop_at: int) -> bool:
    """Run a turn up to a point; whether it came that far."""
    points = Points(stop_at)
    async with model(home, *REPLIES, kind=passing(points)) as (services, _):
        before = asyncio.all_tasks()

        async def consume() -> None:
            async with aclosing(run_turn(turn(tools=points.toolbox()), services)) as events:
                async for _ in events:
                    pass

        points.task = asyncio.create_task(consume())
        await asyncio.wait([points.task])
        assert asyncio.all_tasks() == before
        assert points.open_tools == 0
        assert all(state.reserved == 0 for state in services.ledger.left())
        outcomes = [receipt.outcome for receipt in receipts(services)]
        assert set(outcomes[:-1]) <= {"done"}
        assert points.task.cancelled() == (points.passed >= stop_at)
        return points.task.cancelled()


def _folder(parent: Path, number: int) -> Path:
    folder = parent / str(number)
    folder.mkdir()
    return folder


async def test_stopped_at_every_point(tmp_path: Path) -> None:
    """Whatever waits is ended in order: no task, no tool and no reservation is left, and the cancel comes out."""
    n_stopped = 0
    while await _stopped_at(_folder(tmp_path, n_stopped), n_stopped + 1):
        n_stopped += 1
        assert n_stopped < MOST_POINTS
    assert n_stopped > 20


def _open_chat(home: Path, services: AgentServices, tools: list[Tools | None]) -> Chat:
    async def gather(_: Asked) -> Context:
        return Context()

    async def offered(_asked: Asked, _session: str, _turn: str) -> MayUse:
        return MayUse(tools.pop(0))

    answer = partial(run_turn, services=services)
    return Chat(History(home / "chats.db"), Ports(answer, gather, tools=offered), batch_s=0)


@pytest.mark.parametrize("n_updates", range(1, 22))
async def test_a_chat_goes_on_after_a_stop(tmp_path: Path, n_updates: int) -> None:
    """Every call that was told has its end, also when the chat is opened again, and the next turn is told of them."""
    points = Points(0)
    async with model(tmp_path, *REPLIES, "Fine.", "Fine.", "Fine.") as (
        services,
        requests,
    ):
        chat = _open_chat(tmp_path, services, [points.toolbox(), points.toolbox()])
        session = (await chat.new(None)).id
        told = []
        async with aclosing(chat.prompt(session, "First?")) as updates:
            async for update in updates:
                told.append(update)
                if len(told) == n_updates:
                    await chat.cancel(session)
        events = [update.event for update in told]
        assert isinstance(events[-1], TurnEnded)
        n_before = len(requests)
        await _check_loaded(chat, session, [event for event in events if isinstance(event, ToolEnded)])
        assert points.open_tools == 0
        async with aclosing(chat.prompt(session, "And now?")) as updates:
            last = [update.event async for update in updates][-1]
        assert isinstance(last, TurnEnded)
        request = requests[n_before]
        assert all(message.role != "tool" for message in request.messages)
        asked = {event.name for event in events if isinstance(event, ToolAsked)}
        earlier = "".join(text_of(message) for message in request.messages)
        assert all(f"* {name} " in earlier for name in asked)
        await chat.close()


async def _check_loaded(chat: Chat, session: str, live: list[ToolEnded]) -> None:
    loaded = [update.event for update in (await chat.load(session)).updates]
    asked = [event.id for event in loaded if isinstance(event, ToolAsked)]
    ended = [event for event in loaded if isinstance(event, ToolEnded)]
    assert sorted(asked) == sorted(event.id for event in ended)
    assert [(event.id, event.status) for event in ended] == [(event.id, event.status) for event in live]
