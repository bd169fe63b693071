"""What a turn adds to a model's answer: CPU for each token, time before the first, time until a cancel is through."""

import asyncio
import random
import statistics
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from bench.figures import Figure

from victor_server.agent.context.piece import Context, Piece
from victor_server.agent.events import ModelEvent, Stopped, TextDelta, Usage
from victor_server.agent.messages import ModelRequest, user
from victor_server.agent.providers.scripted import ScriptedProvider
from victor_server.agent.router.router import Router
from victor_server.agent.run_events import Answered
from victor_server.agent.services import AgentServices
from victor_server.agent.turn import Tools, Turn, run_turn
from victor_server.audit.journal import Journal
from victor_server.history.history import History
from victor_server.ledger.ledger import Ledger
from victor_server.ledger.model import Price
from victor_server.policy.policy import Policy
from victor_server.policy.private_files import PrivateFiles
from victor_server.secrets.redaction.session import RedactionSession
from victor_server.settings.profiles import Profile, Profiles
from victor_server.settings.resolved import AuditSettings, BudgetSettings

_N_TOKENS = 4_000
_N_TURNS = 15
_N_CPU_RUNS = 5
_WORDS = ("Hello ", "world", "\n", "`code`", " and ", "[x]", " is ", "more.\n\n")
_CONTEXT = "def area(width, height):\n    return width * height\n" * 40


class Quick(ScriptedProvider):
    """Answers at once, in memory; then it may hang."""

    n_tokens = 1
    hangs = False
    closed_at = 0.0

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """So many words."""
        try:
            for n in range(self.n_tokens):
                yield TextDelta(_WORDS[n % len(_WORDS)])
            if self.hangs:
                await asyncio.Event().wait()
            yield Usage(100, self.n_tokens)
            yield Stopped("end")
        finally:
            self.closed_at = time.perf_counter()


def measure(folder: Path) -> list[Figure]:
    """The figures of turns with a budget, an audit log and a history, on disk in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    return asyncio.run(_measure(folder))


async def _measure(folder: Path) -> list[Figure]:
    provider = Quick(folder / "none.jsonl")
    services = services_for(folder, provider)
    try:
        await _first_token_s(services)  # loads what is loaded once
        first_ms = statistics.median([await _first_token_s(services) for _ in range(_N_TURNS)]) * 1e3
        provider.n_tokens = _N_TOKENS
        turns = [await _cpu_s(services) for _ in range(_N_CPU_RUNS)]
        bare = [await _bare_cpu_s(provider) for _ in range(_N_CPU_RUNS)]
        provider.n_tokens, provider.hangs = 1, True
        cancels = [await _cancel_s(services, provider) for _ in range(_N_TURNS)]
    finally:
        await services.router.close()
        services.history.close()
        services.ledger.close()
    token_us = (min(turns) - min(bare)) / _N_TOKENS * 1e6
    return [
        Figure("a turn: time added to the first token", first_ms, "ms", 10),
        Figure(
            "a turn: CPU added to each token",
            token_us / 1e3,
            "ms",
            0.1,
            f"the bare model {min(bare) / _N_TOKENS * 1e3:.4f} ms",
        ),
        Figure(
            "a turn: cancel until the model's stream is closed",
            statistics.median(closed for closed, _ in cancels) * 1e3,
            "ms",
            50,
        ),
        Figure(
            "a turn: cancel until it is settled and recorded",
            statistics.median(done for _, done in cancels) * 1e3,
            "ms",
        ),
    ]


def services_for(folder: Path, provider: Quick) -> AgentServices:
    """Everything that a turn works with, in `folder`; the model is `provider`."""
    profile = Profile("default", "scripted", "quick", max_output_tokens=_N_TOKENS)
    policy = Policy()
    router = Router(
        Profiles({"default": profile}),
        policy,
        lambda _profile, _url: provider,
        lambda _profile: Price(1.0, 1.0),
        time.monotonic,
        random.random,
    )
    return AgentServices(
        router=router,
        ledger=Ledger(folder / "ledger.db", BudgetSettings(day_usd=1e6)),
        history=History(folder / "sessions.db"),
        journal=Journal(AuditSettings(folder / "audit.log"), "bench"),
        policy=policy,
        private_files=PrivateFiles(),
        home=folder,
        answers=None,
        user="bench",
    )


def turn_about(root: Path | None = None, tools: Tools | None = None) -> Turn:
    """A question about a file."""
    piece = Piece("file", "area.py", 0, 80, "mentioned", 700, _CONTEXT)
    return Turn(
        session_id="s",
        turn_id="t",
        root=root,
        task="chat",
        prompt="What does this do?",
        earlier=(),
        context=Context([piece]),
        profile="",
        redaction=RedactionSession(),
        tools=tools,
    )


async def _first_token_s(services: AgentServices) -> float:
    turn = turn_about()
    begun = time.perf_counter()
    async with aclosing(run_turn(turn, services)) as events:
        async for event in events:
            if isinstance(event, Answered):
                return time.perf_counter() - begun
    raise AssertionError("nothing was answered")


async def _cpu_s(services: AgentServices) -> float:
    turn = turn_about()
    begun = time.process_time()
    async with aclosing(run_turn(turn, services)) as events:
        async for _ in events:
            pass
    return time.process_time() - begun


async def _bare_cpu_s(provider: Quick) -> float:
    request = ModelRequest("m", (user("hi"),), 10)
    begun = time.process_time()
    async with aclosing(provider.stream(request)) as events:
        async for _ in events:
            pass
    return time.process_time() - begun


async def _cancel_s(services: AgentServices, provider: Quick) -> tuple[float, float]:
    """Seconds until the stream was closed, and until the turn was over."""
    answered = asyncio.Event()

    async def consume() -> None:
        async with aclosing(run_turn(turn_about(), services)) as events:
            async for event in events:
                if isinstance(event, Answered):
                    answered.set()

    task = asyncio.create_task(consume())
    await answered.wait()
    begun = time.perf_counter()
    task.cancel()
    await asyncio.wait([task])
    return provider.closed_at - begun, time.perf_counter() - begun
