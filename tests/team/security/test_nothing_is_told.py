"""Words that nobody else may know go through a whole backend; then all that it wrote down anywhere is looked through."""

import asyncio
import contextlib
import itertools
import json
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from raw_server import RawRequest, raw_server, response, sse, stream_head
from team_backend import RunningBackend, running_backend

from victor_server.team.configuration.resolved import ModelSettings
from victor_server.team.dispatch import HANDLERS
from victor_server.telemetry import tracing
from victor_server.telemetry.log_lines import start_log


class Words:
    """Made anew for each test. They look like no secret that is known by its form: nothing is masked by luck.

    None ends as a key begins: the end of an answer that may be a key's beginning comes apart from the rest.
    """

    def __init__(self) -> None:
        names = (
            "prompt",
            "answer",
            "thought",
            "arguments",
            "file",
            "operators-key",
            "tenants-key",
            "guess",
            "bug",
        )
        self.by_name = {name: f"canary-{name}-{secrets.token_hex(8)}." for name in names}

    def __getitem__(self, name: str) -> str:
        return self.by_name[name]

    def found_in(self, text: str | bytes) -> list[str]:
        """The names of those that stand in it."""
        data = text.encode() if isinstance(text, str) else text
        return [name for name, word in self.by_name.items() if word.encode() in data]


@pytest.fixture
def words() -> Words:
    return Words()


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """What would be sent to a collector."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    end = tracing.use(provider.get_tracer("victor"))
    yield exporter
    end()
    provider.shutdown()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    file = tmp_path / "log" / "team.log"
    end = start_log("DEBUG", "json", str(file))
    yield file
    end()


async def test_what_is_said_and_what_opens_doors_is_written_nowhere(
    tmp_path: Path,
    words: Words,
    spans: InMemorySpanExporter,
    log: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Neither in the log at DEBUG nor in errors, metrics, traces, `repr`, the store, or on the terminal."""
    home = tmp_path / "home"
    home.mkdir()
    async with _talking(home, words) as it:
        await _good(it, words)
        errors = await _bad(it, words, monkeypatch)
        metrics = (await it.http.get("/metrics")).text
        told = {
            "metrics": metrics,
            "errors": "".join(errors),
            "repr": repr(it.backend.settings) + repr(it.backend),
        }
    told |= _files(log.parent)
    told["traces"] = "".join(span.to_json() for span in spans.get_finished_spans())
    printed = capfd.readouterr()
    told["terminal"] = printed.out + printed.err
    told |= _files(home)
    assert "call/start" in told[log.name]
    assert "gateway" in told["traces"]
    assert {where: found for where, text in told.items() if (found := words.found_in(text))} == {}


def _files(home: Path) -> dict[str, str]:
    return {file.name: file.read_bytes().decode("latin-1") for file in home.rglob("*") if file.is_file()}


@contextlib.asynccontextmanager
async def _talking(home: Path, words: Words) -> AsyncIterator[RunningBackend]:
    """A backend with a model whose server answers in turn well, and in every way that repeats what it was sent."""
    echoes = itertools.cycle((_well, _refusing(401), _refusing(400), _refusing(500), _garbage))

    async def answer(request: RawRequest, writer: asyncio.StreamWriter) -> None:
        writer.write(next(echoes)(request, words))
        await writer.drain()

    async with raw_server(answer) as server:
        url = (f"{server.url}/v1",)
        model = ModelSettings("small", "openai-compatible", "m", url, api_key=words["operators-key"])
        async with running_backend(home, models=(model,)) as it:
            words.by_name["operator"] = it.operator.rpartition(".")[2]
            yield it


def _well(request: RawRequest, words: Words) -> bytes:
    call = {"index": 0, "id": "c", "function": {"name": "t", "arguments": f'{{"a":"{words["arguments"]}"}}'}}
    deltas = (
        {"content": words["answer"]},
        {"content": request.headers["authorization"]},
        {"reasoning_content": words["thought"]},
        {"tool_calls": [call]},
    )
    choices = [{"index": 0, "delta": delta} for delta in deltas]
    ended = {"index": 0, "delta": {}, "finish_reason": "stop"}
    return stream_head() + sse(*({"choices": [choice]} for choice in (*choices, ended)), "[DONE]")


