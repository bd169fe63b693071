"""Attaching: who gets in, what is answered, and how a connection ends."""

from pathlib import Path

import pytest
from team_backend import Closed, running_backend, team_settings

from victor_server.protocol import METHODS, CallEvents, CallStatus, WireEvent


async def test_an_answer_comes_in_events_and_then_its_status(tmp_path: Path) -> None:
    """What a model says arrives piece by piece, counted from 0, and the status is the answer to the request."""
    async with running_backend(tmp_path) as it:
        edge = await it.attach(await it.token("developer"))
        answer = await edge.request("call/start", call_id="call-0001", request=_request())
        status = CallStatus.model_validate(answer["result"])
        events = _events(edge.heard)
        assert (status.state, status.n_events) == ("done", len(events) - 1)  # `routed` is not of the model
        assert "".join(event.text for event in events if event.type == "text") == "Hello"
        assert (events[0].type, events[-1].type) == ("routed", "stopped")


async def test_a_token_that_is_none_is_refused_and_not_repeated(tmp_path: Path) -> None:
    """The edge hears a reason, the connection ends with 4401, and nothing of the token is said again."""
    async with running_backend(tmp_path) as it:
        edge = await it.greeted()
        edge.tell("auth", token="vk_default.abcdefgh.secretsecretsecret")
        told = await edge.notice("auth_invalid")
        assert told["kind"] == "unauthenticated"
        assert await edge.closed() == 4401
        assert "secretsecret" not in str(edge.heard)


async def test_whoever_says_nothing_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within the time limit somebody says who they are, or the socket ends with 4401."""
    monkeypatch.setattr("victor_server.team.connection.handshake.AUTH_TIME_LIMIT_S", 0.01)
    async with running_backend(tmp_path) as it:
        edge = it.socket()
        await edge.message()
        assert await edge.closed() == 4401


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"query": b"token=vk_x"}, 400),
        ({"query": b"anything"}, 400),
        ({"subprotocols": ()}, 400),
        ({"subprotocols": ("victor.v9",)}, 400),
        ({"headers": [(b"origin", b"https://evil.example")]}, 403),
        ({"path": "/v1/elsewhere"}, 404),
    ],
)
async def test_what_is_refused_before_it_is_a_websocket(
    tmp_path: Path, asked: dict[str, object], status: int
) -> None:
    """A token in the address, a page of another origin, another protocol: all get a plain HTTP answer."""
    async with running_backend(tmp_path) as it:
        edge = it.socket(**asked)  # type: ignore[arg-type]  # each row is right for one of them
        message = await edge.message()
        assert (message["type"], message["status"]) == ("websocket.http.response.start", status)
        await edge.ended()


async def test_a_declared_origin_gets_in(tmp_path: Path) -> None:
    """A browser's page that the configuration names may connect."""
    listen = team_settings(tmp_path).listen
    from dataclasses import replace

    settings = replace(listen, allowed_origins=("https://ide.example",))
    async with running_backend(tmp_path, listen=settings) as it:
        edge = it.socket(headers=[(b"origin", b"https://ide.example")])
        assert (await edge.message())["type"] == "websocket.accept"


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x00\x01", 4400),
        ("{", 4400),
        ("[]", 4400),
        ('{"jsonrpc":"2.0"}', 4400),
        ('{"jsonrpc":"2.0","id":"1","method":"team/whoami"}', 4400),
        ('{"jsonrpc":"2.0","id":0,"method":"team/whoami"}', 4400),
        ('{"jsonrpc":"2.0","id":1.5,"method":"team/whoami"}', 4400),
        ('{"jsonrpc":"2.0","method":"credit","params":{"frames":-1}}', 4400),
        ('{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":NaN}}', 4400),
        ('{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":"\\ud800"}}', 4400),
        ("[" * 100_000, 4400),
        ('{"jsonrpc":"2.0","method":"auth","params":{"token":"' + "x" * 4_100_000 + '"}}', 1009),
    ],
)
async def test_what_is_no_frame_ends_the_connection(tmp_path: Path, frame: str | bytes, code: int) -> None:
    """After a frame that is none nothing can be trusted: the code says what was wrong, and another edge goes on."""
    async with running_backend(tmp_path) as it:
        token = await it.token("developer")
        edge, other = await it.attach(token), await it.attach(token)
        edge.raw(frame)
        assert await edge.closed() == code
        assert (await other.request("team/whoami"))["result"]["subject"] == "developer"


