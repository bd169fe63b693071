"""Writes a request in the words of the OpenAI API."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from victor_server.agent.messages import (
    Message,
    ModelRequest,
    ToolCallPart,
    ToolResultPart,
    ToolSpec,
    text_of,
)
from victor_server.agent.providers.capabilities import Dialect, known_model


def openai_body(request: ModelRequest, dialect: Dialect) -> dict[str, Any]:
    """Return the body of a streamed chat completion. What a model thought is not sent back: this API takes none."""
    body: dict[str, Any] = {
        "model": request.model,
        "messages": list(_messages(request, dialect)),
        dialect.bound: request.max_output_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
    if request.json_schema is not None:
        body["response_format"] = _response_format(request.json_schema)
    known = known_model(request.model) if dialect.needs_key else None
    if request.temperature is not None and (known is None or known.temperature):
        body["temperature"] = request.temperature
    if request.stop:
        body["stop"] = list(request.stop)
    return body


def _messages(request: ModelRequest, dialect: Dialect) -> Iterator[dict[str, Any]]:
    if request.system:
        yield {"role": "system", "content": "".join(part.text for part in request.system)}
    for message in request.messages:
        if message.role == "tool":
            yield from (_tool_result(part) for part in message.parts if isinstance(part, ToolResultPart))
        elif message.role == "assistant":
            yield _assistant(message, dialect)
        else:
            yield {"role": "user", "content": text_of(message)}


def _assistant(message: Message, dialect: Dialect) -> dict[str, Any]:
    calls = [part for part in message.parts if isinstance(part, ToolCallPart)]
    text = text_of(message)
    if not calls:
        return {"role": "assistant", "content": text}
    return {
        "role": "assistant",
        "content": text or None,
        "tool_calls": [_tool_call(call, dialect) for call in calls],
    }


def _tool_call(call: ToolCallPart, dialect: Dialect) -> dict[str, Any]:
    arguments = json.dumps(call.arguments, ensure_ascii=False)
    written = {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}}
    if call.signature and dialect.signs_calls:
        return written | {"extra_content": {"google": {"thought_signature": call.signature}}}
    return written


def _tool_result(result: ToolResultPart) -> dict[str, Any]:
    content = f"Error: {result.text}" if result.is_error else result.text
    return {"role": "tool", "tool_call_id": result.id, "content": content}


def _tool(tool: ToolSpec) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.schema}
    return {"type": "function", "function": function}


def _response_format(schema: Mapping[str, Any]) -> dict[str, Any]:
    named = {"name": "answer", "schema": schema, "strict": _can_be_strict(schema)}
    return {"type": "json_schema", "json_schema": named}


def _can_be_strict(schema: Any) -> bool:
    """Whether OpenAI takes the schema as strict: every object closed, every property required."""
    if isinstance(schema, list):
        return all(map(_can_be_strict, schema))
    if not isinstance(schema, Mapping):
        return True
    properties = schema.get("properties")
    if schema.get("type") == "object" or isinstance(properties, Mapping):
        names = set(properties) if isinstance(properties, Mapping) else set()
        if schema.get("additionalProperties") is not False or set(schema.get("required", ())) != names:
            return False
    return all(map(_can_be_strict, schema.values()))
