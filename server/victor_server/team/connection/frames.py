"""Reads the frames that an edge sends, and writes those that it gets."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from victor_server.protocol import Shape
from victor_server.team.failures import INVALID_REQUEST, PARSE_ERROR, Failure
from victor_server.team.json_reading import read_json

MAX_ID = 2**53 - 1
"""What every JSON library reads exactly."""

_MAX_METHOD = 64


class BadFrame(Exception):
    """A frame that is none: nothing after it can be trusted. `reason` is for the close frame, and quotes nothing."""

    def __init__(self, reason: str, code: int = INVALID_REQUEST) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


@dataclass(frozen=True, slots=True)
class Frame:
    """What an edge says. `id` None: it waits for no answer."""

    method: str
    params: Mapping[str, Any] = field(repr=False)
    id: int | None


def read_frame(text: str) -> Frame:
    """The frame in `text`. Raises `BadFrame`."""
    try:
        document = read_json(text)
    except ValueError:
        raise BadFrame("not JSON", PARSE_ERROR) from None
    if not isinstance(document, dict) or document.get("jsonrpc") != "2.0":
        raise BadFrame("not JSON-RPC 2.0")
    method, params, number = document.get("method"), document.get("params", {}), document.get("id")
    if not isinstance(method, str) or not 0 < len(method) <= _MAX_METHOD:
        raise BadFrame("no method")
    if not isinstance(params, dict):
        raise BadFrame("params must be an object")
    return Frame(method, params, _read_id(document, number))


def _read_id(document: Mapping[str, Any], number: Any) -> int | None:
    if "id" not in document:
        return None
    if type(number) is not int or not 0 < number <= MAX_ID:
        raise BadFrame("an id must be a whole number above 0")
    return number


def write_json(value: Any) -> str:
    """As short as it goes."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def notice(name: str, params: Shape) -> str:
    """Something that the edge is told, outside of the count."""
    return f'{{"jsonrpc":"2.0","method":"{name}","params":{params.model_dump_json()}}}'


# The bodies of counted frames: everything behind `{"jsonrpc":"2.0","seq":N,`. What they are numbered, the session says.


def counted(seq: int, body: str) -> str:
    """A frame that is counted: it can be sent again, and costs a credit."""
    return f'{{"jsonrpc":"2.0","seq":{seq},{body}'


def notice_body(name: str, params_json: str) -> str:
    """A notice."""
    return f'"method":"{name}","params":{params_json}}}'


def result_body(number: int, result: Shape) -> str:
    """An answer."""
    return f'"id":{number},"result":{result.model_dump_json()}}}'


def failure_body(number: int, failure: Failure) -> str:
    """An answer that says what went wrong."""
    data: dict[str, Any] = {"kind": failure.kind, "fix": failure.fix}
    if failure.retry_after_s is not None:
        data["retry_after_s"] = failure.retry_after_s
    error = {"code": failure.code, "message": failure.message, "data": data}
    return f'"id":{number},"error":{write_json(error)}}}'
