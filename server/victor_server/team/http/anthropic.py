"""`POST /v1/messages`: the models of the backend for whatever speaks Anthropic's API."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from victor_server.agent.events import ModelEvent, Stopped, TextDelta, ThinkingDelta, ToolCallDelta, Usage
from victor_server.errors import UsageError
from victor_server.protocol import CallStart, CallStatus
from victor_server.team.backend import Backend
from victor_server.team.failures import Failure, failure_of
from victor_server.team.gateway.events import Routed
from victor_server.team.http.bearer import principal_of
from victor_server.team.http.body import read_object
from victor_server.team.http.errors import failure_response
from victor_server.team.http.model_calls import (
    CALL_HEADERS,
    Events,
    EventStream,
    begun,
    call_id_of,
    failure_of_status,
    json_object,
    objects,
    sse,
    start_of,
    text_of,
    unless_gone,
)
from victor_server.team.http.model_forms import MessagesAsked, MessagesError, MessagesTold
from victor_server.team.http.operation import EVENTS, GONE, JSON, Operation, answering, route_of
from victor_server.team.principal import Principal

_STOP = {
    "end": "end_turn",
    "stop_text": "stop_sequence",
    "max_tokens": "max_tokens",
    "tool_calls": "tool_use",
    "refused": "refusal",
}
_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
}


MESSAGES = Operation(
    "messages",
    "POST",
    "/v1/messages",
    "An answer of a model, for tools that speak Anthropic's API.",
    told={JSON: MessagesTold, EVENTS: str},
    asked=MessagesAsked,
    takes=JSON,
    headers=CALL_HEADERS,
    failed=MessagesError,
    schemes=("bearer", "apiKey"),
    description="Needs the permission `chat:write`.",
)


def anthropic_route(backend: Backend) -> Route:
    """The route."""

    async def ask(request: Request) -> Response:
        return await _answer(backend, request)

    return route_of(MESSAGES, answering(backend, ask, _error))


async def _principal(backend: Backend, request: Request) -> Principal:
    """Anthropic's clients send a key in a header of their own."""
    key = request.headers.get("x-api-key")
    if key and "authorization" not in request.headers:
        return await backend.identity.authenticate(key)
    return await principal_of(backend, request)


async def _answer(backend: Backend, request: Request) -> Response:
    principal = await _principal(backend, request)
    document = await read_object(request, backend.settings.limits.max_frame_bytes)
    start = start_of(call_id_of(request), _request(document), request.headers.get("traceparent", ""))
    if document.get("stream"):
        asked = await unless_gone(request, begun(backend, principal, start))
        if asked is None:
            return Response(status_code=GONE)
        return EventStream(asked[1], _stream(start, *asked))

    async def whole() -> dict[str, Any]:
        return await _whole(start, *await begun(backend, principal, start))

    told = await unless_gone(request, whole())
    return Response(status_code=GONE) if told is None else JSONResponse(told)


def _request(document: dict[str, Any]) -> dict[str, Any]:
    messages: list[dict[str, Any]] = []
    for message in objects(document.get("messages"), "messages"):
        messages += _messages(str(message.get("role")), message.get("content"))
    system = document.get("system")
    wanted = {
        "model": document.get("model", ""),
        "messages": messages,
        "system": [{"type": "text", "text": text_of(system)}] if system else [],
        "max_output_tokens": document.get("max_tokens"),
        "stop": document.get("stop_sequences") or [],
        "tools": [
            {
                "name": tool.get("name"),
                "description": tool.get("description") or "",
                "parameters": tool.get("input_schema") or {"type": "object"},
            }
            for tool in objects(document.get("tools"), "tools")
        ],
        "temperature": document.get("temperature"),
    }
    return {name: value for name, value in wanted.items() if value is not None}


def _messages(role: str, content: object) -> list[dict[str, Any]]:
    """One message, or two: results of tools are a message of their own."""
    if isinstance(content, str):
        return [{"role": role, "parts": [{"type": "text", "text": content}]}]
    parts: list[dict[str, Any]] = []
    results: list[dict[str, Any]] = []
    for block in objects(content, "content"):
        match block.get("type"):
            case "tool_result":
                text, failed = text_of(block.get("content")), bool(block.get("is_error"))
                known = {"type": "tool_result", "id": block.get("tool_use_id"), "text": text}
                results.append({**known, "is_error": failed})
            case "tool_use":
                arguments = json_object(block.get("input"))
                known = {"type": "tool_call", "id": block.get("id"), "name": block.get("name")}
                parts.append({**known, "arguments": arguments})
            case "thinking":
                known = {"type": "thinking", "text": block.get("thinking")}
                parts.append({**known, "signature": block.get("signature") or ""})
            case "text":
                parts.append({"type": "text", "text": text_of([block])})
            case _:
                raise UsageError("Only text and tools can be sent.", "Leave pictures and files out.")
    told = [{"role": "tool", "parts": results}] if results else []
    return [*told, {"role": role, "parts": parts}] if parts else told


