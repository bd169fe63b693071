"""Each request has a name, which its answer bears and every line of the log that is written for it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from team_backend import Edge, RunningBackend, running_backend, scripted

from victor_server.team.app import make_metrics_app
from victor_server.team.dispatch import HANDLERS
from victor_server.telemetry.log_lines import request_id, start_log

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
REQUEST = {"messages": [{"role": "user", "parts": [{"type": "text", "text": "hi"}]}], "max_output_tokens": 9}


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """All that a backend says, as JSON in a file."""
    file = tmp_path / "log" / "team.log"
    end = start_log("DEBUG", "json", str(file))
    yield file
    end()


def names(log: Path, words: str) -> list[object]:
    """The names of the lines with these words."""
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return [line.get("request_id") for line in lines if words in line["message"]]


async def test_every_answer_bears_its_name(tmp_path: Path, log: Path) -> None:
    """Whatever was asked, also what is refused before it is read; no two have the same."""
    async with running_backend(tmp_path) as it:
        asked = (
            "/health",
            "/ready",
            "/metrics",
            "/v1/openapi.json",
            "/v1/auth/config",
            "/nothing",
            "/health?token=x",
        )
        told = [(await it.http.get(path)).headers.get_list("x-request-id") for path in asked]
        refused = await it.http.post("/v1/messages", json={})
        told.append(refused.headers.get_list("x-request-id"))
    assert all(len(each) == 1 for each in told)
    found = [each[0] for each in told]
    assert len(set(found)) == len(found)
    assert all(len(each) == 32 for each in found)
    answered = [name for name in names(log, ": ") if name in found]
    assert answered == found
    assert request_id.get() == ""


@pytest.mark.parametrize(
    ("traceparent", "is_one"),
    [
        (TRACEPARENT, True),
        (f"00-{'0' * 32}-00f067aa0ba902b7-01", False),
        (f"00-{TRACE}-{'0' * 16}-01", False),
        (f"ff-{TRACE}-00f067aa0ba902b7-01", False),
        ("a\tline of somebody else's", False),
        (TRACEPARENT + "0" * 200, False),
    ],
)
async def test_a_trace_names_its_requests(tmp_path: Path, traceparent: str, *, is_one: bool) -> None:
    """W3C's `traceparent`, if it is one; no other word of a client is taken."""
    async with running_backend(tmp_path) as it:
        headers = {"traceparent": traceparent, "x-request-id": "mine"}
        name = (await it.http.get("/health", headers=headers)).headers["x-request-id"]
    assert (name == TRACE) is is_one
    assert len(name) == 32


async def test_two_traceparents_name_nothing(tmp_path: Path) -> None:
    """Nobody could tell which one counts."""
    async with running_backend(tmp_path) as it:
        twice = [("traceparent", TRACEPARENT), ("traceparent", TRACEPARENT)]
        assert (await it.http.get("/health", headers=twice)).headers["x-request-id"] != TRACE


async def test_a_bug_over_http_is_found_by_its_name(
    tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the answer is called is what the log says of it: where it struck, and that it was answered so."""
    _break(monkeypatch)
    async with running_backend(tmp_path) as it:
        response = await it.ask("team/whoami", {}, it.operator)
    assert response.status_code == 500
    name = response.headers["x-request-id"]
    assert names(log, "a bug: ZeroDivisionError") == [name]
    assert names(log, "rpc: 500") == [name]


async def test_attached_requests_have_names(
    tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection's name stands in the answer to the handshake; each request adds its number, a traced call its trace."""
    _break(monkeypatch)
    async with running_backend(
        tmp_path, models=(scripted(tmp_path, ({"text": "x"},), ({"text": "y"},)),)
    ) as it:
        edge, name = await _attached(it)
        failed, refused = edge.ask("team/whoami"), edge.ask("no/such")
        calls = [edge.ask("call/start", call_id="call-0001", request=REQUEST)]
        calls.append(edge.ask("call/start", call_id="call-0002", request=REQUEST, traceparent=TRACEPARENT))
        for number in (failed, refused, *calls):
            await edge.answer(number)
    assert names(log, "a bug: ZeroDivisionError") == [f"{name}.{failed}"]
    assert names(log, "unknown: 404") == [f"{name}.{refused}"]
    assert sorted(map(str, names(log, "call/start: 200"))) == sorted([f"{name}.{calls[0]}", TRACE])


async def test_a_handshake_that_is_refused_has_a_name(tmp_path: Path) -> None:
    """As any answer."""
    async with running_backend(tmp_path) as it:
        for socket in (it.socket(query=b"x=1"), it.socket(path="/nothing")):
            assert len(_header(await socket.message())) == 32


async def test_a_scrape_has_a_name(tmp_path: Path) -> None:
    """On the port of its own, too."""
    async with running_backend(tmp_path) as it:
        sent: list[dict[str, Any]] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        scope = {"type": "http", "method": "GET", "path": "/metrics", "headers": [], "query_string": b""}
        await make_metrics_app(it.backend)(scope, receive, send)
        assert len(_header(sent[0])) == 32


def _break(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> Any:
        raise ZeroDivisionError

    monkeypatch.setitem(HANDLERS, "team/whoami", broken)


async def _attached(it: RunningBackend) -> tuple[Edge, str]:
    edge = it.socket()
    name = _header(await edge.message())
    await edge.notice("auth_required")
    edge.tell("auth", token=it.operator, credits=256)
    await edge.notice("auth_ok")
    return edge, name


def _header(message: dict[str, Any]) -> str:
    (name,) = (value.decode() for key, value in message["headers"] if key == b"x-request-id")
    return str(name)
