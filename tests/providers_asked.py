"""Asks a provider and collects what it answers."""

from typing import Any

from victor_server.agent.events import AnsweredBy, ModelEvent, TextDelta
from victor_server.agent.messages import (
    Message,
    ModelRequest,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
    ToolSpec,
    user,
)
from victor_server.agent.providers.provider import Provider

CONVERSATION = ModelRequest(
    "m",
    (
        user("add"),
        Message(
            "assistant",
            (ThinkingPart("hm", "sig"), TextPart("I will. "), ToolCallPart("c1", "add", {"a": 1, "é": "ü"})),
        ),
        Message("tool", (ToolResultPart("c1", "3"), ToolResultPart("c2", "no", is_error=True))),
    ),
    64,
    system=(TextPart("Be brief. ", stable=True), TextPart("Be kind.")),
    tools=(ToolSpec("add", "Adds.", {"type": "object", "properties": {"a": {"type": "integer"}}}),),
    temperature=0.0,
    stop=("END",),
)
"""One of everything that a request may hold."""


def ask(text: str, *, model: str = "m", max_output_tokens: int = 64, **more: Any) -> ModelRequest:
    """A request of one message."""
    return ModelRequest(model, (user(text),), max_output_tokens, **more)


async def answer_of(provider: Provider, request: ModelRequest) -> list[ModelEvent]:
    """All events of one answer; who it is behind a team's backend that answered is none of them."""
    return [event async for event in provider.stream(request) if not isinstance(event, AnsweredBy)]


async def text_of_answer(provider: Provider, request: ModelRequest) -> str:
    """The text of one answer."""
    events = await answer_of(provider, request)
    return "".join(event.text for event in events if isinstance(event, TextDelta))
