"""How the servers are: what is remembered of calls that were made, and what follows from it for the next.

A server that fails three times in a row rests: 5 seconds, then twice as long after each further failure, up to five
minutes. When the rest is over, one call or one check may try it; if that is answered it is well again.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from victor_server.agent.router.facts import ServerHealth
from victor_server.errors import BadResponse, ProviderAuth, ProviderError, ProviderUnavailable, RateLimited

FAILURES_BEFORE_REST = 3
SHORTEST_REST_S = 5.0
LONGEST_REST_S = 300.0
KEY_REST_S = 60.0
RATE_REST_S = 2.0
_WEIGHT = 0.3
_HALF_LIFE_S = 60.0
"""What was slow a while ago may be quick by now: half of a latency is forgotten in a minute without calls."""

Server = tuple[str, str]
"""The name of a profile and one of its addresses."""


@dataclass(slots=True)
class _Record:
    in_flight: int = 0
    failures: int = 0
    rests: int = 0
    rest_until: float = 0.0
    wait_until: float = 0.0
    told_to_wait: float = 0.0
    is_tried: bool = False
    latency_s: float = 0.0
    measured: float = 0.0
    why: str = ""


@dataclass(slots=True)
class Health:
    """The state of all servers. `clock` gives seconds that only grow, `random` numbers from 0 to 1."""

    clock: Callable[[], float]
    random: Callable[[], float]
    _records: dict[Server, _Record] = field(default_factory=dict)

    def standing(self, server: Server) -> ServerHealth:
        """How a server is now."""
        record, now = self._record(server), self.clock()
        url = server[1]
        if now < record.wait_until:
            wait_s = record.wait_until - now
            why = f"it asks to wait {_seconds(wait_s)} more"
            return ServerHealth(url, "closed", why, record.failures, wait_s=wait_s)
        load = (record.in_flight + 1) * max(self._latency_s(record, now), 0.001)
        if not record.rests:
            return ServerHealth(url, "ready", "", record.failures, load)
        if record.is_tried:
            return ServerHealth(url, "closed", f"{record.why}, and it is being tried again", record.failures)
        return ServerHealth(url, "troubled", record.why, record.failures, load)

    def is_due(self, server: Server) -> bool:
        """Whether a resting server may be tried again, and nobody does."""
        record, now = self._record(server), self.clock()
        return bool(record.rests) and not record.is_tried and now >= max(record.rest_until, record.wait_until)

    def begun(self, server: Server) -> None:
        """A call, or a check of a resting server, is on its way."""
        record = self._record(server)
        record.in_flight += 1
        record.is_tried = bool(record.rests)

    def ended(self, server: Server) -> None:
        """It is over, in whichever way."""
        record = self._record(server)
        record.in_flight = max(record.in_flight - 1, 0)
        record.is_tried = False

    def answered(self, server: Server, first_event_s: float | None) -> None:
        """It is there: the first words of a call came after so many seconds, or a check was answered (None).

        So it need not rest any more. What it failed before is forgotten only when a call has come to its end: a
        server that begins every answer and ends none is no better than one that is gone. And only a call that began
        after it asked to wait shows that it need not be waited for any longer.
        """
        record, now = self._record(server), self.clock()
        record.failures = min(record.failures, FAILURES_BEFORE_REST - 1)
        record.rests = 0
        record.rest_until = 0.0
        if first_event_s is not None and now - first_event_s > record.told_to_wait:
            record.wait_until = 0.0
        record.is_tried = False
        if first_event_s is not None:
            known_s = self._latency_s(record, now)
            record.latency_s = known_s + _WEIGHT * (first_event_s - known_s) if known_s else first_event_s
            record.measured = now

    def succeeded(self, server: Server) -> None:
        """A call that it answered came to its end."""
        self._record(server).failures = 0

    def failed(self, server: Server, error: ProviderError) -> None:
        """It did not answer, or broke off. What is no fault of the server's changes nothing."""
        record, now = self._record(server), self.clock()
        match error:
            case RateLimited():
                asked_s = RATE_REST_S if error.retry_after_s is None else error.retry_after_s
                record.wait_until = max(record.wait_until, now + min(max(asked_s, 0.0), LONGEST_REST_S))
                record.told_to_wait = now
            case ProviderAuth():
                record.why, record.rests = "it refused the key", max(record.rests, 1)
                record.rest_until = now + KEY_REST_S
            case ProviderUnavailable() | BadResponse():
                self._failed(record, now)

    def _failed(self, record: _Record, now: float) -> None:
        record.failures += 1
        if record.failures < FAILURES_BEFORE_REST:
            return
        record.rests += 1
        record.why = f"it failed {record.failures} times in a row"
        rest_s = min(SHORTEST_REST_S * 2.0 ** min(record.rests - 1, 10), LONGEST_REST_S)
        record.rest_until = now + rest_s * (0.9 + self.random() / 5)

    def _latency_s(self, record: _Record, now: float) -> float:
        return record.latency_s * math.exp2(-max(now - record.measured, 0.0) / _HALF_LIFE_S)

    def _record(self, server: Server) -> _Record:
        return self._records.setdefault(server, _Record())


def _seconds(seconds: float) -> str:
    whole = max(1, round(seconds))
    return f"{whole} second{'' if whole == 1 else 's'}"
