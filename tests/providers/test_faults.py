"""Servers that answer wrongly, and the error that each fault becomes."""

import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from direct_connections import DirectConnections
from hypothesis import given, settings
from hypothesis import strategies as st
from providers_asked import answer_of, ask
from providers_errors import KEY, VENDORS
from providers_wires import Wire, every_wire, failure_of, served
from raw_server import always, raw_server, response

from victor_server.agent.providers.failures import Failure, error_of_failure, failure_of_body, retry_after_s
from victor_server.agent.providers.open import open_provider
from victor_server.agent.providers.server_address import ServerAddress
from victor_server.errors import (
    ProviderAuth,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
)
from victor_server.settings.profiles import Profile


@every_wire
@pytest.mark.parametrize(
    ("status", "body", "kind"), [row[1:] for row in VENDORS], ids=[row[0] for row in VENDORS]
)
async def test_a_status_becomes_its_error(
    wire: Wire, status: int, body: Any, kind: type[ProviderError]
) -> None:
    """Each vendor's own bytes, through each library, become the same error; the key is in none of it."""
    error = await failure_of(wire, always(response(status, body)))
    assert isinstance(error, kind)
    assert error.kind == kind.kind
    assert "127.0.0.1" in error.message
    assert KEY not in f"{error!r} {error.message} {error.fix}"


@every_wire
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (402, {"error": {"message": "Insufficient Balance"}}),
        (429, {"error": {"message": "You exceeded your current quota.", "code": "insufficient_quota"}}),
    ],
)
async def test_an_account_without_credit(wire: Wire, status: int, body: Any) -> None:
    """The key is right, and waiting does not help: what is missing is money."""
    error = await failure_of(wire, always(response(status, body)))
    assert type(error) is ProviderAuth
    assert "no credit" in error.message


@every_wire
async def test_a_rate_limit_says_how_long(wire: Wire) -> None:
    """Seconds, milliseconds, a date by the server's own clock; nothing sensible is None."""
    now = datetime(2031, 5, 4, 3, 2, 1, tzinfo=UTC)
    later = {
        "date": format_datetime(now, usegmt=True),
        "retry_after": format_datetime(now + timedelta(seconds=90), usegmt=True),
    }
    for headers, seconds in [
        ({"retry_after": "7"}, 7),
        ({"retry_after": "1.5"}, 1.5),
        ({"retry_after_ms": "250"}, 0.25),
        (later, 90),
        ({}, None),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "nan"}, None),
        ({"retry_after": "-5"}, 0),
        ({"retry_after": "1e300"}, 86_400),
    ]:
        error = await failure_of(wire, always(response(429, {"error": {"message": "slow down"}}, **headers)))
        assert isinstance(error, RateLimited)
        assert error.retry_after_s == seconds, headers


def test_a_delay_in_the_body_counts_too() -> None:
    """Google says it in the details of its error."""
    body = '[{"error": {"code": 429, "details": [{"@type": "RetryInfo", "retryDelay": "34.5s"}]}}]'
    assert retry_after_s({}, body) == 34.5


@every_wire
async def test_a_storm_of_limits_is_not_retried(wire: Wire) -> None:
    """The libraries repeat nothing by themselves: one call is one request."""
    async with served(wire, always(response(529, {"error": {"type": "overloaded_error"}}))) as (
        provider,
        server,
    ):
        for _ in range(3):
            with pytest.raises(RateLimited):
                await answer_of(provider, ask("x"))
    assert (
        len(
            [
                request
                for request in server.requests
                if request.path.endswith(("messages", "completions", "chat"))
            ]
        )
        == 3
    )


@every_wire
async def test_what_was_sent_is_not_quoted(wire: Wire) -> None:
    """A server's sentence is shown, but not where it repeats the request, and never across lines."""
    told = await failure_of(wire, always(response(400, {"error": {"message": "no such\x1b[2J\nparameter"}})))
    echoed = await failure_of(
        wire, always(response(400, {"error": {"message": "invalid: what is the airspeed of a swallow"}}))
    )
    assert told.message.endswith("It says: no such [2J parameter")
    assert "airspeed" not in echoed.message


