"""Makes a real model call tools: its answer is held to the tool's own schema, and comes as the call's arguments.

The model of the tests knows of no tools, and its server holds no model to calling one. What it does hold a model to is
a JSON schema; so the question is sent with the schema of the tool, and what comes back, token by token, is what servers
with tools send. The second request, which tells what the tool gave, is sent as it is.
"""

import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from direct_connections import DirectConnections

from victor_server.egress.connections import Timeouts

if TYPE_CHECKING:
    import httpx2


class ForcedTools(DirectConnections):
    """Connections on which the first tool that is offered is called. `requests` are the bodies that were sent."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []

    def httpx2_client(self, base_url: str, *, purpose: str, timeouts: Timeouts) -> "httpx2.AsyncClient":
        """A client whose questions are changed on their way."""
        import httpx2

        sent = self.requests

        class Transport(httpx2.AsyncHTTPTransport):
            async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
                body = json.loads(request.content or b"{}")
                tools = body.get("tools") if request.url.path.endswith("/chat/completions") else None
                if tools:
                    sent.append(body)
                if not tools or body["messages"][-1]["role"] == "tool":
                    return await super().handle_async_request(request)
                response = await super().handle_async_request(_forced(request, body, tools[0]["function"]))
                assert isinstance(response.stream, httpx2.AsyncByteStream)
                return httpx2.Response(
                    response.status_code,
                    headers=[each for each in response.headers.multi_items() if each[0] != "content-length"],
                    stream=_stream(response.stream, tools[0]["function"]["name"]),
                    extensions=response.extensions,
                )

        timeout = httpx2.Timeout(timeouts.read_s, connect=timeouts.connect_s)
        return httpx2.AsyncClient(timeout=timeout, transport=Transport(trust_env=False))


def _forced(request: "httpx2.Request", body: dict[str, Any], function: dict[str, Any]) -> "httpx2.Request":
    import httpx2

    schema = {"name": "arguments", "schema": function["parameters"] | {"additionalProperties": False}}
    asked = {key: value for key, value in body.items() if key != "tools"}
    content = json.dumps(asked | {"response_format": {"type": "json_schema", "json_schema": schema}}).encode()
    headers = [each for each in request.headers.multi_items() if each[0] != "content-length"]
    return httpx2.Request(
        request.method, request.url, headers=headers, content=content, extensions=request.extensions
    )


def _stream(inner: "httpx2.AsyncByteStream", name: str) -> "httpx2.AsyncByteStream":
    import httpx2

    class Calls(httpx2.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            left, is_first = b"", True
            async for data in inner:
                *lines, left = (left + data).split(b"\n")
                for line in lines:
                    yield _line(line, name, is_first=is_first) + b"\n"
                    is_first = is_first and b'"content":"' not in line
            yield left

        async def aclose(self) -> None:
            await inner.aclose()

    return Calls()


def _line(line: bytes, name: str, *, is_first: bool) -> bytes:
    """One line of the answer: its text as more of a call's arguments."""
    if not line.startswith(b"data: {"):
        return line
    chunk = json.loads(line[len(b"data: ") :])
    for choice in chunk.get("choices", ()):
        text = choice["delta"].pop("content", None)
        if text:
            function = {"arguments": text} | ({"name": name} if is_first else {})
            call = {"index": 0, "function": function} | (
                {"id": "call_1", "type": "function"} if is_first else {}
            )
            choice["delta"]["tool_calls"] = [call]
        if choice.get("finish_reason") == "stop":
            choice["finish_reason"] = "tool_calls"
    return b"data: " + json.dumps(chunk).encode()
