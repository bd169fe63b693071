"""Asks one server for one JSON document: what comes back is bounded, and read as what it says it is."""

import asyncio
import importlib
import json
import math
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from victor_server.egress.unreachable import unreachable
from victor_server.errors import Unavailable

if TYPE_CHECKING:
    import httpx2

    Client: TypeAlias = httpx2.AsyncClient

MAX_ANSWER_BYTES = 16_000_000


@dataclass(frozen=True, slots=True)
class Answered:
    """What a server answered; `body` is a JSON value, None where it sent none."""

    status: int
    body: Any = field(repr=False)
    retry_after_s: float | None = None


async def post_json(
    client: "httpx2.AsyncClient",
    url: str,
    body: Mapping[str, Any],
    *,
    headers: Mapping[str, str],
    time_s: float,
) -> Answered:
    """Post `body` within `time_s`. Raises OfflineBlocked from the client's gate, Unavailable where nothing comes."""
    return await _sent(client.build_request("POST", url, json=body, headers=dict(headers)), client, time_s)


async def post_form(
    client: "httpx2.AsyncClient",
    url: str,
    form: Mapping[str, str],
    *,
    headers: Mapping[str, str],
    time_s: float,
) -> Answered:
    """The same for a form."""
    return await _sent(
        client.build_request("POST", url, data=dict(form), headers=dict(headers)), client, time_s
    )


async def get_json(client: "httpx2.AsyncClient", url: str, *, time_s: float) -> Answered:
    """Read a document, under the same terms."""
    return await _sent(
        client.build_request("GET", url, headers={"accept": "application/json"}), client, time_s
    )


async def _sent(request: "httpx2.Request", client: "httpx2.AsyncClient", time_s: float) -> Answered:
    httpx2 = await asyncio.to_thread(importlib.import_module, "httpx2")
    try:
        async with asyncio.timeout(time_s):
            response = await client.send(request, stream=True, follow_redirects=False)
            async with aclosing(response):
                return _answered(response, await _bounded(response))
    except TimeoutError:
        raise Unavailable(f"The server did not answer within {time_s:g} s.", "Try again.") from None
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
        raise unreachable(request.url.netloc.decode("ascii", "replace"), error) from None


async def _bounded(response: "httpx2.Response") -> bytes:
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > MAX_ANSWER_BYTES:
            raise Unavailable("The server's answer is too long.")
    return bytes(body)


def _answered(response: "httpx2.Response", body: bytes) -> Answered:
    try:
        value = json.loads(body) if body else None
    except (ValueError, RecursionError):
        value = None
    return Answered(response.status_code, value, _seconds(response.headers.get("retry-after", "")))


def _seconds(written: str) -> float | None:
    try:
        seconds = float(written)
    except ValueError:
        return None
    return min(seconds, 3_600.0) if math.isfinite(seconds) and seconds >= 0 else None
