"""A real `victor serve` under load, with edges that remember what they were promised, and a model server that counts."""

import asyncio
import base64
import contextlib
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from edge_of_team import Wire

from victor_server.agent.messages import ModelRequest, user
from victor_server.agent.providers.team import TeamProvider
from victor_server.egress.factory import Egress
from victor_server.errors import VictorError
from victor_server.policy.policy import Policy
from victor_server.remote import policy
from victor_server.remote.membership import join, write_membership
from victor_server.remote.outbox import Outbox
from victor_server.remote.rpc import BackendClient, GivenToken
from victor_server.remote.team import Team
from victor_server.team.configuration.resolved import DatabaseSettings

TIME_LIMIT_S = 90.0
MOST_OUTPUT = 20
LIMIT_TOKENS = 2_500
"""The tenant's budget of a day, where a test says nothing else: it ends in the midst of the load."""


@dataclass
class CountingModel:
    """Speaks as OpenAI's API does. `written` are the tokens that it wrote, `n_asked` the requests that reached it."""

    port: int = 0
    n_asked: int = 0
    written: int = 0
    was_asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one answer."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = re.search(r"content-length: (\d+)", head)
            body = json.loads(await reader.readexactly(int(length.group(1)) if length else 0))
            self.n_asked += 1
            self.was_asked.set()
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
            for _ in range(min(int(body["max_tokens"]), MOST_OUTPUT)):
                self._say(writer, {"content": "word "}, None)
                self.written += 1
                await writer.drain()
                await asyncio.sleep(0.002)
            self._say(writer, {}, "stop")
            writer.write(b"data: [DONE]\n\n")
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def _say(self, writer: asyncio.StreamWriter, delta: dict[str, str], finish: str | None) -> None:
        choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
        writer.write(f"data: {json.dumps({'choices': choices})}\n\n".encode())


@dataclass
class Served:
    """A `victor serve` process that can be killed and started again where it was."""

    folder: Path
    port: int
    database: DatabaseSettings | None = None
    redis_url: str = ""
    token: str = ""
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it; returns once it is ready."""
        config = str(self.folder / "team.yaml")
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-c", "from victor_server.cli.main import main; main()"),
            *("serve", "--config", config, "--port", str(self.port)),
            env={**os.environ, "VICTOR_HOME": str(self.folder)},
            stderr=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
        )
        assert self.process.stderr is not None
        said = ""
        while "Ctrl-C" not in said:
            line = await self.process.stderr.readline()
            assert line, said
            said += line.decode()
        told = re.search(r"vk_\S+", said)
        self.token = told.group() if told else self.token

    async def kill(self) -> None:
        """As a power cut ends it."""
        assert self.process is not None
        self.process.kill()
        await self.process.communicate()

    async def asked(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """What an administrator is answered. Raises for anything but success."""
        async with httpx2.AsyncClient(trust_env=False, timeout=30) as http:
            headers = {"authorization": f"Bearer {self.token}"}
            answer = await http.post(f"{self.url}/v1/rpc/{method}", json=params or {}, headers=headers)
        assert answer.status_code == 200, (method, answer.status_code, answer.text[:300])
        told: dict[str, Any] = answer.json()
        return told

    def write_configuration(self, model_port: int) -> None:
        """Strict audit, one model, a master key; limits that do not matter here."""
        key = self.folder / "master.key"
        key.touch(mode=0o600)
        key.write_text(base64.b64encode(os.urandom(32)).decode())
        settings: dict[str, Any] = {
            "encryption": {"master_key": {"file": "master.key"}},
            "limits": {"requests_per_minute": 100_000, "calls_at_once": 0, "frames_per_second": 100_000},
            "sessions": {"call_lease_s": 2},
            "audit": {"heads": "heads"},
            "models": {
                "small": {
                    "provider": "openai-compatible",
                    "base_url": f"http://127.0.0.1:{model_port}/v1",
                    "api_key": "none-needed",
                    "context_tokens": 8_000,
                    "max_output_tokens": 64,
                }
            },
        }
        if self.database is not None:
            settings["database"] = {"url": self.database.url}
        if self.redis_url:
            settings["redis"] = {"url": self.redis_url}
            settings["limits"]["backend"] = "redis"
        (self.folder / "team.yaml").write_text(json.dumps(settings))  # JSON is YAML


@dataclass
class Edge:
    """One person's edge: what it was promised to be delivered, in order, and how its calls ended."""

    name: str
    team: Team
    promised: list[str] = field(default_factory=list)
    ended: Counter[str] = field(default_factory=Counter)
    was_refused: asyncio.Event = field(default_factory=asyncio.Event)

    async def work(self, is_over: asyncio.Event) -> None:
        """Record and ask, over and over."""
        provider = TeamProvider(self.team)
        request = ModelRequest(
            model="small", messages=(user("Say something."),), max_output_tokens=MOST_OUTPUT
        )
        while not is_over.is_set():
            action = f"step.{self.name}.n{len(self.promised)}"
            await asyncio.to_thread(self.team.outbox.append, "audit", record(action))
            self.promised.append(action)
            try:
                async for _ in provider.stream(request):
                    pass
                self.ended["done"] += 1
            except VictorError as error:
                self.ended[error.kind] += 1
                self.was_refused.set()
                await asyncio.sleep(0.02)  # whoever is refused at once must not spin