@every_wire
async def test_nobody_listens(wire: Wire) -> None:
    """A server that is not there cannot be reached, and says what to do."""
    async with raw_server(always(b"")) as server:
        url = server.url
    provider = open_provider(
        Profile("cloud", wire.provider, "m", (url,), KEY), "", DirectConnections(), home=Path()
    )
    for call in (provider.check(), answer_of(provider, ask("x"))):
        with pytest.raises(ProviderUnavailable, match="cannot be reached") as caught:
            await call
        assert caught.value.fix
    await provider.close()


@every_wire
async def test_the_wire_holds_what_is_needed_and_no_more(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """No operating system, no versions, no headers or keys that variables of the environment would add."""
    other = "env" + "Key9" * 5
    for name in (
        "OPENAI_API_KEY",
        "ANTHROPIC_API_KEY",
        "OLLAMA_API_KEY",
        "OPENAI_ORG_ID",
        "ANTHROPIC_AUTH_TOKEN",
    ):
        monkeypatch.setenv(name, other)
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"X-Mine: {other}")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", f"X-Mine: {other}\nAuthorization: {other}")
    async with served(wire, always(response(500, {}))) as (provider, server):
        with pytest.raises(ProviderUnavailable):
            await answer_of(provider, ask("x"))
    for request in server.requests:
        assert request.headers["authorization"] == f"Bearer {KEY}"
        assert request.headers["user-agent"].startswith("victor/")
        assert other not in f"{request.headers} {request.body!r}"
        assert request.headers.keys() <= {
            "host", "accept", "accept-encoding", "connection", "content-type", "content-length", "user-agent",
            "authorization", "anthropic-version",
        }  # fmt: skip


@every_wire
async def test_a_redirect_takes_no_key_along(wire: Wire) -> None:
    """A server that sends us elsewhere is left; the other one is asked nothing."""
    async with raw_server(always(response(200, {}))) as other:
        moved = response(307, "", location=f"{other.url}/v1/messages")
        assert isinstance(await failure_of(wire, always(moved)), ProviderUnavailable)
    assert other.requests == []


@every_wire
async def test_the_key_is_in_no_log(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever the libraries write at the lowest level."""
    with caplog.at_level(logging.DEBUG):
        await failure_of(wire, always(response(401, {"error": {"message": f"bad {KEY}"}})))
        async with served(wire, always(b"")) as (provider, _):
            assert KEY not in repr(provider)
    assert caplog.records
    assert KEY not in caplog.text


@settings(deadline=None, max_examples=100)
@given(
    st.one_of(st.none(), st.integers(100, 999)),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["error", "type", "code", "message", "status", "detail"]), inner, max_size=4
            )
        ),
        max_leaves=10,
    ),
    st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms", "date"]), st.text(max_size=40)),
)
def test_any_error_body_becomes_an_error(status: int | None, body: Any, headers: dict[str, str]) -> None:
    """Of the tree, on one printable line, without the key; a wait is a number between none and a day."""
    server = ServerAddress("openai", "http://h/v1", "p", "m", 1, KEY)
    error = error_of_failure(failure_of_body(status, body, headers), server, ask("hello there, server"))
    assert isinstance(error, ProviderError)
    assert error.message.isprintable()
    if isinstance(error, RateLimited) and error.retry_after_s is not None:
        assert 0 <= error.retry_after_s <= 86_400


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60), st.integers(0, 24), st.integers(12, 24))
def test_no_part_of_the_key_is_quoted(around: str, start: int, length: int) -> None:
    """Not the whole, not twelve characters of it, wherever a server puts them."""
    server = ServerAddress("openai", "http://h/v1", "p", "m", 1, KEY)
    part = KEY[start : start + length]
    if len(part) >= 12:
        failure = Failure(400, (), f"{around}{part}{around}", None)
        assert part not in error_of_failure(failure, server, ask("x")).message
