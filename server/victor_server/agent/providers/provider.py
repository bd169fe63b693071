"""What a provider is: the only shape in which the rest of Victor knows a model server."""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from victor_server.agent.events import ProviderEvent
from victor_server.agent.messages import ModelRequest


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one model at one server can do. `context_tokens` and `max_output_tokens`: None where nobody knows."""

    context_tokens: int | None = None
    max_output_tokens: int | None = None
    tools: bool = False
    json_schema: bool = False
    thinking: bool = False
    fim: bool = False
    prompt_caching: bool = False
    counts_tokens: bool = False


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model that a server offers; `size_bytes` and `context_tokens` where it says."""

    name: str
    size_bytes: int | None = None
    context_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class PullProgress:
    """How far the download of a model is; `total_bytes` None while unknown."""

    status: str
    done_bytes: int = 0
    total_bytes: int | None = None


class Provider(Protocol):
    """One model server. Coroutines run on one event loop and may be cancelled at any await.

    Everything raises from the ProviderError tree (or OfflineBlocked from the connection) and nothing else. No method
    retries: that is the router's. Making one connects nowhere and loads no library.
    """

    @property
    def name(self) -> str:
        """One of ollama, vllm, lmstudio, anthropic, openai, google, embedded, scripted, openai-compatible."""
        ...

    @property
    def address(self) -> str:
        """Where it is, as a person reads it: an address without credentials, or what runs in a child process."""
        ...

    @property
    def is_local(self) -> bool:
        """True where it runs on this machine: what it is sent does not leave it."""
        ...

    def stream(self, request: ModelRequest) -> AsyncGenerator[ProviderEvent, None]:
        """The answer as it comes: any number of events, then one Stopped. `aclose` ends the call at the server at once.

        Raises before the first event where nothing was answered; after it, where the answer broke off.
        """
        ...

    async def capabilities(self, model: str) -> Capabilities:
        """What `model` can do: from a table, and from the server where it says. Kept after the first answer."""
        ...

    async def count_tokens(self, request: ModelRequest) -> int:
        """An upper bound of the request's input tokens: counted where the server can, else estimated from the text."""
        ...

    async def models(self) -> Sequence[ModelInfo]:
        """The models that the server offers."""
        ...

    async def check(self) -> None:
        """Raise what keeps the server from answering; costs no tokens."""
        ...

    def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Have the server fetch `model`. Raises UsageError where it cannot."""
        ...

    async def close(self) -> None:
        """Let go of connections and children; open streams end."""
        ...


OpenProvider = Callable[[str], Provider]
"""The provider of a profile, by the profile's name; the same object each time while the settings stay."""
