"""What other tools ask and are told in a vendor's words, as `/v1/openapi.json` describes it.

What is read of it, and what is refused, stands in `openai.py` and `anthropic.py`: vendors add fields every month, and
one that is not known is passed over.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Objects = list[dict[str, Any]]
Words = dict[str, Any]


class _Described(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)


class ChatAsked(_Described):
    """A chat completion, as OpenAI's API asks for it. `tools` are functions; only text is taken."""

    model: str = ""
    messages: Objects
    stream: bool = False
    stream_options: Words | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    temperature: float | None = None
    stop: str | list[str] | None = None
    tools: Objects | None = None
    response_format: Words | None = None
    n: Literal[1] = 1


class ChatTold(_Described):
    """A chat completion, whole."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: Objects
    usage: Words


class ChatError(BaseModel):
    """An error, as OpenAI's API tells it."""

    class Said(BaseModel):
        """What went wrong, and what to do."""

        message: str
        type: str
        code: str
        param: None = None

    error: Said


class MessagesAsked(_Described):
    """A message, as Anthropic's API asks for it. Only text and tools are taken."""

    model: str = ""
    messages: Objects
    max_tokens: int | None = None
    system: str | Objects | None = None
    stream: bool = False
    temperature: float | None = None
    stop_sequences: list[str] | None = None
    tools: Objects | None = None


class MessagesTold(_Described):
    """A message, whole."""

    id: str
    type: Literal["message"]
    role: Literal["assistant"]
    model: str
    content: Objects
    stop_reason: str | None
    usage: Words


class MessagesError(BaseModel):
    """An error, as Anthropic's API tells it."""

    class Said(BaseModel):
        """What went wrong, and what to do."""

        type: str
        message: str

    type: Literal["error"] = "error"
    error: Said
