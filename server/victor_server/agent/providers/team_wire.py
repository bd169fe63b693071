"""Says requests and answers in the words of the team's backend: the one place where the two are translated."""

from collections.abc import Mapping
from typing import Any

from victor_server.agent.events import (
    ModelEvent,
    Stopped,
    StopReason,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    Usage,
)
from victor_server.agent.messages import (
    Message,
    ModelRequest,
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from victor_server.errors import BadResponse
from victor_server.protocol import (
    WireEvent,
    WireMessage,
    WirePart,
    WireRequest,
    WireText,
    WireThinking,
    WireTool,
    WireToolCall,
    WireToolResult,
)

_STOPS: Mapping[str, StopReason] = {
    "end": "end",
    "max_tokens": "max_tokens",
    "tool_calls": "tool_calls",
    "stop_text": "stop_text",
    "refused": "refused",
}


def to_wire_request(request: ModelRequest, model: str) -> WireRequest:
    """What is asked. `model` "" leaves it to the backend."""
    return WireRequest(
        model=model,
        messages=tuple(map(_message, request.messages)),
        max_output_tokens=request.max_output_tokens,
        system=tuple(WireText(text=part.text, stable=part.stable) for part in request.system),
        tools=tuple(
            WireTool(name=tool.name, description=tool.description, parameters=tool.schema)
            for tool in request.tools
        ),
        json_schema=request.json_schema,
        temperature=request.temperature,
        stop=tuple(request.stop),
    )


def from_wire_event(event: WireEvent) -> ModelEvent | None:
    """A piece of an answer, None for what is no part of it. Raises BadResponse for an end that nobody knows."""
    match event.type:
        case "text":
            return TextDelta(event.text)
        case "thinking":
            return ThinkingDelta(event.text, event.signature)
        case "tool_call":
            return ToolCallDelta(event.index, event.id, event.name, event.arguments, event.signature)
        case "usage":
            return Usage(
                event.input_tokens,
                event.output_tokens,
                event.cache_read_tokens,
                event.cache_write_tokens,
                event.counted,
            )
        case "stopped":
            reason = _STOPS.get(event.reason)
            if reason is None:
                raise BadResponse(
                    "The team's backend ended the answer in a way that this Victor does not know."
                )
            return Stopped(reason)
        case "routed":
            return None


def _message(message: Message) -> WireMessage:
    return WireMessage(role=message.role, parts=tuple(map(_part, message.parts)))


def _part(part: Part) -> WirePart:
    match part:
        case TextPart():
            return WireText(text=part.text, stable=part.stable)
        case ThinkingPart():
            return WireThinking(text=part.text, signature=part.signature)
        case ToolCallPart():
            arguments: Mapping[str, Any] = part.arguments
            return WireToolCall(id=part.id, name=part.name, arguments=arguments, signature=part.signature)
        case ToolResultPart():
            return WireToolResult(id=part.id, text=part.text, is_error=part.is_error)
