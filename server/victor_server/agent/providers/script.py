"""Reads a script of model replies: one reply a line, in JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast, get_args

from victor_server.agent.events import StopReason
from victor_server.errors import (
    BadResponse,
    ContextTooLong,
    ProviderAuth,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    Refused,
    Rejected,
)

MAX_SCRIPT_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a reply. `sleep_ms` is waited before it; one of the others is set, or none for a pause alone."""

    sleep_ms: float = 0
    text: str | None = field(default=None, repr=False)
    thinking: str = field(default="", repr=False)
    tool: tuple[str, Mapping[str, Any]] | None = None
    error: str = ""
    retry_after_s: float | None = None
    usage: tuple[int, int] | None = None
    stop: StopReason | None = None


Reply = tuple[Step, ...]

ERRORS: Mapping[str, type[ProviderError]] = {
    error.kind: error
    for error in (
        ProviderUnavailable,
        RateLimited,
        ContextTooLong,
        Refused,
        Rejected,
        ProviderAuth,
        BadResponse,
    )
}
"""What `{"error": KIND}` may say."""


def read_script(file: Path) -> tuple[Reply, ...]:
    """Return all replies of a script. A line that only sleeps belongs to the reply behind it.

    Raises BadResponse that names file and line where it is no script, and ProviderUnavailable where it cannot be read.
    """
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_SCRIPT_BYTES + 1)
    except OSError as error:
        problem = error.strerror or "cannot be read"
        raise ProviderUnavailable(f"The script {file} cannot be read: {problem}.") from None
    if len(data) > MAX_SCRIPT_BYTES:
        raise BadResponse(f"The script {file} is larger than {MAX_SCRIPT_BYTES >> 20} MB.")
    replies: list[Reply] = []
    pause: Reply = ()
    for number, line in enumerate(data.splitlines(), 1):
        if line.strip():
            reply = _reply(line, f"{file}, line {number}")
            pause += reply
            if any(step != Step(step.sleep_ms) for step in reply):
                replies.append(pause)
                pause = ()
    return tuple(replies)


def _reply(line: bytes, place: str) -> Reply:
    try:
        value = json.loads(line)
        steps = value if isinstance(value, list) else [value]
        if not steps:
            raise ValueError("an empty reply")
        return tuple(_step(step) for step in steps)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        fix = 'A line is {"text": …}, {"tool": {"name", "arguments"}}, {"error": KIND} or a list of them.'
        raise BadResponse(f"{place}: this is no reply ({type(error).__name__}: {error}).", fix) from None


def _step(value: Any) -> Step:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    if unknown := value.keys() - Step.__dataclass_fields__.keys():
        raise KeyError(f"unknown: {', '.join(sorted(unknown))}")
    return Step(
        sleep_ms=_number(value.get("sleep_ms", 0)),
        text=_text(value["text"]) if "text" in value else None,
        thinking=_text(value.get("thinking", "")),
        tool=_tool(value["tool"]) if "tool" in value else None,
        error=_one_of(value.get("error", ""), {"", *ERRORS}),
        retry_after_s=_number(value["retry_after_s"]) if "retry_after_s" in value else None,
        usage=_usage(value["usage"]) if "usage" in value else None,
        stop=cast("StopReason | None", _one_of(value["stop"], set(get_args(StopReason))))
        if "stop" in value
        else None,
    )


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 86_400_000:
        raise ValueError(f"not a number of milliseconds or seconds: {value!r}")
    return float(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("text is a string")
    return value


def _one_of(value: Any, allowed: set[str]) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"not one of {', '.join(sorted(allowed - {''}))}")
    return value


def _tool(value: Any) -> tuple[str, Mapping[str, Any]]:
    arguments = value.get("arguments", {})
    if not isinstance(arguments, dict):
        raise TypeError("arguments are an object")
    return _text(value["name"]), arguments


def _usage(value: Any) -> tuple[int, int]:
    return int(_number(value["input_tokens"])), int(_number(value["output_tokens"]))
