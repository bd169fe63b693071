"""What servers and models are known to do differently: one table of servers, one of models."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from victor_server.agent.providers.provider import Capabilities
from victor_server.settings.profiles import ProviderName


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one kind of server speaks the OpenAI API.

    `bound`: the field that bounds the answer. `needs_key`: nothing is answered without one. `context_from`: paths
    that tell the context size, relative to the server's root, asked in this order. `count_path`: counts a request's
    tokens ("" for none). `lists_models`: a model that `/models` does not name is not there. `check_path`: answers
    without cost, and only to those who hold the key. `signs_calls`: Gemini 3 takes no tool call back without the
    signature that it gave it.
    """

    base_url: str
    bound: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    needs_key: bool = False
    tools: bool = True
    json_schema: bool = True
    fim: bool = False
    prompt_caching: bool = False
    signs_calls: bool = False
    context_from: tuple[str, ...] = ()
    count_path: str = ""
    lists_models: bool = False
    check_path: str = "/v1/models"


DIALECTS: Mapping[ProviderName, Dialect] = MappingProxyType(
    {
        "openai": Dialect(
            "https://api.openai.com/v1",
            bound="max_completion_tokens",
            needs_key=True,
            prompt_caching=True,
            lists_models=True,
        ),
        "google": Dialect(
            "https://generativelanguage.googleapis.com/v1beta/openai",
            needs_key=True,
            prompt_caching=True,
            signs_calls=True,
            lists_models=True,
        ),
        "vllm": Dialect(
            "http://localhost:8000/v1",
            context_from=("/v1/models",),
            count_path="/tokenize",
            lists_models=True,
            prompt_caching=True,
        ),
        "lmstudio": Dialect("http://localhost:1234/v1", context_from=("/api/v0/models",), lists_models=True),
        "llamacpp": Dialect(
            "http://localhost:8080/v1",
            context_from=("/v1/models", "/props"),
            count_path="/v1/chat/completions/input_tokens",
            fim=True,
            prompt_caching=True,
            check_path="/props",
        ),
        "openai-compatible": Dialect("", signs_calls=True, context_from=("/v1/models", "/props")),
    }
)
"""`embedded` speaks as `llamacpp`: it is one."""


@dataclass(frozen=True, slots=True)
class KnownModel:
    """What the vendor's documentation says of the models whose names begin so."""

    prefix: str
    context_tokens: int
    max_output_tokens: int
    thinking: bool = False
    temperature: bool = True


KNOWN_MODELS = (
    KnownModel("claude-3-haiku", 200_000, 4_096),
    KnownModel("claude-3-5-haiku", 200_000, 8_192),
    KnownModel("claude-3-7-sonnet", 200_000, 64_000, thinking=True),
    KnownModel("claude-opus-4-5", 200_000, 64_000, thinking=True),
    KnownModel("claude-sonnet-4-5", 200_000, 64_000, thinking=True),
    KnownModel("claude-haiku-4-5", 200_000, 64_000, thinking=True),
    KnownModel("claude-opus-4-1", 200_000, 32_000, thinking=True),
    KnownModel("claude-opus-4-2", 200_000, 32_000, thinking=True),
    KnownModel("claude-sonnet-4-2", 200_000, 64_000, thinking=True),
    KnownModel("claude-", 200_000, 64_000, thinking=True, temperature=False),
    KnownModel("gpt-4o", 128_000, 16_384),
    KnownModel("gpt-4.1", 1_047_576, 32_768),
    KnownModel("gpt-5-chat", 128_000, 16_384),
    KnownModel("gpt-5", 400_000, 128_000, thinking=True, temperature=False),
    KnownModel("o1", 200_000, 100_000, thinking=True, temperature=False),
    KnownModel("o3", 200_000, 100_000, thinking=True, temperature=False),
    KnownModel("o4-mini", 200_000, 100_000, thinking=True, temperature=False),
    KnownModel("gemini-2.0-flash", 1_048_576, 8_192),
    KnownModel("gemini-2.5", 1_048_576, 65_536, thinking=True),
    KnownModel("gemini-3", 1_048_576, 65_536, thinking=True),
)
"""The first whose prefix fits counts. Only models of the vendors themselves: what a local server runs, it says."""


def known_model(model: str) -> KnownModel | None:
    """Return what is known of a vendor's model, None of others."""
    return next(
        (known for known in KNOWN_MODELS if model.removeprefix("models/").startswith(known.prefix)), None
    )


def table_capabilities(provider: ProviderName, model: str) -> Capabilities:
    """Return what the tables say, before any server was asked."""
    if provider == "anthropic":
        dialect = Dialect("", prompt_caching=True, count_path="/v1/messages/count_tokens")
    else:
        dialect = DIALECTS["llamacpp" if provider == "embedded" else provider]
    known = known_model(model) if dialect.needs_key or provider == "anthropic" else None
    return Capabilities(
        context_tokens=known.context_tokens if known else None,
        max_output_tokens=known.max_output_tokens if known else None,
        tools=dialect.tools,
        json_schema=dialect.json_schema,
        thinking=bool(known and known.thinking),
        fim=dialect.fim,
        prompt_caching=dialect.prompt_caching,
        counts_tokens=bool(dialect.count_path),
    )
