"""Says from the text alone how many tokens a request has at most, where no server counts them."""

import json
import re

from victor_server.agent.messages import (
    Message,
    ModelRequest,
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolSpec,
)

_MESSAGE_TOKENS = 8
"""What a chat template adds to each message."""

_REQUEST_TOKENS = 32
_TOOL_TOKENS = 32

_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[ \t]+|\d|[^\sA-Za-z\d]|[\r\n]+")
_LETTERS_IN_A_TOKEN = 4
_LONGEST_ORDINARY = 24
"""Longer runs of letters or blanks are no words and no indentation: they have more tokens than such."""

_DENSE = 1.1
"""Measured on this project's own files: with it no file of ordinary text or code has more tokens than we say."""


def tokens_of_text(text: str) -> int:
    """An upper bound of the tokens in ordinary text and code; ciphertext and the like may have a few more."""
    ascii_text = text.encode("ascii", "ignore").decode()
    others = len(text.encode("utf-8", "surrogatepass")) - len(ascii_text)
    return int(sum(map(_tokens_of_piece, _PIECE.findall(ascii_text))) * _DENSE) + others


def tokens_of_request(request: ModelRequest) -> int:
    """An upper bound of a request's input tokens, tools and templates included."""
    system = sum(tokens_of_text(part.text) for part in request.system)
    tools = sum(map(tokens_of_tool, request.tools))
    schema = tokens_of_text(_json(request.json_schema)) if request.json_schema is not None else 0
    return _REQUEST_TOKENS + system + tools + schema + sum(map(_tokens_of_message, request.messages))


def tokens_of_tool(tool: ToolSpec) -> int:
    """An upper bound of what a model is told of one tool."""
    return _TOOL_TOKENS + tokens_of_text(f"{tool.name} {tool.description} {_json(tool.schema)}")


def _tokens_of_piece(piece: str) -> int:
    if len(piece) > _LONGEST_ORDINARY:
        return len(piece) * 3 // 4
    if piece[0].isspace():
        return 0 if piece == " " else 1  # a single space belongs to the word behind it
    return -(-len(piece) // _LETTERS_IN_A_TOKEN)


def _tokens_of_message(message: Message) -> int:
    return _MESSAGE_TOKENS + sum(tokens_of_text(_text(part)) for part in message.parts)


def _text(part: Part) -> str:
    if isinstance(part, TextPart | ThinkingPart):
        return part.text
    if isinstance(part, ToolCallPart):
        return f"{part.id} {part.name} {_json(part.arguments)}"
    return f"{part.id} {part.text}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
