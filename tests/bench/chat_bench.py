"""What the whole way of a chat adds to a model's answer: from the server's tokens to the updates an editor reads."""

import asyncio
import json
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import openai
import psutil
from bench.figures import Figure
from bench.model_bench import MAX_ADDED_CPU_MS, MAX_ADDED_MS, token_server
from editor import CAPABILITIES, Editor

_TOKENS = {"fast": 4_000, "paced": 300}
_ROUNDS = {"fast": 5, "paced": 3}
_N_FIRST = 15
_CHATS = {**CAPABILITIES, "experimental": {"victor": {"version": 1, "chat": True}}}


def measure(scratch: Path) -> list[Figure]:
    """`victor lsp` and the bare openai client ask the same server: at full speed, and at 60 tokens a second."""
    root, home = scratch / "root", scratch / "home"
    for folder in (root, home):
        folder.mkdir(parents=True)
    (root / "a.py").write_text("def area(width, height):\n    return width * height\n", encoding="utf-8")
    with token_server() as url:
        profiles = {
            name: {"provider": "vllm", "model": name, "base_url": url, "max_output_tokens": n_tokens}
            for name, n_tokens in {**_TOKENS, "short": 5}.items()
        }
        home.joinpath("profiles.yaml").write_text(json.dumps({"profiles": profiles}), encoding="utf-8")
        with Editor(root, home=home, capabilities=_CHATS) as editor:
            _ask(editor, "short")  # loads what is loaded once
            firsts = [_ask(editor, "short").first_ms for _ in range(_N_FIRST)]
            figures = [_cpu(editor, url, name) for name in _TOKENS]
    added = Figure(
        "chat: server's first token to editor's first update", statistics.median(firsts), "ms", MAX_ADDED_MS
    )
    return [added, *figures]


def _cpu(editor: Editor, url: str, model: str) -> Figure:
    """Both at the same time: what a wake-up costs depends on what else the machine does.

    At the pace of a real model nearly all of it is waking up, for the bare client too: what Victor adds to that is shown
    without a bound.
    """
    pairs = []
    with ThreadPoolExecutor(1) as beside:
        for _ in range(_ROUNDS[model]):
            bare_cpu_ms = beside.submit(lambda: asyncio.run(_bare_cpu_ms(url, model)))
            pairs.append((_ask(editor, model).cpu_ms, bare_cpu_ms.result()))
    ours, bare = (statistics.median(each) / _TOKENS[model] for each in zip(*pairs, strict=True))
    name = {"fast": "at full speed", "paced": "at 60 tokens a second"}[model]
    return Figure(
        f"chat: CPU added to each token {name}",
        ours - bare,
        "ms",
        MAX_ADDED_CPU_MS if model == "fast" else None,
        f"bare openai client {bare:.3g} ms",
    )


class _ask:  # noqa: N801 reads as the verb that it is: one question, and what its answer took
    def __init__(self, editor: Editor, profile: str) -> None:
        chat = editor.request("victor/chat/new", {})["sessionId"]
        prompt = [{"type": "text", "text": "What does this do?"}]
        editor.traffic.clear()
        end = editor.ask("victor/chat/prompt", {"sessionId": chat, "prompt": prompt, "profile": profile})
        first = editor.wait_until(lambda: _first_text(editor))
        self.first_ms = (time.perf_counter() - float(first.split()[0])) * 1e3
        before = _cpu_s(editor)
        end.result(timeout=120)
        self.cpu_ms = (_cpu_s(editor) - before) * 1e3


def _first_text(editor: Editor) -> Any:
    """The server's first token is the moment at which it was written, on the system's clock."""
    texts = (each["update"].get("content") for each in editor.received("victor/chat/update"))
    return next((text["text"] for text in texts if text), None)


def _cpu_s(editor: Editor) -> float:
    times = psutil.Process(editor.process.pid).cpu_times()
    return times.user + times.system


async def _bare_cpu_ms(url: str, model: str) -> float:
    http = httpx2.AsyncClient(trust_env=False)
    async with openai.AsyncOpenAI(api_key="unused", base_url=url, max_retries=0, http_client=http) as client:
        chunks = await client.chat.completions.create(
            model=model,
            messages=[{"role": "user", "content": "hello"}],
            max_tokens=_TOKENS[model],
            stream=True,
        )
        await anext(aiter(chunks))
        before = time.thread_time()
        assert len([chunk async for chunk in chunks]) >= _TOKENS[model]
        return (time.thread_time() - before) * 1e3
