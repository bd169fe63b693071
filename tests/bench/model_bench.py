"""What Victor adds to a model's answer: time to the first token, CPU for each, and how soon a cancelled call ends."""

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import openai
from bench.figures import Figure, percentile
from providers_asked import ask

from victor_server.agent.events import TextDelta
from victor_server.agent.providers.open import open_provider
from victor_server.agent.providers.provider import Provider
from victor_server.egress.factory import Egress
from victor_server.policy.policy import Policy
from victor_server.settings.profiles import Profile

_ROUNDS = 25
_TOKENS = 400
MAX_ADDED_MS = 10.0
MAX_ADDED_CPU_MS = 0.1
MAX_CANCEL_MS = 50.0


@dataclass(frozen=True, slots=True)
class _Taken:
    first_ms: float
    cpu_ms_a_token: float


def measure(scratch: Path) -> list[Figure]:
    """Ask both in turn, through the real egress guard; medians of the differences, pair by pair."""
    with token_server() as url:
        return asyncio.run(_measure(url))


async def _measure(url: str) -> list[Figure]:
    egress = Egress(Policy(), record=lambda _: None, environment={})
    provider = open_provider(Profile("bench", "vllm", "m", (url,)), "", egress, home=Path())
    bare = openai.AsyncOpenAI(
        api_key="unused", base_url=url, max_retries=0, http_client=httpx2.AsyncClient(trust_env=False)
    )
    for warm_up in (_ours, _bare):
        await _timed(warm_up(provider, bare))
    pairs = [
        (await _timed(_ours(provider, bare)), await _timed(_bare(provider, bare))) for _ in range(_ROUNDS)
    ]
    cancels = [await _cancel(provider, url) for _ in range(_ROUNDS)]
    await provider.close()
    await bare.close()
    return _figures(pairs, cancels)


def _figures(pairs: list[tuple[_Taken, _Taken]], cancels: list[float]) -> list[Figure]:
    first = statistics.median(ours.first_ms - bare.first_ms for ours, bare in pairs)
    cpu = statistics.median(ours.cpu_ms_a_token - bare.cpu_ms_a_token for ours, bare in pairs)
    bare_first = statistics.median(bare.first_ms for _, bare in pairs)
    bare_cpu = statistics.median(bare.cpu_ms_a_token for _, bare in pairs)
    return [
        Figure(
            "model: added to the first token",
            first,
            "ms",
            MAX_ADDED_MS,
            f"bare openai client {bare_first:.3g} ms",
        ),
        Figure(
            "model: CPU added to each token",
            cpu,
            "ms",
            MAX_ADDED_CPU_MS,
            f"bare openai client {bare_cpu:.3g} ms",
        ),
        Figure("model: cancel to upstream closed, p95", percentile(cancels, 95), "ms", MAX_CANCEL_MS, ""),
    ]


async def _ours(provider: Provider, bare: openai.AsyncOpenAI) -> AsyncIterator[str]:
    async for event in provider.stream(ask("hello", max_output_tokens=_TOKENS)):
        if isinstance(event, TextDelta):
            yield event.text


async def _bare(provider: Provider, bare: openai.AsyncOpenAI) -> AsyncIterator[str]:
    chunks = await bare.chat.completions.create(
        model="m", messages=[{"role": "user", "content": "hello"}], max_tokens=_TOKENS, stream=True
    )
    async for chunk in chunks:
        if text := chunk.choices[0].delta.content:
            yield text


async def _timed(texts: AsyncIterator[str]) -> _Taken:
    begun, cpu_begun = time.perf_counter(), time.process_time()
    await anext(texts)
    first = time.perf_counter() - begun
    n_tokens = 1 + len([text async for text in texts])
    assert n_tokens == _TOKENS
    return _Taken(first * 1000, (time.process_time() - cpu_begun) * 1000 / n_tokens)


async def _cancel(provider: Provider, url: str) -> float:
    """Milliseconds from cancelling the task that reads until the server sees its client gone."""
    begun = asyncio.Event()

    async def read() -> None:
        async for _ in provider.stream(ask("hello", model="hangs", max_output_tokens=2)):
            begun.set()

    task = asyncio.ensure_future(read())
    await begun.wait()
    cancelled = time.perf_counter()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with httpx2.AsyncClient(trust_env=False) as client:
        closed = json.loads((await client.get(f"{url.removesuffix('/v1')}/closed")).text)
    return (float(closed) - cancelled) * 1000


@contextmanager
def token_server() -> Iterator[str]:
    words = [sys.executable, "-P", str(Path(__file__).with_name("token_server.py"))]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()