async def _stream(start: CallStart, routed: Routed, events: Events) -> AsyncGenerator[bytes, None]:
    message = _message(start, routed, [], None, Usage(0, 0))
    yield sse({"type": "message_start", "message": message}, "message_start")
    blocks, reason, usage = _Blocks(), "end_turn", Usage(0, 0)
    async with aclosing(events):
        async for event in events:
            match event:
                case Usage():
                    usage = event
                case Stopped():
                    reason = _STOP[event.reason]
                case CallStatus():
                    if event.state != "done":
                        yield sse(_told(failure_of(failure_of_status(event))).model_dump(), "error")
                        return
                case _:
                    for told in blocks.more(event):
                        yield sse(told, told["type"])
    for told in blocks.end():
        yield sse(told, told["type"])
    delta = {"stop_reason": reason, "stop_sequence": None}
    yield sse({"type": "message_delta", "delta": delta, "usage": _usage(usage)}, "message_delta")
    yield sse({"type": "message_stop"}, "message_stop")


class _Blocks:
    """The blocks of a message as they come: each begins, grows, and ends before the next."""

    def __init__(self) -> None:
        self._index = -1
        self._open: tuple[str, int] | None = None

    def more(self, event: ModelEvent) -> list[dict[str, Any]]:
        """What an event adds."""
        match event:
            case TextDelta():
                begin, delta = {"type": "text", "text": ""}, {"type": "text_delta", "text": event.text}
                return [*self._in(("text", 0), begin), self._delta(delta)]
            case ThinkingDelta():
                begin = {"type": "thinking", "thinking": "", "signature": ""}
                told = self._in(("thinking", 0), begin)
                if event.text:
                    told.append(self._delta({"type": "thinking_delta", "thinking": event.text}))
                if event.signature:
                    told.append(self._delta({"type": "signature_delta", "signature": event.signature}))
                return told
            case ToolCallDelta():
                call = {"type": "tool_use", "id": event.id, "name": event.name, "input": dict[str, Any]()}
                delta = {"type": "input_json_delta", "partial_json": event.arguments}
                return [*self._in(("tool", event.index), call), self._delta(delta)]
        return []

    def end(self) -> list[dict[str, Any]]:
        """The open block is complete."""
        if self._open is None:
            return []
        self._open = None
        return [{"type": "content_block_stop", "index": self._index}]

    def _in(self, block: tuple[str, int], begin: dict[str, Any]) -> list[dict[str, Any]]:
        if self._open == block:
            return []
        told = self.end()
        self._open = block
        self._index += 1
        return [*told, {"type": "content_block_start", "index": self._index, "content_block": begin}]

    def _delta(self, delta: dict[str, Any]) -> dict[str, Any]:
        return {"type": "content_block_delta", "index": self._index, "delta": delta}


async def _whole(start: CallStart, routed: Routed, events: Events) -> dict[str, Any]:
    content: list[dict[str, Any]] = []
    arguments: dict[int, str] = {}
    blocks, reason, usage = _Blocks(), "end_turn", Usage(0, 0)
    async with aclosing(events):
        async for event in events:
            match event:
                case Usage():
                    usage = event
                case Stopped():
                    reason = _STOP[event.reason]
                case CallStatus():
                    if event.state != "done":
                        raise failure_of_status(event)
                case _:
                    for told in blocks.more(event):
                        _grow(content, arguments, told)
    for index, text in arguments.items():
        content[index]["input"] = json_object(text or "{}")
    return _message(start, routed, content, reason, usage)


def _grow(content: list[dict[str, Any]], arguments: dict[int, str], told: dict[str, Any]) -> None:
    match told["type"]:
        case "content_block_start":
            content.append(told["content_block"])
        case "content_block_delta":
            index, delta = told["index"], told["delta"]
            if delta["type"] == "input_json_delta":
                arguments[index] = arguments.get(index, "") + delta["partial_json"]
                return
            name = delta["type"].removesuffix("_delta")
            content[index][name] += delta[name]


def _message(
    start: CallStart, routed: Routed, content: list[dict[str, Any]], reason: str | None, usage: Usage
) -> dict[str, Any]:
    return {
        "id": start.call_id,
        "type": "message",
        "role": "assistant",
        "model": routed.model,
        "content": content,
        "stop_reason": reason,
        "stop_sequence": None,
        "usage": _usage(usage),
    }


def _usage(usage: Usage) -> dict[str, int]:
    n_cached = usage.cache_read_tokens + usage.cache_write_tokens
    return {
        "input_tokens": max(0, usage.input_tokens - n_cached),
        "output_tokens": usage.output_tokens,
        "cache_read_input_tokens": usage.cache_read_tokens,
        "cache_creation_input_tokens": usage.cache_write_tokens,
    }


def _error(error: Exception) -> JSONResponse:
    failure = failure_of(error)
    return failure_response(failure, _told(failure))


def _told(failure: Failure) -> MessagesError:
    message = f"{failure.message} {failure.fix}".strip()
    kind = _TYPES.get(failure.status, "api_error")
    return MessagesError(error=MessagesError.Said(type=kind, message=message))
