"""`POST /v1/chat/completions`: the models of the backend for whatever speaks OpenAI's API."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from victor_server.agent.events import Stopped, TextDelta, ThinkingDelta, ToolCallDelta, Usage
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
from victor_server.team.http.model_forms import ChatAsked, ChatError, ChatTold
from victor_server.team.http.operation import EVENTS, GONE, JSON, Operation, answering, route_of

DEFAULT_OUTPUT_TOKENS = 4096
_FINISH = {"end": "stop", "stop_text": "stop", "max_tokens": "length", "tool_calls": "tool_calls"}


CHAT = Operation(
    "chat/completions",
    "POST",
    "/v1/chat/completions",
    "An answer of a model, for tools that speak OpenAI's API.",
    told={JSON: ChatTold, EVENTS: str},
    asked=ChatAsked,
    takes=JSON,
    headers=CALL_HEADERS,
    failed=ChatError,
    description="Needs the permission `chat:write`.",
)


def openai_route(backend: Backend) -> Route:
    """The route."""

    async def ask(request: Request) -> Response:
        return await _answer(backend, request)

    return route_of(CHAT, answering(backend, ask, _error))


async def _answer(backend: Backend, request: Request) -> Response:
    principal = await principal_of(backend, request)
    document = await read_object(request, backend.settings.limits.max_frame_bytes)
    start = start_of(call_id_of(request), _request(document), request.headers.get("traceparent", ""))
    if document.get("stream"):
        options = document.get("stream_options")
        with_usage = isinstance(options, dict) and bool(options.get("include_usage"))
        asked = await unless_gone(request, begun(backend, principal, start))
        if asked is None:
            return Response(status_code=GONE)
        return EventStream(asked[1], _stream(start, *asked, with_usage=with_usage))

    async def whole() -> dict[str, Any]:
        return await _whole(start, *await begun(backend, principal, start))

    told = await unless_gone(request, whole())
    return Response(status_code=GONE) if told is None else JSONResponse(told)


def _request(document: dict[str, Any]) -> dict[str, Any]:
    """A `WireRequest`, as far as it can be one: what is wrong in it is told by whoever reads it."""
    if document.get("n", 1) != 1:
        raise UsageError("There is one answer to a request.", "Leave `n` out.")
    system: list[dict[str, Any]] = []
    messages: list[dict[str, Any]] = []
    for message in objects(document.get("messages"), "messages"):
        if message.get("role") in ("system", "developer"):
            system.append({"type": "text", "text": text_of(message.get("content"))})
        else:
            _add(messages, *_message(message))
    most = document.get("max_completion_tokens") or document.get("max_tokens") or DEFAULT_OUTPUT_TOKENS
    stop = document.get("stop") or []
    wanted = {
        "model": document.get("model", ""),
        "messages": messages,
        "system": system,
        "max_output_tokens": most,
        "stop": [stop] if isinstance(stop, str) else stop,
        "tools": [_tool(tool) for tool in objects(document.get("tools"), "tools")],
        "json_schema": _schema(document.get("response_format")),
        "temperature": document.get("temperature"),
    }
    return {name: value for name, value in wanted.items() if value is not None}


def _message(message: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    role, text = str(message.get("role")), text_of(message.get("content"))
    if role == "tool":
        return role, [{"type": "tool_result", "id": message.get("tool_call_id"), "text": text}]
    parts: list[dict[str, Any]] = [{"type": "text", "text": text}] if text else []
    for call in objects(message.get("tool_calls"), "tool_calls"):
        function = call.get("function")
        if not isinstance(function, dict):
            raise UsageError("A tool call names no function.", "Send it as the model gave it.")
        arguments = json_object(function.get("arguments") or "{}")
        parts.append(
            {"type": "tool_call", "id": call.get("id"), "name": function.get("name"), "arguments": arguments}
        )
    return role, parts


def _add(messages: list[dict[str, Any]], role: str, parts: list[dict[str, Any]]) -> None:
    """Results of several tools are one message."""
    if role == "tool" and messages and messages[-1]["role"] == "tool":
        messages[-1]["parts"] += parts
    else:
        messages.append({"role": role, "parts": parts})


def _tool(tool: dict[str, Any]) -> dict[str, Any]:
    function = tool.get("function")
    if tool.get("type") != "function" or not isinstance(function, dict):
        raise UsageError("Only functions can be tools.", "Leave other tools out.")
    return {
        "name": function.get("name"),
        "description": function.get("description") or "",
        "parameters": function.get("parameters") or {"type": "object"},
    }


def _schema(wanted: object) -> object:
    if not isinstance(wanted, dict) or wanted.get("type") == "text":
        return None
    schema = wanted.get("json_schema")
    return schema.get("schema") if isinstance(schema, dict) else {"type": "object"}


async def _stream(
    start: CallStart, routed: Routed, events: Events, *, with_usage: bool
) -> AsyncGenerator[bytes, None]:
    head = _head(start, routed, "chat.completion.chunk")
    usage: Usage | None = None
    is_first = True
    async with aclosing(events):
        async for event in events:
            delta: dict[str, Any] = {"role": "assistant"} if is_first else {}
            finish: str | None = None
            match event:
                case TextDelta():
                    delta["content"] = event.text
                case ToolCallDelta():
                    delta["tool_calls"] = [_call(event)]
                case Stopped():
                    finish = _FINISH.get(event.reason, "content_filter")
                case Usage():
                    usage = event
                    continue
                case ThinkingDelta():
                    continue
                case CallStatus():
                    if event.state != "done":
                        yield sse(_told(failure_of(failure_of_status(event))).model_dump())
                        return
                    continue
            is_first = False
            yield sse({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})
    if with_usage and usage is not None:
        yield sse({**head, "choices": [], "usage": _usage(usage)})
    yield b"data: [DONE]\n\n"


def _call(event: ToolCallDelta) -> dict[str, Any]:
    told: dict[str, Any] = {"index": event.index, "function": {"arguments": event.arguments}}
    if event.id:
        told |= {"id": event.id, "type": "function"}
    if event.name:
        told["function"]["name"] = event.name
    return told


async def _whole(start: CallStart, routed: Routed, events: Events) -> dict[str, Any]:
    text, calls = "", dict[int, dict[str, Any]]()
    finish, usage = "stop", Usage(0, 0)
    async with aclosing(events):
        async for event in events:
            match event:
                case TextDelta():
                    text += event.text
                case ToolCallDelta():
                    empty = {"id": "", "type": "function", "function": {"name": "", "arguments": ""}}
                    call = calls.setdefault(event.index, empty)
                    call["id"] = call["id"] or event.id
                    call["function"]["name"] = call["function"]["name"] or event.name
                    call["function"]["arguments"] += event.arguments
                case Usage():
                    usage = event
                case Stopped():
                    finish = _FINISH.get(event.reason, "content_filter")
                case CallStatus() if event.state != "done":
                    raise failure_of_status(event)
                case _:
                    pass
    message: dict[str, Any] = {"role": "assistant", "content": text or None, "refusal": None}
    if calls:
        message["tool_calls"] = [calls[index] for index in sorted(calls)]
    choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
    return {**_head(start, routed, "chat.completion"), "choices": [choice], "usage": _usage(usage)}


def _head(start: CallStart, routed: Routed, kind: str) -> dict[str, Any]:
    return {"id": start.call_id, "object": kind, "created": int(time.time()), "model": routed.model}


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cache_read_tokens},
    }


def _error(error: Exception) -> JSONResponse:
    failure = failure_of(error)
    return failure_response(failure, _told(failure))


def _told(failure: Failure) -> ChatError:
    message = f"{failure.message} {failure.fix}".strip()
    return ChatError(error=ChatError.Said(message=message, type=failure.kind, code=failure.kind))
