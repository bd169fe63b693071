"""Makes a turn that has used many tools fit its model: what the oldest gave is left out, and said to be."""

from collections.abc import Sequence
from dataclasses import replace

from victor_server.agent.messages import Message, ToolResultPart
from victor_server.agent.providers.estimate import tokens_of_text

LEFT_OUT = "[This result is no longer shown, to make room. Call the tool again if you need it.]"

_LEAST_CHARACTERS = 200
"""Shorter results are worth more than their room."""


def without_old_results(said: Sequence[Message], n_tokens: int) -> list[Message]:
    """`said` with at least so many tokens less, the oldest results first; as it is where there is nothing to leave out.

    Those of the last step stay: the model has not seen them yet. Every call keeps a result.
    """
    last = max((at for at, message in enumerate(said) if message.role == "tool"), default=0)
    shorter, saved = list(said), 0
    for at, message in enumerate(said[:last]):
        if saved >= n_tokens:
            break
        if message.role == "tool":
            parts = [_left_out(part) if isinstance(part, ToolResultPart) else part for part in message.parts]
            shorter[at] = replace(message, parts=tuple(parts))
            saved += _tokens(message) - _tokens(shorter[at])
    return shorter


def _left_out(part: ToolResultPart) -> ToolResultPart:
    return part if len(part.text) < _LEAST_CHARACTERS else replace(part, text=LEFT_OUT)


def _tokens(message: Message) -> int:
    return sum(tokens_of_text(part.text) for part in message.parts if isinstance(part, ToolResultPart))
