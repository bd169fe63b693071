"""What a call is charged for when servers fail, whom it asks instead, and that no budget is passed by what they count."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from gateways import Running, add_tenant, asked, principal, running_gateway, text_of
from raw_server import Answer, RawServer, always, raw_server, response, sse, stream_head

from victor_server.protocol import CallStatus
from victor_server.team.configuration.resolved import ModelSettings
from victor_server.team.gateway.servers import Servers
from victor_server.team.store.database import Database

KEY = "sk-" + "a1B2c3D4" * 4
NOWHERE = "http://127.0.0.1:9/v1"


def _chunk(text: str | None = None, **more: object) -> dict[str, object]:
    delta = {"content": text} if text is not None else {}
    return {"id": "1", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta} | more]}


def _answers(*texts: str, n_input: int = 9, n_output: int = 3) -> bytes:
    ended = _chunk(finish_reason="stop") | {
        "usage": {
            "prompt_tokens": n_input,
            "completion_tokens": n_output,
            "total_tokens": n_input + n_output,
        }
    }
    return stream_head() + sse(*map(_chunk, texts), ended, "[DONE]")


@asynccontextmanager
async def asking(
    database: Database, home: Path, *answers: Answer, urls: tuple[str, ...] = ()
) -> AsyncIterator[tuple[Running, list[RawServer]]]:
    """A gateway with one model of these servers, which are asked in this order as long as all are alike."""
    await add_tenant(database)
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(raw_server(answer)) for answer in answers]
        model = ModelSettings(
            "demo",
            "openai-compatible",
            "m",
            (*urls, *(f"{server.url}/v1" for server in servers)),
            api_key=KEY,
            input_usd=1.0,
            output_usd=10.0,
        )
        remembered = Servers(chance=lambda: 0.0)
        it = await stack.enter_async_context(running_gateway(database, home, model, servers=remembered))
        yield it, servers


@pytest.mark.parametrize(
    ("answer", "is_charged"),
    [
        (always(b""), True),
        (always(stream_head()), True),
        (always(response(500, {"error": {"message": "oh"}})), True),
        (always(response(504, "gone")), True),
        (always(response(200, "<html>", content_type="text/html")), True),
        (always(response(503, {"error": {"message": "full"}})), False),
        (always(response(401, {"error": {"message": "no"}})), False),
        (always(response(404, {"error": {"message": "no"}})), False),
        (always(response(400, {"error": {"message": "no"}})), False),
        (always(response(429, {"error": {"message": "no"}}, retry_after="60")), False),
    ],
)
async def test_what_may_have_been_worked_on_is_charged(
    sqlite_database: Database, tmp_path: Path, answer: Answer, is_charged: bool
) -> None:
    """Each attempt that a server took, and none that it turned away; nothing stays set aside."""
    async with asking(sqlite_database, tmp_path, answer) as (it, servers):
        status = await it.ended(principal(), asked())
        assert status.state == "failed"
        n_input = (await it.in_use())[0]["used_tokens"]
        assert status.input_tokens == n_input
        assert bool(status.cost_nano) is is_charged
        assert (n_input > 0) is is_charged
        assert servers[0].requests
        if is_charged:
            assert n_input % len(servers[0].requests) == 0
        assert all(row["reserved_tokens"] == row["reserved_nano"] == 0 for row in await it.in_use())


async def test_what_never_reached_a_server_is_free(sqlite_database: Database, tmp_path: Path) -> None:
    """Nobody listens there."""
    async with asking(sqlite_database, tmp_path, urls=(NOWHERE,)) as (it, _):
        status = await it.ended(principal(), asked())
        assert (status.state, status.input_tokens, status.cost_nano) == ("failed", 0, 0)


async def test_another_server_answers_and_both_are_charged(database: Database, tmp_path: Path) -> None:
    """The first took the request and broke off without a word; that counts, and the next has a reservation of its own."""
    async with asking(database, tmp_path, always(b""), always(_answers("hi"))) as (it, servers):
        told = await it.told(principal(), asked())
        assert text_of(told) == "hi"
        status = told[-1]
        assert isinstance(status, CallStatus)
        assert status.input_tokens > 9
        assert [len(server.requests) for server in servers] == [1, 1]
        for row in await it.in_use():
            assert row["used_tokens"] == status.input_tokens + status.output_tokens
            assert row["reserved_tokens"] == row["reserved_nano"] == 0


async def test_another_server_needs_a_budget_of_its_own(sqlite_database: Database, tmp_path: Path) -> None:
    """Where the budget holds one attempt alone, the first failure is what the caller is told."""
    async with asking(sqlite_database, tmp_path, always(b""), always(_answers("hi"))) as (it, servers):
        await it.budget("tenant", "", "tokens", 250)
        status = await it.ended(principal(), asked())
        assert (status.state, status.error) == ("failed", "provider_unavailable")
        assert not servers[1].requests
        assert 0 < (await it.in_use())[0]["used_tokens"] <= 250


async def test_a_server_in_trouble_is_asked_last(sqlite_database: Database, tmp_path: Path) -> None:
    """What failed is remembered: the next call goes to the one that answers."""
    failing = always(response(503, {"error": {"message": "full"}}))
    async with asking(sqlite_database, tmp_path, failing, always(_answers("hi"))) as (it, servers):
        for number in range(4):
            assert text_of(await it.told(principal(), asked(call_id=f"call-{number:04}"))) == "hi"
        assert [len(server.requests) for server in servers] == [1, 4]


async def test_a_server_that_asks_for_a_moment_is_waited_for(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """429 with Retry-After, and overloaded; for longer the caller is told."""
    replies = [
        response(429, {"error": {"message": "no"}}, retry_after="0"),
        response(529, {"error": {"message": "no"}}, retry_after="0"),
        _answers("hi"),
    ]

    async def answer(_: object, writer: object) -> None:
        writer.write(replies.pop(0))  # type: ignore[attr-defined]
        await writer.drain()  # type: ignore[attr-defined]

    async with asking(sqlite_database, tmp_path, answer) as (it, servers):
        assert text_of(await it.told(principal(), asked())) == "hi"
        assert len(servers[0].requests) == 3
        assert (await it.in_use())[0]["used_tokens"] == 12


async def test_numbers_that_cannot_be_are_not_charged(database: Database, tmp_path: Path) -> None:
    """A server that counts more than what was set aside passes no budget; what is charged is all that was set aside."""
    answer = always(_answers("hi", n_input=10**6, n_output=10**6))
    async with asking(database, tmp_path, answer) as (it, _):
        await it.budget("tenant", "", "tokens", 400)
        await it.told(principal(), asked())
        used = next(row for row in await it.in_use() if row["scope"] == "tenant")
        assert 100 < used["used_tokens"] <= 400


async def test_a_server_that_writes_on_passes_no_budget(sqlite_database: Database, tmp_path: Path) -> None:
    """It is ended; more than it was allowed to write is not charged."""
    answer = always(stream_head() + sse(*[_chunk("word " * 100) for _ in range(20)], "[DONE]"))
    async with asking(sqlite_database, tmp_path, answer) as (it, _):
        await it.budget("tenant", "", "tokens", 400)
        await it.told(principal(), asked())
        assert 100 <= (await it.in_use())[0]["used_tokens"] <= 400


async def test_a_provider_that_repeats_its_key_tells_it_to_nobody(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """In text and in a tool's arguments, also cut into pieces."""
    tool = {
        "tool_calls": [
            {"index": 0, "id": "c", "function": {"name": "t", "arguments": json.dumps({"key": KEY})}}
        ]
    }
    chunks = [_chunk(f"your key: {KEY[:9]}"), _chunk(KEY[9:]), _chunk(KEY[:5]), _chunk("!")]
    called: dict[str, object] = _chunk() | {"choices": [{"index": 0, "delta": tool}]}
    answer = always(stream_head() + sse(*chunks, called, _chunk(finish_reason="tool_calls"), "[DONE]"))
    async with asking(sqlite_database, tmp_path, answer) as (it, _):
        told = await it.told(principal(), asked(tools=("t",)))
        assert KEY not in text_of(told)
        assert text_of(told).startswith("your key: [")
        assert text_of(told).endswith(f"{KEY[:5]}!")
        assert KEY not in repr(told)


