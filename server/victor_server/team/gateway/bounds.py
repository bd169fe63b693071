"""How many tokens a request cannot exceed, whichever tokenizer counts them: no token is shorter than a byte."""

import json

from victor_server.agent.messages import (
    ModelRequest,
    Part,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
    ToolSpec,
)

_REQUEST_TOKENS = 64
_MESSAGE_TOKENS = 16
_TOOL_TOKENS = 64
_TOOLS_TOKENS = 1_000
"""What providers put before a request that has tools: up to about 800 tokens."""


def most_input_tokens(request: ModelRequest, n_estimated: int) -> int:
    """An upper bound, several times as much as ordinary text has: to be set aside, not to be charged."""
    parts = sum(_of_part(part) for message in request.messages for part in message.parts)
    tools = _TOOLS_TOKENS + sum(map(_of_tool, request.tools)) if request.tools else 0
    schema = _bytes(_json(request.json_schema)) if request.json_schema is not None else 0
    system = sum(_bytes(part.text) + _MESSAGE_TOKENS for part in request.system)
    most = _REQUEST_TOKENS + len(request.messages) * _MESSAGE_TOKENS + parts + tools + schema + system
    return max(most, n_estimated)


def _of_tool(tool: ToolSpec) -> int:
    return _TOOL_TOKENS + _bytes(tool.name) + _bytes(tool.description) + _bytes(_json(tool.schema))


def _of_part(part: Part) -> int:
    if isinstance(part, ToolCallPart):
        return _MESSAGE_TOKENS + _bytes(part.id) + _bytes(part.name) + _bytes(_json(part.arguments))
    if isinstance(part, ToolResultPart):
        return _MESSAGE_TOKENS + _bytes(part.id) + _bytes(part.text)
    signature = part.signature if isinstance(part, ThinkingPart) else ""
    return _MESSAGE_TOKENS + _bytes(part.text) + _bytes(signature)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _json(value: object) -> str:
    """With escapes, so that it is as long as anybody may write it."""
    return json.dumps(value, default=str)