async def test_ids_must_rise(tmp_path: Path) -> None:
    """The same id twice could be two requests or one: nobody could say what an answer belongs to."""
    async with running_backend(tmp_path) as it:
        edge = await it.attach(await it.token("developer"))
        await edge.request("team/whoami")
        edge.last_id = 0
        edge.ask("team/whoami")
        assert await edge.closed() == 4400


async def test_an_error_has_a_kind_and_a_fix(tmp_path: Path) -> None:
    """A method that is not there, one that is not allowed and params that are wrong are answers, not ends."""
    async with running_backend(tmp_path) as it:
        edge = await it.attach(await it.token("readonly"))
        asked = [("no/such", {}), ("call/start", {}), ("calls/mine", {"limit": "many"})]
        errors = [(await edge.request(method, **params))["error"] for method, params in asked]
        assert [error["data"]["kind"] for error in errors] == ["not_found", "forbidden", "usage"]
        assert all(error["message"] and error["data"]["fix"] for error in errors)
        assert (await edge.request("team/whoami"))["result"]["role"] == "readonly"


async def test_every_method_of_the_protocol_is_answered(tmp_path: Path) -> None:
    """No method of the table is without a handler: each gives a result or an error of ours, never a bug."""
    async with running_backend(tmp_path) as it:
        edge = await it.attach(it.operator)
        for name in METHODS:
            answer = await edge.request(name)
            kind = answer.get("error", {}).get("data", {}).get("kind", "")
            assert kind != "bug", name


async def test_a_call_that_is_cancelled_ends_as_cancelled(tmp_path: Path) -> None:
    """Both who asked and who cancels hear what became of the call."""
    from team_backend import scripted

    slow = scripted(tmp_path, [{"text": "once"}, {"sleep_ms": 3_600_000}, {"text": "never"}])
    async with running_backend(tmp_path, models=(slow,)) as it:
        edge = await it.attach(await it.token("developer"))
        started = edge.ask("call/start", call_id="call-0001", request=_request())
        while not any(event.type == "text" for event in _events(edge.heard)):
            await edge.frame()
        cancelled = edge.ask("call/cancel", call_id="call-0001")
        assert (await edge.answer(started))["result"]["state"] == "cancelled"
        assert (await edge.answer(cancelled))["result"]["state"] == "cancelled"


async def test_too_many_frames_a_second_end_the_connection(tmp_path: Path) -> None:
    """An edge that floods is closed with 4429."""
    from dataclasses import replace

    limits = replace(team_settings(tmp_path).limits, frames_per_second=5)
    async with running_backend(tmp_path, limits=limits) as it:
        edge = await it.attach(await it.token("developer"))
        for _ in range(50):
            edge.tell("heartbeat")
        assert await edge.closed() == 4429


async def test_an_edge_says_anew_who_it_is(tmp_path: Path) -> None:
    """A newer token of the same person goes on with the session; one of somebody else ends it."""
    async with running_backend(tmp_path) as it:
        first, newer = await it.token("developer"), await it.token("developer")
        other = await it.token("readonly")
        edge = await it.attach(first)
        edge.tell("auth", token=newer)
        assert (await edge.notice("auth_ok"))["session"] == edge.auth_ok["session"]
        edge.tell("auth", token=other)
        with pytest.raises(Closed) as closed:
            await edge.notice("never")
        assert closed.value.code == 4401


def _request(text: str = "Hi") -> dict[str, object]:
    return {
        "messages": [{"role": "user", "parts": [{"type": "text", "text": text}]}],
        "max_output_tokens": 100,
    }


def _events(heard: list[dict[str, object]]) -> list[WireEvent]:
    told = [
        CallEvents.model_validate(each["params"]) for each in heard if each.get("method") == "call/events"
    ]
    n_events = 0
    for events in told:
        assert events.n == n_events
        n_events += len(events.events)
    return [event for events in told for event in events.events]