def record(action: str) -> dict[str, Any]:
    """An audit record of an edge."""
    return {"at_us": 1, "user": "somebody", "action": action, "session_id": "s", "success": True}


@dataclass
class FaultyTeam:
    """All of it. `over` are budgets that were seen beyond their limits, `back_s` how long edges took to come back."""

    served: Served
    wire: Wire
    model: CountingModel
    edges: list[Edge]
    changed: asyncio.Event
    over: list[str] = field(default_factory=list)
    back_s: list[float] = field(default_factory=list)

    async def under_load(self, fault: Callable[["FaultyTeam"], Coroutine[Any, Any, None]]) -> None:
        """Let everybody work, let `fault` happen in the midst of it, and let everything settle."""
        is_over = asyncio.Event()
        async with asyncio.timeout(TIME_LIMIT_S), asyncio.TaskGroup() as group:
            for edge in self.edges:
                group.create_task(edge.work(is_over))
            watching = group.create_task(self._watch_budgets())
            await fault(self)
            is_over.set()
            watching.cancel()
        async with asyncio.timeout(TIME_LIMIT_S):
            await self._settled()

    async def come_back(self) -> None:
        """Wait until every edge is attached again; notes how long that took."""
        began = time.monotonic()
        async with asyncio.timeout(TIME_LIMIT_S):
            while any(edge.team.link.state != "attached" for edge in self.edges):
                self.changed.clear()
                await self.changed.wait()
        self.back_s.append(time.monotonic() - began)

    async def until_more_calls(self, n_calls: int) -> None:
        """Wait until the model was asked so many times more."""
        wanted = self.model.n_asked + n_calls
        async with asyncio.timeout(TIME_LIMIT_S):
            while self.model.n_asked < wanted and not self._is_spent():
                self.model.was_asked.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.model.was_asked.wait(), 0.5)  # a budget may end meanwhile

    async def until_refused(self) -> None:
        """Wait until every edge was refused something anew, three times."""
        async with asyncio.timeout(TIME_LIMIT_S):
            for _ in range(3):
                for edge in self.edges:
                    edge.was_refused.clear()
                for edge in self.edges:
                    await edge.was_refused.wait()

    async def check(self) -> None:
        """Nothing lost, nothing double, everything in order; no budget passed; every call paid for; the log whole."""
        actions = await self._actions()
        for edge in self.edges:
            mine = [action for action in actions if action.startswith(f"step.{edge.name}.")]
            assert mine == edge.promised, (
                Counter(mine) - Counter(edge.promised),
                Counter(edge.promised) - Counter(mine),
            )
        assert (await self.served.asked("audit/verify"))["ok"]
        assert self.over == []
        (budget,) = (await self.served.asked("budgets/list"))["budgets"]
        assert budget["reserved"] == 0
        assert budget["used"] <= budget["limit"]
        usage = (await self.served.asked("usage/report", {"by": "source"}))["total"]
        assert usage["input_tokens"] + usage["output_tokens"] == budget["used"]
        # What a lost call had set aside is charged whole, and counts as input: nobody knows what its model wrote.
        assert budget["used"] >= self.model.written, "something was written that nobody paid for"
        assert usage["calls"] >= self.model.n_asked

    async def _settled(self) -> None:
        """Everything was delivered, and no call holds anything any more."""
        while True:
            waiting = sum(
                [(await asyncio.to_thread(edge.team.outbox.backlog)).n_events for edge in self.edges]
            )
            (budget,) = (await self.served.asked("budgets/list"))["budgets"]
            if not waiting and not budget["reserved"]:
                return
            for edge in self.edges:
                with contextlib.suppress(VictorError):
                    await edge.team._drainer.drain()
            await asyncio.sleep(0.2)  # the reaper comes by time

    async def _actions(self) -> list[str]:
        actions: list[str] = []
        after: int | None = 0
        while after is not None:
            page = await self.served.asked("audit/search", {"after": after, "limit": 1_000})
            actions += [line["leaf"]["action"] for line in page["records"]]
            after = page["next"]
        return actions

    async def _watch_budgets(self) -> None:
        while True:
            with contextlib.suppress(AssertionError, httpx2.HTTPError):
                for budget in (await self.served.asked("budgets/list"))["budgets"]:
                    if budget["used"] + budget["reserved"] > budget["limit"]:
                        self.over.append(f"{budget['used']} + {budget['reserved']} of {budget['limit']}")
            await asyncio.sleep(0.05)

    def _is_spent(self) -> bool:
        return all(edge.ended["budget_exceeded"] for edge in self.edges)


