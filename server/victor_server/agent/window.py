"""How much fits the model that a turn is about to ask."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from victor_server.agent.messages import Message, ModelRequest, TextPart, ToolCallPart, ToolSpec
from victor_server.agent.providers.estimate import tokens_of_request
from victor_server.agent.router.decision import Need
from victor_server.agent.router.tasks import task_of
from victor_server.agent.services import AgentServices
from victor_server.errors import VictorError

_OUTPUT_SHARE = 4
"""An answer may take a quarter of a small window."""
_MAX_INLINE = 8_000
_MAX_INLINE_MESSAGES = 20
"""What is counted on the event loop: about a millisecond's worth."""


@dataclass(frozen=True, slots=True)
class Window:
    """`context_tokens` None: nobody knows how many fit. `max_output_tokens` are what an answer may take of them.

    `tools`: whether the model can call any, as far as is known.
    """

    context_tokens: int | None
    max_output_tokens: int
    tools: bool = True

    @property
    def input_tokens(self) -> int | None:
        """What a request may take."""
        return None if self.context_tokens is None else self.context_tokens - self.max_output_tokens

    def without(self, n_tokens: int) -> "Window":
        """For a model that has found a request of `n_tokens` too long, whatever it said that it holds."""
        return replace(self, context_tokens=n_tokens * 2 // 3 + self.max_output_tokens)


async def window_of(task: str, profile: str, services: AgentServices) -> Window:
    """The window of whoever would answer now. Nobody to answer, or no word of it: unknown, and the call will tell."""
    most = task_of(task).max_output_tokens
    try:
        decision = await services.router.decide(Need(task, profile))
        capabilities = await services.router.capabilities(decision)
    except VictorError:
        return Window(None, most)
    chosen = services.router.profile_of(decision)
    most = min(most, chosen.max_output_tokens, capabilities.max_output_tokens or most)
    sizes = [size for size in (capabilities.context_tokens, chosen.context_tokens) if size]
    if not sizes:
        return Window(None, most, capabilities.tools)
    return Window(min(sizes), max(1, min(most, min(sizes) // _OUTPUT_SHARE)), capabilities.tools)


async def tokens_of(
    messages: Sequence[Message], system: Sequence[TextPart] = (), tools: Sequence[ToolSpec] = ()
) -> int:
    """What a request with these takes at most."""
    return await tokens_of_long(ModelRequest("", tuple(messages), 1, tuple(system), tuple(tools)))


async def tokens_of_long(request: ModelRequest) -> int:
    """What a request takes at most; one with much text is counted in a thread."""
    n_characters = sum(
        len(part.text)
        for message in request.messages
        for part in message.parts
        if not isinstance(part, ToolCallPart)
    )
    if n_characters <= _MAX_INLINE and len(request.messages) <= _MAX_INLINE_MESSAGES:
        return tokens_of_request(request)
    return await asyncio.to_thread(tokens_of_request, request)
