"""Turns what a backend says of a failure into the error of our tree that it stands for."""

from collections.abc import Mapping
from typing import Any

from victor_server.errors import (
    Forbidden,
    NotFound,
    RateLimited,
    TooMany,
    Unauthenticated,
    Unavailable,
    UsageError,
    VictorError,
)

MOST_RETRY_AFTER_S = 3_600.0
_MOST_WORDS = 500
_BY_STATUS: Mapping[int, type[VictorError]] = {
    400: UsageError,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    429: TooMany,
}


def error_of(kind: str, message: str, fix: str = "", retry_after_s: float | None = None) -> VictorError:
    """The error that `kind` names; one that is not known here is `Unavailable`. Its words come from outside."""
    return _made(_KINDS.get(kind, Unavailable), message, fix, retry_after_s)


def error_of_data(error: Mapping[str, Any]) -> VictorError:
    """The error of a JSON-RPC answer: `{"code", "message", "data": {"kind", "fix", "retry_after_s"}}`."""
    data = error.get("data")
    told = data if isinstance(data, Mapping) else {}
    return error_of(
        str(told.get("kind", "")), str(error.get("message", "")), str(told.get("fix", "")), _seconds(told)
    )


_BEHIND_A_PROXY = "The proxy before it may not reach it: try again, or ask whoever runs the backend."


def error_of_status(status: int, body: Any, retry_after_s: float | None) -> VictorError:
    """The error of an HTTP answer: `{"error": {"kind", "message", "fix"}}`, or the status alone where it is no such."""
    told = body.get("error") if isinstance(body, Mapping) else None
    if isinstance(told, Mapping) and told.get("kind") in _KINDS:
        return error_of(
            str(told["kind"]), str(told.get("message", "")), str(told.get("fix", "")), retry_after_s
        )
    make = _BY_STATUS.get(status, Unavailable)
    # A backend says more than a number: this was something else at its address, such as a proxy before it.
    fix = (
        _BEHIND_A_PROXY
        if status in (502, 503, 504)
        else "Check the address, or ask whoever runs the backend."
    )
    return _made(make, f"The team's backend answers with status {status}.", fix, retry_after_s)


def _made(make: type[VictorError], message: str, fix: str, retry_after_s: float | None) -> VictorError:
    words = one_line(message) or "The team's backend does not say what is wrong."
    if issubclass(make, TooMany | RateLimited):
        return make(words, one_line(fix), retry_after_s=retry_after_s)
    return make(words, one_line(fix))


def one_line(text: str) -> str:
    """Words from outside as one line of bounded length, without what a terminal would obey."""
    return "".join(char if char.isprintable() else " " for char in text[:_MOST_WORDS]).strip()


def _seconds(told: Mapping[str, Any]) -> float | None:
    value = told.get("retry_after_s")
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        return None
    return min(float(value), MOST_RETRY_AFTER_S)


def _kinds(make: type[VictorError]) -> dict[str, type[VictorError]]:
    """Every kind of the tree; a class that shares its parent's kind leaves it to the parent."""
    found: dict[str, type[VictorError]] = {}
    for child in make.__subclasses__():
        if child.__module__ == VictorError.__module__:
            found = {**_kinds(child), **found}
            if child.kind != make.kind:
                found[child.kind] = child
    return found


_KINDS = _kinds(VictorError)
