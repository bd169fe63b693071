"""One answer of a model, as a turn tells it: text for the person and text to keep, tools that it asks for."""

import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

from victor_server.agent.events import (
    ModelEvent,
    Stopped,
    StopReason,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
)
from victor_server.agent.messages import Message, Part, TextPart, ThinkingPart, ToolCallPart
from victor_server.agent.redaction.shown import ShownStream
from victor_server.agent.run_events import Answered, Thought, ToolAsked
from victor_server.agent.text_kinds import KeptText, ShownText
from victor_server.agent.written_calls import written_calls
from victor_server.errors import BadResponse
from victor_server.secrets.redaction.session import RedactionSession

MAX_TOOL_CALLS = 64
"""Of one answer; a model that asks for more is out of its mind."""

_ID_CHARACTERS = 9
"""Letters and digits, as the strictest servers want them."""
_MAX_NAME = 64
_NO_NAME = re.compile(r"[^A-Za-z0-9_-]")
"""A name with anything else goes back to no server: it would refuse all that follows."""
_MAX_DEPTH = 40


@dataclass(slots=True)
class _Asked:
    name: str = ""
    arguments: list[str] = field(default_factory=list)
    signature: str = ""


class Saying:
    """Collects one answer while it comes. `calls` are the tools that it asks for, once it is complete.

    Their ids are ours: a server's may be missing, the same twice, or anything. `unreadable` says, by id, what is wrong
    with arguments that are no JSON object; those calls have none. Where the model writes a call of one of `tool_names`
    as its answer, that counts as asking for it. `stands_apart`: text was told before in this turn, and what is told
    now is joined to it as a new paragraph.
    """

    def __init__(
        self,
        session: RedactionSession,
        tool_names: frozenset[str] = frozenset(),
        *,
        stands_apart: bool = False,
    ) -> None:
        self._tool_names = tool_names
        self._gap = "\n\n" if stands_apart else ""
        self.stopped: StopReason | None = None
        self.calls: tuple[ToolCallPart, ...] = ()
        self.unreadable: dict[str, str] = {}
        self._text_shown = ShownStream(session)
        self._thought_shown = ShownStream(session)
        self._text: list[str] = []
        self._thought: list[str] = []
        self._thinking: list[ThinkingPart] = []
        self._asked: dict[int, _Asked] = {}

    def hear(self, event: ModelEvent) -> Iterator[Answered | Thought]:
        """What is to be told of one event. Raises `BadResponse`."""
        match event:
            case TextDelta(text):
                self._text.append(text)
                if text and self._gap:
                    yield Answered(ShownText(self._gap), KeptText(self._gap))
                    self._gap = ""
                kept = KeptText(text)
                yield Answered(self._text_shown.feed(kept), kept)
            case ThinkingDelta():
                kept = KeptText(event.text)
                self._think(event)
                yield Thought(self._thought_shown.feed(kept), kept)
            case ToolCallDelta():
                self._ask(event)
            case Stopped(reason):
                self.stopped = reason

    def finish(self) -> Iterator[Answered | Thought | ToolAsked]:
        """What is left to be told at the end."""
        if rest := self._thought_shown.finish():
            yield Thought(rest, KeptText(""))
        if rest := self._text_shown.finish():
            yield Answered(rest, KeptText(""))
        if self.stopped is not None:  # else it broke off, maybe in the middle of the arguments
            self._read_written_calls()
            self.calls = tuple(self._to_part(asked) for _, asked in sorted(self._asked.items()))
        for call in self.calls:
            yield ToolAsked(call.id, call.name, call.arguments)

    @property
    def has_text(self) -> bool:
        """Whether it holds any text."""
        return any(self._text)

    @property
    def message(self) -> Message | None:
        """The answer as a message of the conversation; None if nothing came of it."""
        thinking = [*self._thinking]
        if self._thought and self.stopped is None:
            thinking = []  # unsigned: a provider that signs would refuse it
        elif self._thought:
            thinking.append(ThinkingPart("".join(self._thought)))
        text = "".join(self._text)
        said: list[Part] = [TextPart(text)] if text.strip() else []
        parts = (*thinking, *said, *self.calls)
        return Message("assistant", parts) if said or self.calls else None

    def _think(self, event: ThinkingDelta) -> None:
        self._thought.append(event.text)
        if event.signature:
            self._thinking.append(ThinkingPart("".join(self._thought), event.signature))
            self._thought = []

    def _ask(self, event: ToolCallDelta) -> None:
        if event.index not in self._asked and len(self._asked) == MAX_TOOL_CALLS:
            raise BadResponse(f"The model asked for more than {MAX_TOOL_CALLS} tools at once.", "Ask again.")
        asked = self._asked.setdefault(event.index, _Asked())
        asked.name = asked.name or event.name
        asked.arguments.append(event.arguments)
        asked.signature = asked.signature or event.signature

    def _read_written_calls(self) -> None:
        if self._asked or not self._tool_names:
            return
        rest, calls = written_calls("".join(self._text), self._tool_names)
        for index, (name, arguments) in enumerate(calls[:MAX_TOOL_CALLS]):
            self._asked[index] = _Asked(name, [json.dumps(arguments)])
        if calls:
            self._text = [rest]

    def _to_part(self, asked: _Asked) -> ToolCallPart:
        call_id = secrets.token_hex(8)[:_ID_CHARACTERS]
        text = "".join(asked.arguments)
        try:
            arguments = json.loads(text or "{}")
            json.dumps(arguments, allow_nan=False)  # as it goes back to the server
            problem = "" if isinstance(arguments, dict) else "They are JSON, but no object."
            problem = problem or ("They are nested too deep." if _is_deep(arguments) else "")
        except (ValueError, RecursionError) as error:
            arguments, problem = {}, _why_no_json(error, cut=self.stopped == "max_tokens")
        if problem:
            self.unreadable[call_id] = (
                f"The arguments of this call cannot be read. {problem} Nothing was done."
            )
            arguments = {}
        name = _NO_NAME.sub("_", asked.name)[:_MAX_NAME] or "unnamed"
        return ToolCallPart(call_id, name, arguments, asked.signature)


def _why_no_json(error: ValueError | RecursionError, *, cut: bool) -> str:
    if cut:
        return "The answer reached its longest length in the middle of them: write less at once, in several calls."
    if isinstance(error, json.JSONDecodeError):
        return (
            f"They are no JSON: {error.msg} at character {error.pos + 1}. Mind quotes, escapes and brackets."
        )
    return "They are no JSON that anybody reads."


def _is_deep(value: object, depth: int = 0) -> bool:
    if depth > _MAX_DEPTH:
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_is_deep(each, depth + 1) for each in inner)
