"""Bounds what a server may answer at once, for libraries that read whole answers into memory."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from victor_server.errors import BadResponse

if TYPE_CHECKING:
    import httpx2


def bound_answers(client: "httpx2.AsyncClient", max_bytes: int) -> None:
    """From now on an answer that is longer, or packed, raises BadResponse while it is read; streams of events go on."""
    from httpx2 import AsyncByteStream

    class Bounded(AsyncByteStream):
        """The bytes of one answer."""

        def __init__(self, stream: AsyncByteStream) -> None:
            self._stream = stream

        async def __aiter__(self) -> AsyncIterator[bytes]:
            n_bytes = 0
            async for piece in self._stream:
                n_bytes += len(piece)
                if n_bytes > max_bytes:
                    raise BadResponse(f"An answer is longer than {max_bytes:,} bytes.")
                yield piece

        async def aclose(self) -> None:
            await self._stream.aclose()

    async def bound(response: "httpx2.Response") -> None:
        # What is packed small may be endless.
        if response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise BadResponse("An answer is packed, though it was asked for as it is.")
        is_events = response.headers.get("content-type", "").lower().startswith("text/event-stream")
        if not is_events and isinstance(response.stream, AsyncByteStream):
            response.stream = Bounded(response.stream)

    client.headers["accept-encoding"] = "identity"
    client.event_hooks = {**client.event_hooks, "response": [*client.event_hooks["response"], bound]}
