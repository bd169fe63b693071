"""What goes over the wire to a model server, and how much may come back: hooks for the http clients of all libraries.

The libraries are handed no key: it is put into the request here, on its way to the server that it is for. What
libraries add of their own accord (the operating system, versions, variables of the environment) is left out.
"""

from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, MutableMapping
from functools import cache
from types import ModuleType
from typing import Any, Protocol, cast
from urllib.parse import SplitResult, urlsplit

from victor_server import __version__
from victor_server.agent.providers.server_address import ServerAddress
from victor_server.errors import BadResponse, ProviderUnavailable

MAX_EVENT_BYTES = 1 << 20
"""Of one event of a streamed answer."""

MAX_BODY_BYTES = 8 << 20
"""Of an answer that is not streamed."""

NO_KEY = "unused"
"""What the libraries are told, where they insist on a key."""

_SENT_HEADERS = frozenset(
    {
        "traceparent",
        "accept",
        "anthropic-version",
        "connection",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
    }
)
_EVENT_ENDS = {
    "text/event-stream": (b"\n\n", b"\r\r", b"\r\n\r\n"),
    "application/x-ndjson": (b"\n",),
}
_PORTS = {"http": 80, "https": 443}

Hook = Callable[[Any], Coroutine[Any, Any, None]]


class _Chunks(Protocol):
    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def aclose(self) -> None: ...


def guard_hooks(library: ModuleType, server: ServerAddress) -> dict[str, list[Hook]]:
    """Return `event_hooks` for a client of `library` (httpx or httpx2) that speaks to `server`.

    They raise ProviderUnavailable for a request that would go to another server, and BadResponse for events and bodies
    that are too large or compressed.
    """
    own = _origin(urlsplit(server.base_url))
    shown = server.shown

    async def on_request(request: Any) -> None:
        if _origin(urlsplit(str(request.url))) != own:
            raise ProviderUnavailable(f"{shown} sends its callers to another server; nothing was sent there.")
        _keep_needed(request.headers)
        if server.key:
            request.headers["authorization"] = f"Bearer {server.key}"
        if server.is_local:
            # A new connection costs nothing here, and one that was kept may be closed by the server meanwhile.
            request.headers["connection"] = "close"

    async def on_response(response: Any) -> None:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise BadResponse(f"{shown} answers in an encoding that it was not asked for.")
        content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        response.stream = _bounded(library)(response.stream, shown, _EVENT_ENDS.get(content_type, ()))

    return {"request": [on_request], "response": [on_response]}


def add_hooks(client: Any, hooks: Mapping[str, list[Hook]]) -> None:
    """Let a client have these hooks behind its own."""
    client.event_hooks = {name: [*client.event_hooks.get(name, ()), *more] for name, more in hooks.items()}


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, url.port or _PORTS.get(url.scheme)


def _keep_needed(headers: MutableMapping[str, str]) -> None:
    for name in list(headers):
        if name.lower() not in _SENT_HEADERS:
            del headers[name]
    headers["user-agent"] = f"victor/{__version__}"
    headers["accept-encoding"] = "identity"


class _BoundedStream:
    """The bytes of an answer, as long as no event is too large; or not the whole, where no event has an end.

    However often it is iterated, there is one iterator over the connection: the openai library begins a second one
    behind an answer's end, and the first, when it is collected later, would close a connection in use by another call.
    """

    def __init__(self, inner: _Chunks, shown: str, ends: tuple[bytes, ...]) -> None:
        self._inner = inner
        self._chunks: AsyncIterator[bytes] | None = None
        self._shown = shown
        self._ends = ends
        self._most = MAX_EVENT_BYTES if ends else MAX_BODY_BYTES
        self._n_bytes = 0
        self._tail = b""

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self._chunks is None:
            self._chunks = aiter(self._inner)
        chunk = await anext(self._chunks)
        self._n_bytes += len(chunk)
        seen = self._tail + chunk
        if any(end in seen for end in self._ends):
            self._n_bytes = len(chunk)
        self._tail = seen[-3:]
        if self._n_bytes > self._most:
            raise BadResponse(f"{self._shown} sends more than {self._most >> 20} MB at once.")
        return chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


@cache
def _bounded(library: ModuleType) -> Callable[[_Chunks, str, tuple[bytes, ...]], _Chunks]:
    """The libraries ask for streams of their own class."""
    bounded = type("BoundedStream", (_BoundedStream, library.AsyncByteStream), {})
    return cast("Callable[[_Chunks, str, tuple[bytes, ...]], _Chunks]", bounded)
