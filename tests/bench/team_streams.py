"""A bare httpx2 client that reads streamed answers: run as a program it measures itself, and is the peer of all others.

    python -P tests/bench/team_streams.py URL KEY MODEL N_STREAMS AT_ONCE

prints {"cpu_ms", "first_ms": […]}: CPU time of this process for each answer, and how long the first token took from
the moment at which it was asked for. A model called `paced` writes 60 tokens a second; asked for it, the streams begin one
after the other, spread over the length of an answer, as people do.
"""

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx2

N_TOKENS = 32
N_WARMING = 2
_TIME_LIMIT_S = 60
_PACED_ANSWER_S = N_TOKENS / 60


def streams(url: str, key: str, model: str, n_streams: int, at_once: int) -> dict[str, Any]:
    """Read so many answers in a process of its own."""
    words = [sys.executable, "-P", str(Path(__file__)), url, key, model, str(n_streams), str(at_once)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


async def _measure(url: str, key: str, model: str, n_streams: int, at_once: int) -> dict[str, Any]:
    limits = httpx2.Limits(max_connections=at_once, max_keepalive_connections=at_once)
    headers = {"authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(
        base_url=url, headers=headers, limits=limits, timeout=_TIME_LIMIT_S, trust_env=False
    ) as client:
        for _ in range(N_WARMING):
            await _one(client, "m")
        apart_s = _PACED_ANSWER_S / at_once if model == "paced" else 0.0

        async def in_turn(number: int) -> list[float]:
            await asyncio.sleep(number * apart_s)
            return [await _one(client, model) for _ in range(n_streams // at_once)]

        cpu = time.process_time()
        first = [each for some in await asyncio.gather(*map(in_turn, range(at_once))) for each in some]
        cpu = time.process_time() - cpu
    return {"cpu_ms": cpu / len(first) * 1000, "first_ms": [each * 1000 for each in first]}


async def _one(client: httpx2.AsyncClient, model: str) -> float:
    """Seconds until the first token."""
    body = {
        "model": model,
        "stream": True,
        "max_tokens": N_TOKENS,
        "messages": [{"role": "user", "content": "Say what main() does."}],
    }
    began, first, n_pieces = time.perf_counter(), -1.0, 0
    async with client.stream("POST", "/v1/chat/completions", json=body) as answer:
        if answer.status_code != 200:
            raise RuntimeError(f"{answer.status_code}: {(await answer.aread())[:200]!r}")
        async for line in answer.aiter_lines():
            text = _content(line)
            if text and first < 0:
                first = time.perf_counter() - began
            n_pieces += bool(text)
    if n_pieces == 0:
        raise RuntimeError("the answer was empty")
    return first


def _content(line: str) -> str:
    if not line.startswith("data: {"):
        return ""
    choices = json.loads(line[6:]).get("choices") or [{}]
    return str(choices[0].get("delta", {}).get("content") or "")


if __name__ == "__main__":
    url, key, model, n_streams, at_once = sys.argv[1:]
    print(json.dumps(asyncio.run(_measure(url, key, model, int(n_streams), int(at_once)))))