def _refusing(status: int) -> Callable[[RawRequest, Words], bytes]:
    def answer(request: RawRequest, words: Words) -> bytes:
        said = f"{request.headers['authorization']} {request.body.decode()} {words['answer']}"
        return response(status, {"error": {"message": said, "type": said, "code": said}}, x_said=said)

    return answer


def _garbage(request: RawRequest, words: Words) -> bytes:
    return stream_head() + b"data: {" + words["answer"].encode() + request.body + b"\n\n"


async def _good(it: RunningBackend, words: Words) -> None:
    """A call over each door, a key, an event of an edge, a token."""
    token = await it.token("developer")
    words.by_name["developer"] = token.rpartition(".")[2]
    await it.rpc("keys/set", {"name": "main", "value": words["tenants-key"]})
    body = {
        "at_us": 1_700_000_000_000_000, "user": "me", "action": "edit_decided", "session_id": "s", "success": True,
        "files_accessed": [words["file"]],
    }  # fmt: skip
    await it.rpc(
        "events/deliver", {"install": "i", "events": [{"seq": 1, "kind": "audit", "body": body}]}, token
    )
    edge = await it.attach(token)
    parts = [{"type": "text", "text": words["prompt"]}]
    request = {"messages": [{"role": "user", "parts": parts}], "max_output_tokens": 9}
    states = []
    for number in range(5):
        start = {"call_id": f"call-000{number}", "request": request, "files": [words["file"]]}
        states.append((await edge.request("call/start", **start))["result"]["state"])
    assert set(states) == {"done", "failed"}
    heard = json.dumps(edge.heard)
    assert words["answer"] in heard
    assert words["operators-key"] not in heard
    headers = {"authorization": f"Bearer {token}"}
    messages = [{"role": "user", "content": words["prompt"]}]
    for path in ("/v1/chat/completions", "/v1/messages"):
        for stream in (False, True) * 3:
            asked = {"model": "small", "max_tokens": 9, "messages": messages, "stream": stream}
            await it.http.post(path, json=asked, headers=headers)
    await it.rpc("audit/search", {"decrypt": True})
    await it.rpc("usage/report")


async def _bad(it: RunningBackend, words: Words, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is wrong in every way, and a bug; all that was answered."""

    async def bug(*_: object) -> Any:
        raise RuntimeError(words["bug"])

    guess, good = words["guess"], {"authorization": f"Bearer {it.operator}"}
    told: list[httpx2.Response] = []
    for token in (guess, f"vk_default.abc.{guess}", f"eyJ{guess}.{guess}.{guess}"):
        told.append(await it.ask("team/whoami", {}, token))
        told.append(await it.http.get(f"/health?token={token}"))
        told.append(await it.http.post("/v1/messages", json={}, headers={"x-api-key": token}))
        told.append(await it.http.post("/v1/auth/refresh", data={"refresh_token": token}))
        edge = await it.greeted()
        edge.tell("auth", token=token)
        await edge.closed()
    wrong = (f'{{"value":"{guess}"', f'["{guess}"]', f'{{"name":"main","value":{{"{guess}":1}}}}')
    for content, path in itertools.product(
        wrong, ("/v1/rpc/keys/set", "/v1/chat/completions", "/v1/messages")
    ):
        told.append(await it.http.post(path, content=content.encode(), headers=good))
        assert told[-1].status_code == 400, told[-1].text
    monkeypatch.setitem(HANDLERS, "team/whoami", bug)
    edge = await it.attach(it.operator)
    heard = [await edge.request("team/whoami"), await edge.request("keys/set", name="main", value={guess: 1})]
    edge.raw(f"{{{guess}")
    await edge.closed()
    told.append(await it.ask("team/whoami", {}, it.operator))
    assert told[-1].status_code == 500
    return [*(f"{each.headers} {each.text}" for each in told), json.dumps(heard)]
