"""Writes a request in the words of Ollama's own API."""

from collections.abc import Iterator
from typing import Any

from victor_server.agent.messages import (
    Message,
    ModelRequest,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
    ToolSpec,
    text_of,
)


def ollama_body(request: ModelRequest, num_ctx: int) -> dict[str, Any]:
    """Return the body of `/api/chat`. Neither the prompt nor the answer may be shifted out of the context in silence."""
    options: dict[str, Any] = {"num_ctx": num_ctx, "num_predict": request.max_output_tokens}
    if request.temperature is not None:
        options["temperature"] = request.temperature
    if request.stop:
        options["stop"] = list(request.stop)
    body: dict[str, Any] = {
        "model": request.model,
        "messages": list(_messages(request)),
        "stream": True,
        "truncate": False,
        "shift": False,
        "options": options,
    }
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
    if request.json_schema is not None:
        body["format"] = request.json_schema
    return body


def _messages(request: ModelRequest) -> Iterator[dict[str, Any]]:
    if request.system:
        yield {"role": "system", "content": "".join(part.text for part in request.system)}
    names: dict[str, str] = {}
    for message in request.messages:
        names |= {part.id: part.name for part in message.parts if isinstance(part, ToolCallPart)}
        if message.role == "tool":
            yield from (
                _tool_result(part, names) for part in message.parts if isinstance(part, ToolResultPart)
            )
        else:
            yield _message(message)


def _message(message: Message) -> dict[str, Any]:
    written: dict[str, Any] = {"role": message.role, "content": text_of(message)}
    if thought := "".join(part.text for part in message.parts if isinstance(part, ThinkingPart)):
        written["thinking"] = thought
    calls = [part for part in message.parts if isinstance(part, ToolCallPart)]
    if calls:
        written["tool_calls"] = [
            {"function": {"name": call.name, "arguments": dict(call.arguments)}} for call in calls
        ]
    return written


def _tool_result(result: ToolResultPart, names: dict[str, str]) -> dict[str, Any]:
    """Ollama knows no ids: the result says which tool it is of."""
    content = f"Error: {result.text}" if result.is_error else result.text
    return {"role": "tool", "content": content, "tool_name": names.get(result.id, "")}


def _tool(tool: ToolSpec) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.schema}
    return {"type": "function", "function": function}
