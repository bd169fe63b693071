"""Reads the chunks of a streamed chat completion, whichever server sent them."""

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
from victor_server.agent.providers.failures import broke_off, error_of_failure, failure_of_body, garbage
from victor_server.agent.providers.json_values import count, json_list, json_object, object_in, text
from victor_server.agent.providers.server_address import ServerAddress

_THINKING = ("reasoning_content", "reasoning")
"""Where servers put what a model thinks; the API itself has no place for it."""

_STOPS: Mapping[str, StopReason] = {
    "stop": "end",
    "length": "max_tokens",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "refused",
}
_BROKE_OFF = {"error", "abort"}
"""What gateways and vLLM say where the model did not come to an end."""


class OpenAIAnswer:
    """Implements `Reader` over the parsed JSON of each chunk.

    Servers differ in tool calls: some number all of them 0 and tell them apart by id, some give no id, some no number.
    """

    def __init__(self, server: ServerAddress) -> None:
        self._server = server
        self._finish = ""
        self._stop_text = False
        self._refused = False
        self._calls: dict[tuple[int, str], int] = {}
        self._latest: dict[int, int] = {}
        self._without_arguments: set[int] = set()

    def events(self, chunk: Any) -> Iterator[ModelEvent]:
        """What one chunk says."""
        if not isinstance(chunk, dict):
            raise garbage(self._server, "a chunk that is no object")
        if chunk.get("error"):
            raise error_of_failure(failure_of_body(None, chunk, {}), self._server)
        for choice in json_list(chunk.get("choices"))[:1]:
            yield from self._choice(json_object(choice))
        if usage := json_object(chunk.get("usage")):
            yield _usage(usage)

    def end(self) -> Iterator[ModelEvent]:
        """Stopped. Raises ProviderUnavailable where the server gave no reason: it broke off."""
        if not self._finish or self._finish in _BROKE_OFF:
            raise broke_off(self._server)
        for index in sorted(self._without_arguments):
            yield ToolCallDelta(index, arguments="{}")
        yield Stopped(self._reason())

    def _reason(self) -> StopReason:
        reason = _STOPS.get(self._finish, "end")
        if self._refused:
            return "refused"
        if reason == "end" and self._calls:  # some servers say "stop" behind tool calls too
            return "tool_calls"
        return "stop_text" if reason == "end" and self._stop_text else reason

    def _choice(self, choice: Mapping[str, Any]) -> Iterator[ModelEvent]:
        delta = json_object(choice.get("delta"))
        for name in _THINKING:
            if thought := text(delta.get(name)):
                yield ThinkingDelta(thought)
                break
        if more := text(delta.get("content")):
            yield TextDelta(more)
        if refusal := text(delta.get("refusal")):
            self._refused = True
            yield TextDelta(refusal)
        for call in json_list(delta.get("tool_calls")):
            yield self._tool_call(json_object(call))
        self._finish = text(choice.get("finish_reason")) or self._finish
        self._stop_text = self._stop_text or bool(text(choice.get("stop_reason")))

    def _tool_call(self, call: Mapping[str, Any]) -> ToolCallDelta:
        number = call.get("index")
        slot = number if isinstance(number, int) else 0
        given = text(call.get("id"))
        function = json_object(call.get("function"))
        name, arguments = text(function.get("name")), text(function.get("arguments"))
        signature = text(object_in(object_in(call, "extra_content"), "google").get("thought_signature"))
        known = self._known(slot, given, name, has_number=isinstance(number, int))
        if known is not None:
            if arguments:
                self._without_arguments.discard(known)
            return ToolCallDelta(known, arguments=arguments, signature=signature)
        index = len(self._calls)
        self._calls[slot, given or f"call_{index}"] = index
        self._latest[slot] = index
        if not arguments:
            self._without_arguments.add(index)
        if not name:
            raise garbage(self._server, "a tool call without a name")
        return ToolCallDelta(index, given or f"call_{index}", name, arguments, signature)

    def _known(self, slot: int, given: str, name: str, *, has_number: bool) -> int | None:
        """The call that a delta belongs to, None for a new one. Some servers draw a new id for each delta of a call."""
        if given and (slot, given) in self._calls:
            return self._calls[slot, given]
        belongs = not name if given else has_number or not name
        return self._latest.get(slot) if belongs else None


def _usage(usage: Mapping[str, Any]) -> Usage:
    details = json_object(usage.get("prompt_tokens_details"))
    n_input, n_output = count(usage.get("prompt_tokens")), count(usage.get("completion_tokens"))
    return Usage(
        input_tokens=n_input,
        # Google's completion_tokens are without what the model thought; its total is not.
        output_tokens=max(n_output, count(usage.get("total_tokens")) - n_input),
        cache_read_tokens=count(details.get("cached_tokens")),
    )
