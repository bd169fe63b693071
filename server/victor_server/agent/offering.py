"""Chooses which tools a turn offers its model: all that it can call and that its window can hold."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from victor_server.agent.messages import TextPart, ToolSpec
from victor_server.agent.prompts import tools_text
from victor_server.agent.tools.fitting import fitting
from victor_server.agent.window import Window, tokens_of

if TYPE_CHECKING:
    from victor_server.agent.turn import Tools

TOOLS_SHARE = 3
"""What a model is told of tools takes at most a third of what it can read."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The tools that a model is told of, none where it gets none; `note` is what the person should know of that."""

    specs: tuple[ToolSpec, ...] = ()
    note: str = ""


async def offer(tools: "Tools", window: Window) -> Offer:
    """What a model with this window is offered of `tools`."""
    wanted, room = tuple(tools.specs), window.input_tokens
    if not wanted:
        return Offer()
    if not window.tools:
        return Offer((), "The model gets no tools: it cannot call any.")
    if room is None:
        return Offer(wanted)
    most = room // TOOLS_SHARE
    n_tokens = most - await tokens_of((), (TextPart(tools_text(tools.mode)),))
    specs = await asyncio.to_thread(fitting, wanted, n_tokens)
    return Offer(
        specs, _note(specs, wanted, f"what it is told of them may take {most:,} of its {room:,} tokens")
    )


def _note(specs: Sequence[ToolSpec], wanted: Sequence[ToolSpec], why: str) -> str:
    if len(specs) == len(wanted):
        return ""
    if not specs:
        return f"The model gets no tools: {why}."
    names = ", ".join(spec.name for spec in specs)
    return f"The model gets {len(specs)} of {len(wanted)} tools ({names}): {why}."