@contextlib.asynccontextmanager
async def faulty_team(
    folder: Path,
    n_edges: int = 4,
    database: DatabaseSettings | None = None,
    redis_url: str = "",
    limit_tokens: int = LIMIT_TOKENS,
) -> AsyncIterator[FaultyTeam]:
    """A backend, `n_edges` people attached to it through a wire, and a budget that ends in the midst of the load."""
    model = CountingModel()
    models = await asyncio.start_server(model.answer, "127.0.0.1", 0)
    model.port = models.sockets[0].getsockname()[1]
    (folder / "backend").mkdir(mode=0o700, exist_ok=True)
    served = Served(folder / "backend", await _free_port(), database, redis_url)
    served.write_configuration(model.port)
    await served.start()
    wire = Wire(served.port)
    listener = await asyncio.start_server(wire.carry, "127.0.0.1", 0)
    wire.port = listener.sockets[0].getsockname()[1]
    changed = asyncio.Event()
    edges: list[Edge] = []
    try:
        await served.asked(
            "budgets/set",
            {"scope": "tenant", "subject": "", "period": "day", "unit": "tokens", "limit": limit_tokens},
        )
        edges += [await _edge(folder, served, wire, f"e{number}", changed) for number in range(n_edges)]
        team = FaultyTeam(served, wire, model, edges, changed)
        await team.come_back()
        team.back_s.clear()
        yield team
    finally:
        for edge in edges:
            await edge.team.close()
        with contextlib.suppress(ProcessLookupError):
            await served.kill()
        listener.close()
        models.close()
        await wire.cut()


async def _edge(folder: Path, served: Served, wire: Wire, name: str, changed: asyncio.Event) -> Edge:
    await served.asked("users/set", {"subject": name, "role": "developer"})
    made = await served.asked("tokens/create", {"label": "edge", "subject": name, "role": "developer"})
    home = folder / name
    home.mkdir(mode=0o700)
    egress = Egress(Policy(), record=lambda _: None, environment={})
    token = GivenToken(made["token"])
    client = BackendClient(egress, f"http://127.0.0.1:{wire.port}", token)
    try:
        member, signed = await join(client)
    finally:
        await client.close()
    write_membership(home, member)
    policy.adopt(home, signed, member, 0)
    outbox = Outbox(home / "outbox.db")
    outbox.belong_to(member.id)
    team = Team(home, member, egress, token, outbox, lambda *_, **__: None, changed.set)
    team.begin()
    return Edge(name, team)


async def _free_port() -> int:
    """A port that nobody listens on: the backend comes back to it after each kill."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port
