"""Tells whoever asks how the log calls their request: `x-request-id`, over HTTP and in the answer to a handshake."""

from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from victor_server.telemetry.request_names import name_of, named

_ANSWERS = frozenset(("http.response.start", "websocket.accept", "websocket.http.response.start"))


def naming(app: ASGIApp) -> ASGIApp:
    """`app`, each of whose answers bears its name."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        name = name_of([value.decode("latin-1") for key, value in scope["headers"] if key == b"traceparent"])

        async def send_on(message: MutableMapping[str, Any]) -> None:
            if message["type"] in _ANSWERS:
                headers = [*message.get("headers", ()), (b"x-request-id", name.encode())]
                message = {**message, "headers": headers}
            await send(message)

        with named(name):
            await app(scope, receive, send_on)

    return handle
