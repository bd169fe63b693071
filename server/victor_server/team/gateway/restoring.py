"""Gives the caller back what redaction took out of their own request, wherever the answer names it."""

import json
from typing import Any

from victor_server.agent.events import ModelEvent, Stopped, TextDelta, ThinkingDelta, ToolCallDelta, Usage
from victor_server.secrets.redaction.session import RedactionSession


class Restoring:
    """One answer as it comes. Its caller sent these values a moment ago, so all of them may be put back.

    A tool's arguments wait until they are whole: a value is put into the JSON that they are, not into its text.
    """

    def __init__(self, session: RedactionSession) -> None:
        self._session = session
        self._text = session.restore_stream()
        self._call: ToolCallDelta | None = None
        self._arguments: list[str] = []

    def feed(self, event: ModelEvent) -> list[ModelEvent]:
        """What can be told by now."""
        match event:
            case Usage():
                return [event]
            case TextDelta():
                left: list[ModelEvent] = self._end_call()
                shown = self._text.feed(event.text)
                return [*left, TextDelta(shown)] if shown else left
            case ThinkingDelta():
                # A provider signs what it thought as it is: it is given back with the placeholders in it.
                return [event]
            case ToolCallDelta():
                return self._more_of_call(event)
            case Stopped():
                return [*self.finish(), event]

    def finish(self) -> list[ModelEvent]:
        """All that is left."""
        rest = self._text.finish()
        return [*([TextDelta(rest)] if rest else []), *self._end_call()]

    def _more_of_call(self, event: ToolCallDelta) -> list[ModelEvent]:
        ended: list[ModelEvent] = []
        if self._call is None or self._call.index != event.index:
            rest = self._text.finish()
            ended = [*([TextDelta(rest)] if rest else []), *self._end_call()]
            self._call = event
        self._arguments.append(event.arguments)
        if event.signature or event.id:
            call = self._call
            self._call = ToolCallDelta(
                event.index,
                call.id or event.id,
                call.name or event.name,
                "",
                event.signature or call.signature,
            )
        return ended

    def _end_call(self) -> list[ModelEvent]:
        call, self._call = self._call, None
        arguments, self._arguments = "".join(self._arguments), []
        if call is None:
            return []
        return [ToolCallDelta(call.index, call.id, call.name, self._whole(arguments), call.signature)]

    def _whole(self, arguments: str) -> str:
        try:
            return json.dumps(self._restored(json.loads(arguments)), ensure_ascii=False)
        except (ValueError, RecursionError):
            return arguments  # as the model wrote it: what is no JSON, or too deep, is not looked into

    def _restored(self, value: Any) -> Any:
        match value:
            case str():
                return self._session.restore(value)
            case list():
                return [self._restored(each) for each in value]
            case dict():
                return {self._session.restore(name): self._restored(each) for name, each in value.items()}
        return value
