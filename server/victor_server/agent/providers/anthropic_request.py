"""Writes a request in the words of Anthropic's Messages API."""

from collections.abc import Iterator, Sequence
from typing import Any

from victor_server.agent.messages import (
    Message,
    ModelRequest,
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolSpec,
)
from victor_server.agent.providers.capabilities import known_model

REDACTED = "redacted:"
"""Begins the signature of a thought that only the provider can read."""

_MOST_CACHE_POINTS = 4
_CACHE = {"type": "ephemeral"}
_CACHEABLE = {"text", "tool_use", "tool_result"}


def anthropic_body(request: ModelRequest) -> dict[str, Any]:
    """Return the body of a streamed message. The prefixes that further requests repeat are to be cached."""
    body = prompt_of(request)
    body |= {"max_tokens": request.max_output_tokens, "stream": True}
    if request.json_schema is not None:
        body["output_config"] = {"format": {"type": "json_schema", "schema": request.json_schema}}
    known = known_model(request.model)
    if request.temperature is not None and (known is None or known.temperature):
        body["temperature"] = request.temperature
    if request.stop:
        body["stop_sequences"] = list(request.stop)
    return body


def prompt_of(request: ModelRequest) -> dict[str, Any]:
    """Return what is counted as input: model, system, messages and tools."""
    body: dict[str, Any] = {"model": request.model, "messages": list(_messages(request.messages))}
    if system := list(_blocks(_without_blanks(request.system))):
        body["system"] = system
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
    _mark_conversation(body["messages"], goes_on=bool(request.tools))
    _keep_last_cache_points(body)
    return body


def _messages(messages: Sequence[Message]) -> Iterator[dict[str, Any]]:
    for message in messages:
        blocks = list(_blocks(_without_blanks(message.parts)))
        if blocks:  # an empty message is refused
            yield {"role": "assistant" if message.role == "assistant" else "user", "content": blocks}


def _without_blanks(parts: Sequence[Part]) -> list[Part]:
    """The parts with blank texts joined to the text before: a block of white space alone may be refused."""
    kept: list[Part] = []
    for part in parts:
        if not isinstance(part, TextPart) or part.text.strip():
            kept.append(part)
        elif kept and isinstance(last := kept[-1], TextPart):
            kept[-1] = TextPart(last.text + part.text, last.stable or part.stable)
    return kept


def _blocks(parts: Sequence[Part]) -> Iterator[dict[str, Any]]:
    """The blocks of parts; none for a thought that this provider has not signed."""
    for part in parts:
        yield from _block(part)


def _block(part: Part) -> Iterator[dict[str, Any]]:
    if isinstance(part, TextPart):
        yield {"type": "text", "text": part.text} | ({"cache_control": _CACHE} if part.stable else {})
    elif isinstance(part, ThinkingPart):
        if part.signature.startswith(REDACTED):
            yield {"type": "redacted_thinking", "data": part.signature.removeprefix(REDACTED)}
        elif part.signature:
            yield {"type": "thinking", "thinking": part.text, "signature": part.signature}
    elif isinstance(part, ToolCallPart):
        yield {"type": "tool_use", "id": part.id, "name": part.name, "input": part.arguments}
    else:
        yield {
            "type": "tool_result",
            "tool_use_id": part.id,
            "content": part.text,
            "is_error": part.is_error,
        }


def _tool(tool: ToolSpec) -> dict[str, Any]:
    return {"name": tool.name, "description": tool.description, "input_schema": tool.schema}


def _mark_conversation(messages: list[dict[str, Any]], *, goes_on: bool) -> None:
    """Mark what the next request begins with too: all before the question, and all if tools are to follow.

    What is put before a question is shown with it once; the system's text alone is too short for the cache.
    """
    questions = [n for n, each in enumerate(messages) if each["role"] == "user" and _has_text(each)]
    ends = [messages[n - 1] for n in questions[-1:] if n]
    for message in (*ends, *(messages[-1:] if goes_on else ())):
        block = message["content"][-1]
        if block["type"] in _CACHEABLE:
            block["cache_control"] = _CACHE


def _has_text(message: dict[str, Any]) -> bool:
    return any(block["type"] == "text" for block in message["content"])


def _keep_last_cache_points(body: dict[str, Any]) -> None:
    blocks = [
        *body.get("system", ()),
        *(block for message in body["messages"] for block in message["content"]),
    ]
    marked = [block for block in blocks if "cache_control" in block]
    for block in marked[:-_MOST_CACHE_POINTS]:
        del block["cache_control"]
