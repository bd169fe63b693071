"""How much one turn may do with tools, and how much of a result a model is told."""

from dataclasses import dataclass

_HEAD = 0.6
"""Of what is told of a long text; the rest is its end, where programs say how it went."""


@dataclass(frozen=True, slots=True)
class ToolLimits:
    """`max_steps` are model calls, `max_tool_s` seconds in which tools work (waiting for a person counts as none),
    `max_tokens` those of all calls of a turn together, in and out. `max_result_characters` are of one result."""

    max_steps: int = 50
    max_tool_s: float = 900.0
    max_tokens: int = 2_000_000
    max_result_characters: int = 40_000


DEFAULT_LIMITS = ToolLimits()


def bounded(text: str, n_characters: int) -> str:
    """`text`, or its beginning and its end in about so many characters, with what is missing stated between them."""
    if len(text) <= n_characters:
        return text
    head = _whole_lines(text[: int(n_characters * _HEAD)])
    n_tail = n_characters - int(n_characters * _HEAD)
    tail = text[-n_tail:] if n_tail else ""
    line_end = tail.find("\n")
    tail = tail[line_end + 1 :] if 0 <= line_end < len(tail) // 2 else tail
    left_out = len(text) - len(head) - len(tail)
    return f"{head.rstrip()}\n\n[{left_out:,} characters are left out here]\n\n{tail}"


def _whole_lines(head: str) -> str:
    end = head.rfind("\n") + 1
    return head[:end] if end > len(head) // 2 else head
