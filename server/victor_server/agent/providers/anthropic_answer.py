"""Reads the events of a streamed message of Anthropic's API."""

from collections.abc import Iterator, Mapping
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
from victor_server.agent.providers.anthropic_request import REDACTED
from victor_server.agent.providers.failures import broke_off, garbage
from victor_server.agent.providers.json_values import count, object_in, text
from victor_server.agent.providers.server_address import ServerAddress

_STOPS: Mapping[str, StopReason] = {
    "end_turn": "end",
    "pause_turn": "end",
    "max_tokens": "max_tokens",
    "model_context_window_exceeded": "max_tokens",
    "stop_sequence": "stop_text",
    "tool_use": "tool_calls",
    "refusal": "refused",
}


class AnthropicAnswer:
    """Implements `Reader` over the parsed JSON of each event."""

    def __init__(self, server: ServerAddress) -> None:
        self._server = server
        self._reason = ""
        self._ended = False
        self._usage: dict[str, int] = {}
        self._calls: dict[int, int] = {}
        self._without_arguments: set[int] = set()

    def events(self, chunk: Any) -> Iterator[ModelEvent]:
        """What one event says; those that we do not know are left out."""
        if not isinstance(chunk, dict):
            raise garbage(self._server, "an event that is no object")
        match chunk.get("type"):
            case "message_start":
                yield from self._count(object_in(object_in(chunk, "message"), "usage"))
            case "content_block_start":
                yield from self._block(_index(chunk), object_in(chunk, "content_block"))
            case "content_block_delta":
                yield from self._delta(_index(chunk), object_in(chunk, "delta"))
            case "content_block_stop":
                yield from self._block_end(_index(chunk))
            case "message_delta":
                self._reason = text(object_in(chunk, "delta").get("stop_reason")) or self._reason
                yield from self._count(object_in(chunk, "usage"))
            case "message_stop":
                self._ended = True

    def end(self) -> Iterator[ModelEvent]:
        """Stopped. Raises ProviderUnavailable where the message has no end."""
        if not self._ended or not self._reason:
            raise broke_off(self._server)
        yield Stopped(_STOPS.get(self._reason, "end"))

    def _block(self, index: int, block: Mapping[str, Any]) -> Iterator[ModelEvent]:
        kind = block.get("type")
        if kind == "text" and (begun := text(block.get("text"))):
            yield TextDelta(begun)
        elif kind == "thinking" and (begun := text(block.get("thinking"))):
            yield ThinkingDelta(begun)
        elif kind == "redacted_thinking":
            yield ThinkingDelta("", REDACTED + text(block.get("data")))
        elif kind == "tool_use":
            given, name = text(block.get("id")), text(block.get("name"))
            if not given or not name:
                raise garbage(self._server, "a tool call without id or name")
            self._calls[index] = len(self._calls)
            self._without_arguments.add(index)
            yield ToolCallDelta(self._calls[index], given, name)

    def _delta(self, index: int, delta: Mapping[str, Any]) -> Iterator[ModelEvent]:
        match delta.get("type"):
            case "text_delta" if more := text(delta.get("text")):
                yield TextDelta(more)
            case "thinking_delta" if more := text(delta.get("thinking")):
                yield ThinkingDelta(more)
            case "signature_delta" if more := text(delta.get("signature")):
                yield ThinkingDelta("", more)
            case "input_json_delta" if more := text(delta.get("partial_json")):
                if index not in self._calls:
                    raise garbage(self._server, "arguments of a tool call that has not begun")
                self._without_arguments.discard(index)
                yield ToolCallDelta(self._calls[index], arguments=more)

    def _block_end(self, index: int) -> Iterator[ModelEvent]:
        """A tool without arguments is called with the empty object, of which nothing is streamed."""
        if index in self._without_arguments:
            self._without_arguments.discard(index)
            yield ToolCallDelta(self._calls[index], arguments="{}")

    def _count(self, usage: Mapping[str, Any]) -> Iterator[ModelEvent]:
        """Usage. The numbers are totals so far; an event may leave out those that did not change."""
        if not usage:
            return
        self._usage |= {name: count(value) for name, value in usage.items() if isinstance(value, int)}
        read = self._usage.get("cache_read_input_tokens", 0)
        written = self._usage.get("cache_creation_input_tokens", 0)
        yield Usage(
            input_tokens=self._usage.get("input_tokens", 0) + read + written,
            output_tokens=self._usage.get("output_tokens", 0),
            cache_read_tokens=read,
            cache_write_tokens=written,
        )


def _index(chunk: Mapping[str, Any]) -> int:
    index = chunk.get("index")
    return index if isinstance(index, int) else 0
