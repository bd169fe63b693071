"""Takes the key that a provider was asked with out of what it answers, however the answer is cut."""

from collections.abc import Iterator
from dataclasses import replace

from victor_server.agent.events import ModelEvent, TextDelta, ThinkingDelta, ToolCallDelta

SHOWN = "[REDACTED:api-key]"
_SHORTEST = 8


class TakingOut:
    """One answer as it comes. What may be the beginning of the key waits until what follows says that it is none."""

    def __init__(self, key: str) -> None:
        self._key = key if len(key) >= _SHORTEST else ""
        self._held: TextDelta | ThinkingDelta | ToolCallDelta | None = None

    def feed(self, event: ModelEvent) -> Iterator[ModelEvent]:
        """What can be told by now."""
        if not self._key:
            yield event
            return
        held = self._held
        if held is not None and not _goes_on(held, event):
            yield held
            held = None
        self._held = None
        if not isinstance(event, TextDelta | ThinkingDelta | ToolCallDelta):
            yield event
            return
        text = (_text(held) if held is not None else "") + _text(event)
        text = text.replace(self._key, SHOWN)
        n_waiting = self._n_waiting(text)
        if n_waiting:
            self._held = _with(event, text[len(text) - n_waiting :], is_rest=True)
        told = text[: len(text) - n_waiting]
        if told or _says_more(event):
            yield _with(event, told)

    def _n_waiting(self, text: str) -> int:
        """How many characters at the end are a beginning of the key."""
        at = text.find(self._key[0], max(0, len(text) - len(self._key) + 1))
        while at >= 0:
            if self._key.startswith(text[at:]):
                return len(text) - at
            at = text.find(self._key[0], at + 1)
        return 0


def _goes_on(held: ModelEvent, event: ModelEvent) -> bool:
    if isinstance(held, ToolCallDelta):
        return isinstance(event, ToolCallDelta) and event.index == held.index
    return type(held) is type(event)


def _text(event: TextDelta | ThinkingDelta | ToolCallDelta) -> str:
    return event.arguments if isinstance(event, ToolCallDelta) else event.text


def _says_more(event: TextDelta | ThinkingDelta | ToolCallDelta) -> bool:
    return not isinstance(event, TextDelta)


def _with(
    event: TextDelta | ThinkingDelta | ToolCallDelta, text: str, *, is_rest: bool = False
) -> TextDelta | ThinkingDelta | ToolCallDelta:
    if isinstance(event, ToolCallDelta):
        return ToolCallDelta(event.index, arguments=text) if is_rest else replace(event, arguments=text)
    if isinstance(event, ThinkingDelta):
        return ThinkingDelta(text) if is_rest else replace(event, text=text)
    return TextDelta(text)
