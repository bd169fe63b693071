"""What is remembered of servers: rests, tries, waits, latency and load, all by a clock that the test holds."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.agent.router.backoff import LONGEST_WAIT_S, retry_wait_s
from victor_server.agent.router.health import LONGEST_REST_S, Health, Server
from victor_server.errors import (
    BadResponse,
    ContextTooLong,
    NotThere,
    ProviderAuth,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    Refused,
    Rejected,
    ServerSilent,
)

ONE: Server = ("default", "http://localhost:1")
TWO: Server = ("default", "http://localhost:2")
GONE = ProviderUnavailable("gone")


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def fail(health: Health, server: Server, error: ProviderError, times: int = 1) -> None:
    """So many calls that fail."""
    for _ in range(times):
        health.begun(server)
        health.failed(server, error)
        health.ended(server)


def test_three_failures_in_a_row() -> None:
    """A server rests after the third; a whole answer in between begins the count anew."""
    clock = Clock()
    health = Health(clock, lambda: 0.5)
    fail(health, ONE, GONE, 2)
    health.answered(ONE, 0.1)
    health.succeeded(ONE)
    fail(health, ONE, GONE, 2)
    assert health.standing(ONE).state == "ready"
    assert not health.is_due(ONE)
    fail(health, ONE, BadResponse("what?"))
    found = health.standing(ONE)
    assert (found.state, found.why, found.failures) == ("troubled", "it failed 3 times in a row", 3)
    assert health.standing(TWO).state == "ready"


def test_one_tries_after_the_rest() -> None:
    """When the rest is over one may try, alone; a failure doubles the rest, an answer makes it well."""
    clock = Clock()
    health = Health(clock, lambda: 0.5)
    fail(health, ONE, GONE, 3)
    for rest_s in (5, 10, 20):
        clock.now += rest_s - 0.01
        assert not health.is_due(ONE)
        clock.now += 0.02
        assert health.is_due(ONE)
        health.begun(ONE)
        assert not health.is_due(ONE)
        assert health.standing(ONE).state == "closed"
        assert health.standing(ONE).why.endswith("and it is being tried again")
        health.failed(ONE, GONE)
        health.ended(ONE)
    clock.now += 40
    health.begun(ONE)
    health.answered(ONE, None)
    health.ended(ONE)
    assert health.standing(ONE).state == "ready"


def test_answers_that_break_off() -> None:
    """A server that begins every answer and ends none rests all the same, and again after its next try."""
    clock = Clock()
    health = Health(clock, lambda: 0.5)
    for _ in range(3):
        assert health.standing(ONE).state == "ready"
        health.answered(ONE, 0.1)
        fail(health, ONE, GONE)
    assert health.standing(ONE).state == "troubled"
    clock.now += 6
    health.answered(ONE, None)
    assert health.standing(ONE).state == "ready"
    fail(health, ONE, GONE)
    assert health.standing(ONE).state == "troubled"


def test_a_try_that_is_cancelled() -> None:
    """Neither answered nor failed: the next one may try."""
    clock = Clock()
    health = Health(clock, lambda: 0.5)
    fail(health, ONE, GONE, 3)
    clock.now += 6
    health.begun(ONE)
    health.ended(ONE)
    assert health.is_due(ONE)


def test_what_the_server_asks_for_is_kept_to() -> None:
    """While it asks to wait nobody asks it; then it is well again, without a try."""
    clock = Clock()
    health = Health(clock, lambda: 0.5)
    fail(health, ONE, RateLimited("slowly", retry_after_s=12))
    fail(health, ONE, RateLimited("slowly", retry_after_s=1))
    assert health.standing(ONE).state == "closed"
    assert health.standing(ONE).why == "it asks to wait 12 seconds more"
    assert health.standing(ONE).wait_s == 12
    clock.now += 12
    assert health.standing(ONE).state == "ready"


def test_a_wait_outlasts_what_began_before_it() -> None:
    """Neither a call that was on its way already nor a check, which costs the server nothing, ends the wait."""
    clock = Clock()
    health = Health(clock, lambda: 0.5)
    clock.now += 10
    fail(health, ONE, RateLimited("slowly", retry_after_s=20))
    clock.now += 1
    health.answered(ONE, 5.0)
    health.answered(ONE, None)
    assert health.standing(ONE).state == "closed"
    health.answered(ONE, 0.5)
    assert health.standing(ONE).state == "ready"


def test_faults_that_are_not_the_servers() -> None:
    """A request that is too long, or one that is declined, says nothing about the server; a wrong key does."""
    health = Health(Clock(), lambda: 0.5)
    fail(health, ONE, ContextTooLong("long"), 5)
    fail(health, ONE, Refused("no"), 5)
    fail(health, ONE, Rejected("no"), 5)
    assert health.standing(ONE).state == "ready"
    fail(health, ONE, ProviderAuth("key"))
    assert (health.standing(ONE).state, health.standing(ONE).why) == ("troubled", "it refused the key")


@pytest.mark.parametrize(
    ("error", "times", "wait_s"),
    [
        (ProviderAuth("key"), 1, 60),
        (RateLimited("slowly"), 1, 2),
        (RateLimited("", retry_after_s=1e9), 1, 300),
        (GONE, 20, 300),
    ],
)
def test_how_long_it_is_left_alone(error: ProviderError, times: int, wait_s: float) -> None:
    """A refused key for a minute, an unsaid wait for two seconds, and nobody for longer than five minutes."""
    clock = Clock()
    health = Health(clock, lambda: 0.5)
    fail(health, ONE, error, times)
    clock.now += wait_s - 0.01
    assert health.standing(ONE).state != "ready"
    assert not health.is_due(ONE)
    clock.now += 0.02
    assert health.standing(ONE).state == "ready" or health.is_due(ONE)


def test_load_is_calls_times_latency() -> None:
    """The busier and the slower, the later its turn; what was slow is forgotten in time."""
    clock = Clock()
    health = Health(clock, lambda: 0.5)
    health.answered(ONE, 0.2)
    health.answered(TWO, 0.1)
    assert health.standing(ONE).load > health.standing(TWO).load
    health.begun(TWO)
    health.begun(TWO)
    assert health.standing(ONE).load < health.standing(TWO).load
    health.ended(TWO)
    health.ended(TWO)
    health.ended(TWO)
    assert health.standing(TWO).load == pytest.approx(0.1)
    health.begun(TWO)
    assert health.standing(TWO).load == pytest.approx(0.2)
    health.ended(TWO)
    before = health.standing(ONE).load
    health.answered(ONE, 1.2)
    assert health.standing(ONE).load == pytest.approx(before + 0.3)
    clock.now += 60
    assert health.standing(ONE).load == pytest.approx((before + 0.3) / 2)


@given(
    st.lists(
        st.sampled_from(["begun", "ended", "answered", "gone", "rate", "auth", "refused"])
        | st.floats(0, 1000),
        max_size=60,
    ),
    st.floats(0, 1),
)
@settings(deadline=None, max_examples=150)
def test_a_server_always_comes_back(events: list[str | float], chance: float) -> None:
    """Whatever happened, after the longest rest it may be asked again, and an answer makes it well."""
    clock = Clock()
    health = Health(clock, lambda: chance)
    for event in events:
        match event:
            case float():
                clock.now += event
            case "begun":
                health.begun(ONE)
            case "ended":
                health.ended(ONE)
            case "answered":
                health.answered(ONE, 0.1)
            case "gone":
                health.failed(ONE, GONE)
            case "rate":
                health.failed(ONE, RateLimited("slowly", retry_after_s=1e9))
            case "auth":
                health.failed(ONE, ProviderAuth("key"))
            case _:
                health.failed(ONE, Refused("no"))
        assert health.standing(ONE).load >= 0
    health.ended(ONE)
    clock.now += LONGEST_REST_S * 1.2
    assert health.standing(ONE).state == "ready" or health.is_due(ONE)
    health.answered(ONE, None)
    assert health.standing(ONE).state == "ready"


@pytest.mark.parametrize(
    ("error", "attempt", "shortest_s", "longest_s"),
    [
        (RateLimited("", retry_after_s=7), 1, 7, 7.7),
        (RateLimited("", retry_after_s=7), 5, 7, 7.7),
        (RateLimited("", retry_after_s=0), 1, 0, 0),
        (RateLimited("", retry_after_s=-5), 1, 0, 0),
        (RateLimited(""), 1, 0.5, 1),
        (RateLimited(""), 3, 2, 4),
        (GONE, 1, 0.25, 0.5),
        (GONE, 2, 0.5, 1),
        (BadResponse(""), 1, 0.25, 0.5),
    ],
)
def test_how_long_to_wait(error: ProviderError, attempt: int, shortest_s: float, longest_s: float) -> None:
    """What the server asks for is the least; otherwise twice as long each time, half of it chance."""
    assert retry_wait_s(error, attempt, lambda: 0.0) == pytest.approx(shortest_s)
    assert retry_wait_s(error, attempt, lambda: 1.0) == pytest.approx(longest_s)


@pytest.mark.parametrize(
    ("error", "attempt"),
    [
        (RateLimited("", retry_after_s=LONGEST_WAIT_S + 1), 1),
        (RateLimited("", retry_after_s=math.inf), 1),
        (RateLimited(""), 6),
        (GONE, 3),
        (ServerSilent(""), 1),
        (NotThere(""), 1),
        (BadResponse(""), 2),
        (ContextTooLong(""), 1),
        (Refused(""), 1),
        (Rejected(""), 1),
        (ProviderAuth(""), 1),
    ],
)
def test_when_to_give_up(error: ProviderError, attempt: int) -> None:
    """After some tries, where the wait is too long for a person, and where the next answer would be the same."""
    assert retry_wait_s(error, attempt, lambda: 0.5) is None
