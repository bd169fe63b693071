"""Reads the body of a request, which comes from anybody."""

import asyncio
from typing import Any

from starlette.requests import Request

from victor_server.errors import UsageError
from victor_server.team.failures import TooLarge
from victor_server.team.json_reading import read_json

BODY_TIME_LIMIT_S = 60.0
"""Whoever sends no more must not hold a connection for ever."""


async def read_body(request: Request, max_bytes: int) -> bytes:
    """All of it. Raises `TooLarge` as soon as it is too much, `UsageError` where it does not come."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_TIME_LIMIT_S):
            async for piece in request.stream():
                body += piece
                if len(body) > max_bytes:
                    raise TooLarge(f"The body is larger than {max_bytes} bytes.", "Send less at once.")
    except TimeoutError:
        raise UsageError("The body did not come in time.", "Send it anew.") from None
    return bytes(body)


async def read_object(request: Request, max_bytes: int) -> dict[str, Any]:
    """The JSON object of it; nothing at all is an empty one. Raises `UsageError`, which quotes nothing."""
    body = await read_body(request, max_bytes)
    if not body.strip():
        return {}
    try:
        document = read_json(body.decode())
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise UsageError("The body is no JSON object.", "Send one, as application/json.")
    return document
