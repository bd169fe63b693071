"""Names each request, so that its answer and what the log says of it are found together."""

import contextlib
import logging
import secrets
from collections.abc import Iterator, Sequence

from victor_server.telemetry.log_lines import request_id
from victor_server.telemetry.tracing import trace_of

_log = logging.getLogger(__name__)


def name_of(traceparents: Sequence[str]) -> str:
    """The trace that a request says it is part of, else a name of our own.

    What a client calls its request otherwise is not taken: it could be anything, and the log would say it.
    """
    trace = trace_of(traceparents[0]) if len(traceparents) == 1 else ""
    return trace or secrets.token_hex(16)


@contextlib.contextmanager
def named(name: str) -> Iterator[None]:
    """Within this, lines of the log bear the name; tasks that begin in here keep it."""
    token = request_id.set(name)
    try:
        yield
    finally:
        request_id.reset(token)


@contextlib.contextmanager
def named_within(number: int) -> Iterator[None]:
    """The same for a request of an attached edge: its connection's name, which the edge was told, and its number there."""
    with named(f"{request_id.get()}.{number}"):
        yield


def name_by_trace(traceparent: str) -> None:
    """What this task works on is part of a trace: that names it from now on."""
    if trace := trace_of(traceparent):
        request_id.set(trace)


def tell_answered(route: str, status: int) -> None:
    """A line for each request: what failed on our side is told at once, the rest to those who look closely."""
    _log.log(logging.INFO if status >= 500 else logging.DEBUG, "%s: %d", route, status)
