"""A real model server behind the gateway: llama.cpp, asked over HTTP and by an attached edge."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from model_server import ModelServer, model_server
from team_backend import RunningBackend, running_backend

from victor_server.team.configuration.resolved import ModelSettings

_BUDGET = {"scope": "tenant", "subject": "", "period": "day", "unit": "tokens", "limit": 100_000}


@pytest.fixture(scope="module")
def llama() -> Iterator[ModelServer]:
    """The server."""
    with model_server() as server:
        yield server


def _model(llama: ModelServer) -> ModelSettings:
    return ModelSettings(
        "small",
        "openai-compatible",
        llama.model,
        (llama.base_url,),
        api_key=llama.key,
        context_tokens=4_096,
        max_output_tokens=64,
        input_usd=1.0,
        output_usd=2.0,
    )


@pytest.mark.e2e
async def test_what_it_wrote_is_what_is_charged(tmp_path: Path, llama: ModelServer) -> None:
    """Streamed over HTTP and over the socket: the tokens that the server counts are told, and stand in the budget."""
    async with running_backend(tmp_path, models=(_model(llama),)) as it:
        await it.rpc("budgets/set", _BUDGET)
        over_http = await _over_http(it, await it.token("developer", "ann"))
        over_socket = await _over_socket(it, await it.token("developer", "bob"))
        (budget,) = (await it.rpc("budgets/list"))["budgets"]
        lines = (await it.rpc("usage/report", {"since": "2020-01-01", "until": "2100-01-01"}))["lines"]
    assert budget["used"] == over_http + over_socket
    assert budget["reserved"] == 0
    assert sum(each["input_tokens"] + each["output_tokens"] for each in lines) == over_http + over_socket


async def _over_http(it: RunningBackend, token: str) -> int:
    asked = {
        "model": "small",
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 16,
        "messages": [{"role": "user", "content": "Tell me a story."}],
    }
    answer: httpx2.Response = await it.http.post(
        "/v1/chat/completions", json=asked, headers={"authorization": f"Bearer {token}"}, timeout=60
    )
    assert answer.status_code == 200, answer.text
    *chunks, end = [line.removeprefix("data: ") for line in answer.text.split("\n") if line]
    assert end == "[DONE]"
    documents = [json.loads(chunk) for chunk in chunks]
    assert sum(bool(each["choices"] and each["choices"][0]["delta"].get("content")) for each in documents) > 1
    used = documents[-1]["usage"]
    assert used["completion_tokens"] == 16
    return int(used["prompt_tokens"]) + 16


async def _over_socket(it: RunningBackend, token: str) -> int:
    edge = await it.attach(token)
    message = {"role": "user", "parts": [{"type": "text", "text": "Tell me a story."}]}
    asked = {"model": "small", "messages": [message], "max_output_tokens": 16}
    answer = await edge.request("call/start", call_id="call-0001", request=asked)
    status = answer["result"]
    assert status["state"] == "done"
    assert status["output_tokens"] == 16
    return int(status["input_tokens"]) + 16
