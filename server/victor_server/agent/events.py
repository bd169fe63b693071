"""What a model's answer is made of while it comes: the closed union that every provider emits."""

from dataclasses import dataclass, field
from typing import Literal

StopReason = Literal["end", "max_tokens", "tool_calls", "stop_text", "refused"]


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer's text."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ThinkingDelta:
    """More of what the model thinks; `signature` is given at its end by providers that sign it."""

    text: str = field(repr=False)
    signature: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """More of one tool call: `index` tells calls apart, `id` and `name` come with the first delta of each.

    The `arguments` of all deltas of one call, joined, are one JSON object. `signature` is given by providers that sign.
    """

    index: int
    id: str = ""
    name: str = ""
    arguments: str = field(default="", repr=False)
    signature: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counted them, so far; a later one replaces an earlier one.

    `input_tokens` counts all input, `cache_read_tokens` and `cache_write_tokens` the parts of it that were read from
    or written to the provider's cache. `counted` is False where the provider gave no numbers and they are estimated.
    """

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Stopped:
    """The end of the answer: exactly one, and last."""

    reason: StopReason


ModelEvent = TextDelta | ThinkingDelta | ToolCallDelta | Usage | Stopped


@dataclass(frozen=True, slots=True)
class AnsweredBy:
    """Who answers, told by a server that hands on what it is asked: `who` as a person reads it."""

    who: str


ProviderEvent = ModelEvent | AnsweredBy
