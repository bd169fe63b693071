"""Reads JSON that comes from anybody: no deeper than what comes after can write, and only what every store takes."""

import json
from typing import Any

MAX_DEPTH = 100
"""Far more than a tool's schema has; what checks and writes requests goes down by calls, and ends at about 250."""


def read_json(text: str) -> Any:
    """Its value. Raises `ValueError`, which quotes nothing: no JSON, `NaN`, too deep, or half of a surrogate pair."""
    try:
        document = json.loads(text, parse_constant=_no_constant)
        if text.count("{") + text.count("[") > MAX_DEPTH and _is_deeper(document):
            raise ValueError("too deep")
        if "\\u" in text:
            json.dumps(
                document, ensure_ascii=False
            ).encode()  # `"\\ud800"` is taken by no store and no socket
    except RecursionError:
        raise ValueError("too deep") from None
    return document


def _is_deeper(document: Any) -> bool:
    level = [document]
    for _ in range(MAX_DEPTH):
        level = [
            member
            for each in level
            if isinstance(each, dict | list)
            for member in (each.values() if isinstance(each, dict) else each)
        ]
    return any(isinstance(each, dict | list) for each in level)


def _no_constant(name: str) -> float:
    raise ValueError(name)
