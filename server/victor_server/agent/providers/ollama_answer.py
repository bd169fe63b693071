"""Reads the lines of a streamed answer of Ollama's own API."""

import json
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

_STOPS: Mapping[str, StopReason] = {"stop": "end", "length": "max_tokens"}


class OllamaAnswer:
    """Implements `Reader` over the parsed JSON of each line. A tool call comes whole, without an id."""

    def __init__(self, server: ServerAddress) -> None:
        self._server = server
        self._done = False
        self._reason = ""
        self._n_calls = 0

    def events(self, chunk: Any) -> Iterator[ModelEvent]:
        """What one line says."""
        if not isinstance(chunk, dict):
            raise garbage(self._server, "a line that is no object")
        if chunk.get("error"):
            raise error_of_failure(failure_of_body(None, chunk, {}), self._server)
        message = object_in(chunk, "message")
        if thought := text(message.get("thinking")):
            yield ThinkingDelta(thought)
        if more := text(message.get("content")):
            yield TextDelta(more)
        for call in json_list(message.get("tool_calls")):
            yield self._tool_call(object_in(json_object(call), "function"))
        if chunk.get("done") is True:
            self._done = True
            self._reason = text(chunk.get("done_reason"))
            yield Usage(count(chunk.get("prompt_eval_count")), count(chunk.get("eval_count")))

    def end(self) -> Iterator[ModelEvent]:
        """Stopped. Raises ProviderUnavailable where no line said that it was the last."""
        if not self._done:
            raise broke_off(self._server)
        reason = _STOPS.get(self._reason, "end")
        yield Stopped("tool_calls" if reason == "end" and self._n_calls else reason)

    def _tool_call(self, function: Mapping[str, Any]) -> ToolCallDelta:
        name = text(function.get("name"))
        if not name:
            raise garbage(self._server, "a tool call without a name")
        index = self._n_calls
        self._n_calls += 1
        given = function.get("arguments")
        arguments = given if isinstance(given, str) else json.dumps(json_object(given))
        return ToolCallDelta(index, f"call_{index}", name, arguments or "{}")
