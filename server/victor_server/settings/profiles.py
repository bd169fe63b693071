"""Which models there are and which tasks go where: `profiles.yaml` as code reads it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

ProviderName = Literal[
    "ollama",
    "vllm",
    "lmstudio",
    "llamacpp",
    "openai",
    "openai-compatible",
    "anthropic",
    "google",
    "embedded",
    "scripted",
    "team",
]
Mode = Literal["plan", "ask", "build"]

DEFAULT_PROFILE = "default"
DEMO_MODEL = "demo"
"""The model of an `embedded` profile that names none: the small one that comes as a package, to try things with."""


@dataclass(frozen=True, slots=True)
class PriceOverride:
    """What a person says that a model costs, in US dollars for a million tokens."""

    input_usd: float
    output_usd: float


@dataclass(frozen=True, slots=True)
class Profile:
    """One model at one provider.

    `base_urls`: one server, or several that serve the same model and share the load; empty for the provider's own.
    `api_key` is never shown. `unusable` says why the profile cannot be used (a variable that is not set), "" if it can.
    """

    name: str
    provider: ProviderName
    model: str
    base_urls: tuple[str, ...] = ()
    api_key: str | None = field(default=None, repr=False)
    context_tokens: int | None = None
    max_output_tokens: int = 4096
    temperature: float | None = None
    price: PriceOverride | None = None
    script: Path | None = None
    timeout_s: float = 120.0
    unusable: str = ""


@dataclass(frozen=True, slots=True)
class Routing:
    """Which tasks stay on local models and which go to cloud models; a task in neither goes to the default profile.

    `fallback`: profiles that are tried in this order when the first choice does not answer.
    """

    local_tasks: frozenset[str] = frozenset()
    cloud_tasks: frozenset[str] = frozenset()
    fallback: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profiles:
    """All of `profiles.yaml`. `offline_mode` as written there; the policy decides with it.

    `default`: the profile for what no list names; "" for the one that is called so, else the first.
    `unreadable`: why, for each profile that is written wrongly; it is never used, and none is used in its place.
    `file` is where they are written, or would be. `trouble` says why that file names no profile, "" if it is not there.
    """

    profiles: Mapping[str, Profile] = field(default_factory=dict)
    routing: Routing = Routing()
    offline_mode: bool = False
    mode: Mode = "build"
    default: str = ""
    unreadable: Mapping[str, str] = field(default_factory=dict)
    file: str = field(default="profiles.yaml", compare=False)
    trouble: str = ""


def default_name(profiles: Profiles) -> str:
    """The name of the profile for what no list names; "" where there is none."""
    if profiles.default or DEFAULT_PROFILE in profiles.profiles:
        return profiles.default or DEFAULT_PROFILE
    return next(iter(profiles.profiles), "")
