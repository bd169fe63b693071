"""Converts between frames of the protocol and what providers are asked and tell."""

from collections.abc import Mapping
from typing import Any

from victor_server.agent.events import ModelEvent, Stopped, TextDelta, ThinkingDelta, ToolCallDelta, Usage
from victor_server.agent.messages import (
    Message,
    ModelRequest,
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
    ToolSpec,
)
from victor_server.protocol import (
    WireMessage,
    WireRequest,
    WireText,
    WireThinking,
    WireToolCall,
    WireToolResult,
)
from victor_server.team.gateway.events import Routed


def from_wire(request: WireRequest) -> ModelRequest:
    """The request, still without a model."""
    return ModelRequest(
        model="",
        messages=tuple(map(_message, request.messages)),
        max_output_tokens=request.max_output_tokens,
        system=tuple(TextPart(part.text, part.stable) for part in request.system),
        tools=tuple(ToolSpec(tool.name, tool.description, tool.parameters) for tool in request.tools),
        json_schema=request.json_schema,
        temperature=request.temperature,
        stop=request.stop,
    )


def to_wire(event: Routed | ModelEvent) -> Mapping[str, Any]:
    """A `WireEvent` as JSON has it, without what is not set: one is made for each token, so by no model of pydantic."""
    match event:
        case TextDelta():
            return {"type": "text", "text": event.text}
        case ThinkingDelta():
            return _set("thinking", text=event.text, signature=event.signature)
        case ToolCallDelta():
            told = _set("tool_call", id=event.id, name=event.name, arguments=event.arguments)
            return {**told, "index": event.index} | _signature(event.signature)
        case Usage():
            return {
                "type": "usage",
                "input_tokens": event.input_tokens,
                "output_tokens": event.output_tokens,
                "cache_read_tokens": event.cache_read_tokens,
                "cache_write_tokens": event.cache_write_tokens,
                "counted": event.counted,
            }
        case Stopped():
            return {"type": "stopped", "reason": event.reason}
        case Routed():
            return _set(
                "routed",
                model=event.model,
                provider=event.provider,
                upstream=event.upstream,
                region=event.region,
            )


def _set(kind: str, **texts: str) -> dict[str, Any]:
    return {"type": kind, **{name: text for name, text in texts.items() if text}}


def _signature(signature: str) -> dict[str, str]:
    return {"signature": signature} if signature else {}


def _message(message: WireMessage) -> Message:
    return Message(message.role, tuple(map(_part, message.parts)))


def _part(part: WireText | WireThinking | WireToolCall | WireToolResult) -> Part:
    match part:
        case WireText():
            return TextPart(part.text, part.stable)
        case WireThinking():
            return ThinkingPart(part.text, part.signature)
        case WireToolCall():
            return ToolCallPart(part.id, part.name, part.arguments, part.signature)
        case WireToolResult():
            return ToolResultPart(part.id, part.text, part.is_error)
