"""Reads the body of a request, which comes from anybody."""

import json
from typing import Any

from starlette.requests import Request

from victor_server.errors import UsageError
from victor_server.team.failures import TooLarge


async def read_body(request: Request, max_bytes: int) -> bytes:
    """All of it. Raises `TooLarge` as soon as it is too much."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > max_bytes:
            raise TooLarge(f"The body is larger than {max_bytes} bytes.", "Send less at once.")
    return bytes(body)


async def read_object(request: Request, max_bytes: int) -> dict[str, Any]:
    """The JSON object of it; nothing at all is an empty one. Raises `UsageError`, which quotes nothing."""
    body = await read_body(request, max_bytes)
    if not body.strip():
        return {}
    try:
        document = json.loads(body.decode(), parse_constant=_no_constant)
        json.dumps(document, ensure_ascii=False).encode()  # no halves of surrogate pairs: no store takes them
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise UsageError("The body is no JSON object.", "Send one, as application/json.")
    return document


def _no_constant(name: str) -> float:
    raise ValueError(name)