async def test_a_trace_goes_on_at_the_provider(sqlite_database: Database, tmp_path: Path) -> None:
    """The request carries the trace of whoever asked, also where nothing is recorded here; without one it has none."""
    parent = f"00-{'a' * 31}1-{'b' * 15}2-01"
    async with asking(sqlite_database, tmp_path, always(_answers("hi"))) as (it, servers):
        start = asked().model_copy(update={"traceparent": parent})
        await it.told(principal(), start)
        await it.told(principal(), asked(call_id="call-0002"))
        told = [request.headers.get("traceparent", "") for request in servers[0].requests]
    assert told == [parent, ""]


async def test_what_a_call_was_is_in_the_metrics(sqlite_database: Database, tmp_path: Path) -> None:
    """Tokens, cost and state, as the provider counted them."""
    async with asking(sqlite_database, tmp_path, always(_answers("hi"))) as (it, _):
        await it.ended(principal(), asked())
        told = it.metrics.render().decode()
    tokens = [line for line in told.splitlines() if line.startswith("victor_tokens_used_total{")]
    assert {"9.0", "3.0"} <= {line.rsplit(" ", 1)[1] for line in tokens}
    cost = [line for line in told.splitlines() if line.startswith("victor_estimated_cost_usd")]
    assert any(float(line.rsplit(" ", 1)[1]) > 0 for line in cost)
