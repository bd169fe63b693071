"""Streams one answer: what all providers that speak through a library have in common."""

import asyncio
import json
import logging
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from victor_server.agent.events import ModelEvent, Stopped, TextDelta, ThinkingDelta, ToolCallDelta, Usage
from victor_server.agent.messages import ModelRequest
from victor_server.agent.providers.estimate import tokens_of_request
from victor_server.agent.providers.failures import (
    closed,
    error_of,
    error_of_failure,
    failure_of_body,
    garbage,
    silent,
)
from victor_server.agent.providers.json_values import json_object
from victor_server.agent.providers.server_address import ServerAddress
from victor_server.agent.whole_characters import WholeCharacters
from victor_server.errors import VictorError

MOST_CHARACTERS_IN_A_TOKEN = 128
"""The longest tokens are runs of spaces. A server that sends more than this for each token ignores the bound."""

MOST_CHUNKS_FOR_A_TOKEN = 4
MOST_OTHER_CHUNKS = 1_000
"""More than any server sends: one for each token and a few around them."""

_NO_STREAMS = {"application/json", "text/html"}
_CHARACTERS_IN_A_TOKEN = 2
_log = logging.getLogger(__name__)
_MADE = TypeVar("_MADE")


class Reader(Protocol):
    """Makes events of a library's chunks. Raises from the ProviderError tree, or anything where a chunk is garbage."""

    def events(self, chunk: Any) -> Iterator[ModelEvent]:
        """What one chunk says."""
        ...

    def end(self) -> Iterator[ModelEvent]:
        """What is left to say when no chunk comes any more: Stopped at least. Raises where the answer has no end."""
        ...


@dataclass(frozen=True, slots=True)
class OpenStream:
    """An answer that has begun: its chunks, what ends the call at the server, and whether its client was closed.

    `response`: of a library that takes a document for a stream without chunks.
    """

    chunks: AsyncIterator[Any]
    close: Callable[[], Awaitable[None]]
    is_client_closed: Callable[[], bool]
    response: Any = None


async def stream_answer(
    begin: Callable[[], Awaitable[OpenStream]], reader: Reader, server: ServerAddress, request: ModelRequest
) -> AsyncGenerator[ModelEvent, None]:
    """Yield the events of one answer; the call ends at the server as soon as the generator is closed or cancelled."""
    with translated(server, request):
        opened = await begin()
        try:
            if opened.response is not None:
                await _require_stream(opened.response, server, request)
            async for event in _events(opened, reader, server, request):
                yield event
        except Exception:
            if opened.is_client_closed():
                raise closed(server) from None
            raise
        finally:
            await opened.close()


async def _events(
    opened: OpenStream, reader: Reader, server: ServerAddress, request: ModelRequest
) -> AsyncGenerator[ModelEvent, None]:
    texts, thoughts = WholeCharacters(), WholeCharacters()
    n_written = n_chunks = 0
    most_chunks = request.max_output_tokens * MOST_CHUNKS_FOR_A_TOKEN + MOST_OTHER_CHUNKS
    is_counted = False
    while (chunk := await in_time(anext(opened.chunks, _END), server)) is not _END:
        n_chunks += 1
        if n_chunks > most_chunks:
            raise garbage(server, "it writes more than it was asked for")
        for event in reader.events(chunk):
            is_counted = is_counted or isinstance(event, Usage)
            n_written += _n_characters(event)
            if n_written > request.max_output_tokens * MOST_CHARACTERS_IN_A_TOKEN:
                raise garbage(server, "it writes more than it was asked for")
            match event:
                case TextDelta():
                    if text := texts.feed(event.text):
                        yield TextDelta(text)
                case ThinkingDelta():
                    thought = thoughts.feed(event.text)
                    if thought or event.signature:
                        yield ThinkingDelta(thought, event.signature)
                case _:
                    yield event
    if left := texts.finish():
        yield TextDelta(left)
    for event in reader.end():
        if isinstance(event, Stopped) and not is_counted:
            yield _estimated(request, n_written)
        yield event


async def _require_stream(response: Any, server: ServerAddress, request: ModelRequest) -> None:
    """Raise what a server means that answers with success, and with a document where a stream was asked for.

    LM Studio answers so to an address that it does not know, and a proxy with the page where one logs in.
    """
    content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type not in _NO_STREAMS:
        return
    try:
        said = json_object(json.loads(await in_time(response.aread(), server)))
    except (ValueError, RecursionError):
        said = {}
    if said.get("error"):
        raise error_of_failure(failure_of_body(None, said, {}), server, request)
    raise garbage(server, f"{content_type} instead of a stream; see whether `base_url` is right")


def _estimated(request: ModelRequest, n_written: int) -> Usage:
    """What was used at most, where the server counts nothing."""
    n_output = min(request.max_output_tokens, -(-n_written // _CHARACTERS_IN_A_TOKEN))
    return Usage(tokens_of_request(request), n_output, counted=False)


@contextmanager
def translated(server: ServerAddress, request: ModelRequest | None = None) -> Iterator[None]:
    """Let nothing out but errors of our own tree."""
    try:
        yield
    except VictorError:
        raise
    except Exception as error:  # noqa: BLE001  a library that a hostile server feeds may raise anything
        _log.debug("%s: %s", server.shown, type(error).__qualname__)
        raise error_of(error, server, request) from None


async def in_time(awaited: Awaitable[_MADE], server: ServerAddress) -> _MADE:
    """Await what a server sends next. Raises ProviderUnavailable after the server's time limit."""
    try:
        async with asyncio.timeout(server.timeout_s):
            return await awaited
    except TimeoutError:
        raise silent(server) from None


_MAKING = threading.Lock()


class Lazily(Generic[_MADE]):
    """Makes something in a thread when it is first needed, once: loading a library takes seconds.

    No two are made at a time: openai looks into `sys.modules` for httpx, which another thread may just be loading.
    """

    def __init__(self, make: Callable[[], _MADE]) -> None:
        self._make = make
        self._made: _MADE | None = None
        self._lock = asyncio.Lock()

    async def get(self) -> _MADE:
        """It."""
        if self._made is None:
            async with self._lock:
                if self._made is None:
                    self._made = await asyncio.to_thread(self._make_alone)
        return self._made

    def _make_alone(self) -> _MADE:
        with _MAKING:
            return self._make()

    @property
    def made(self) -> _MADE | None:
        """It, if it was made."""
        return self._made

    def holds(self, made: _MADE) -> bool:
        """Whether `made` is still it."""
        return self._made is made

    def take(self) -> _MADE | None:
        """Give it away if it was made; the next `get` makes another."""
        made, self._made = self._made, None
        return made


_END = object()


def _n_characters(event: ModelEvent) -> int:
    match event:
        case TextDelta():
            return len(event.text)
        case ThinkingDelta():
            return len(event.text) + len(event.signature)
        case ToolCallDelta():
            return len(event.id) + len(event.name) + len(event.arguments) + len(event.signature)
        case _:
            return 0
