"""What is sent to a model, in no provider's words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class TextPart:
    """Text. `stable` marks the end of a prefix that further calls repeat, where a provider may cache."""

    text: str = field(repr=False)
    stable: bool = False


@dataclass(frozen=True, slots=True)
class ThinkingPart:
    """What a model thought; `signature` is the provider's own and goes back with it unchanged."""

    text: str = field(repr=False)
    signature: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ToolCallPart:
    """A tool that the model asked for. `arguments` is what JSON knows; `signature` goes back with it unchanged."""

    id: str
    name: str
    arguments: Mapping[str, Any] = field(repr=False)
    signature: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ToolResultPart:
    """What a tool gave back for the call `id`."""

    id: str
    text: str = field(repr=False)
    is_error: bool = False


Part = TextPart | ThinkingPart | ToolCallPart | ToolResultPart


@dataclass(frozen=True, slots=True)
class Message:
    """One message. Role `tool` holds ToolResultParts only; `assistant` holds no ToolResultPart."""

    role: Role
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool that the model may ask for; `schema` is the JSON schema of its arguments, an object."""

    name: str
    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One call of a model.

    `max_output_tokens` is a bound that the provider is held to. `json_schema`: the answer must be JSON that fits it.
    `temperature` None leaves it to the model. `stop` are texts at which the answer ends (and which it does not hold).
    """

    model: str
    messages: tuple[Message, ...]
    max_output_tokens: int
    system: tuple[TextPart, ...] = ()
    tools: tuple[ToolSpec, ...] = ()
    json_schema: Mapping[str, Any] | None = None
    temperature: float | None = None
    stop: Sequence[str] = ()


def text_of(message: Message) -> str:
    """The text of a message, without thinking and tools."""
    return "".join(part.text for part in message.parts if isinstance(part, TextPart))


def user(text: str) -> Message:
    """A message of the person."""
    return Message("user", (TextPart(text),))


def assistant(text: str) -> Message:
    """A message of the model."""
    return Message("assistant", (TextPart(text),))
