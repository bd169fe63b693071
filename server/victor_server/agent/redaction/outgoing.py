"""The last gate before a model: nothing passes in which a secret of the conversation still stands.

What a turn says has lost its secrets where it came in (`incoming`). Here everything is looked at once more, as a whole:
what a later text gave away as a secret may stand in an earlier one, and whoever made the call may have forgotten
something. Placeholders of the conversation stay, so looking twice changes nothing.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

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
from victor_server.agent.whole_characters import encodable
from victor_server.secrets.redaction.session import RedactionSession

MAX_INLINE = 64_000
"""Characters that are looked at on the event loop; more of them go to a thread."""

_MAX_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Cleared:
    """A request that passed the gate, and how many secrets have placeholders in it, by kind. Made by `clear` alone."""

    request: ModelRequest
    redacted: Mapping[str, int]


async def clear(request: ModelRequest, session: RedactionSession) -> Cleared:
    """`request` as it may leave: texts, names, arguments, schemas. Long ones are looked at in a thread."""
    if sum(map(len, _texts(request))) <= MAX_INLINE:
        return clear_now(request, session)
    return await asyncio.to_thread(clear_now, request, session)


def clear_now(request: ModelRequest, session: RedactionSession) -> Cleared:
    """The same at once."""
    for _ in range(_MAX_ROUNDS):
        n_values = session.n_values
        request = _cleared(request, session)
        if session.n_values == n_values:
            break
    return Cleared(request, Counter(session.count(_texts(request))))


def _cleared(request: ModelRequest, session: RedactionSession) -> ModelRequest:
    return replace(
        request,
        system=tuple(_texts_cleared(request.system, session)),
        messages=tuple(_message(message, session) for message in request.messages),
        tools=tuple(_tool(tool, session) for tool in request.tools),
        json_schema=None if request.json_schema is None else _json(request.json_schema, session),
        stop=tuple(_text(text, session) for text in request.stop),
    )


def _message(message: Message, session: RedactionSession) -> Message:
    parts: list[Part] = []
    for is_text, run in groupby(message.parts, lambda part: isinstance(part, TextPart)):
        if is_text:
            parts += _texts_cleared([part for part in run if isinstance(part, TextPart)], session)
        else:
            parts += [part for each in run if (part := _part(each, session)) is not None]
    return Message(message.role, tuple(parts))


def _texts_cleared(parts: Iterable[TextPart], session: RedactionSession) -> Iterator[TextPart]:
    """Each part by itself, unless a secret reaches from one into the next: then they become one."""
    parts = list(parts)
    cleared = [_text(part.text, session) for part in parts]
    if len(parts) > 1 and (whole := _text("".join(cleared), session)) != "".join(cleared):
        yield TextPart(whole, stable=False)
        return
    yield from (replace(part, text=text) for part, text in zip(parts, cleared, strict=True))


def _part(part: Part, session: RedactionSession) -> Part | None:
    match part:
        case TextPart():
            return replace(part, text=_text(part.text, session))
        case ThinkingPart():
            # A provider signs it as it is: changed, it would be refused.
            return part if _text(part.text, session) == part.text else None
        case ToolCallPart():
            return replace(part, name=_text(part.name, session), arguments=_json(part.arguments, session))
        case ToolResultPart():
            return replace(part, text=_text(part.text, session))


def _tool(tool: ToolSpec, session: RedactionSession) -> ToolSpec:
    description = _text(tool.description, session)
    return ToolSpec(_text(tool.name, session), description, _json(tool.schema, session))


def _json(value: Mapping[str, Any], session: RedactionSession) -> Mapping[str, Any]:
    """A JSON object, looked at as the text that a model reads: a name may give away the value beside it."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    cleared = _text(text, session, "arguments.json")
    if cleared == text:
        return value
    try:
        again = json.loads(cleared)
    except ValueError:
        again = None
    return again if isinstance(again, dict) else {"redacted": cleared}


def _text(text: str, session: RedactionSession, path: str = "") -> str:
    return session.redact_again(encodable(text), path)[0]


def _texts(request: ModelRequest) -> Iterator[str]:
    """Every text of a request."""
    yield from (part.text for part in request.system)
    yield from request.stop
    for tool in request.tools:
        yield from (tool.name, tool.description, json.dumps(tool.schema))
    if request.json_schema is not None:
        yield json.dumps(request.json_schema)
    for message in request.messages:
        for part in message.parts:
            if isinstance(part, ToolCallPart):
                yield from (part.name, json.dumps(part.arguments))
            else:
                yield part.text
