"""`profiles.yaml` as people write it: everything that one may say of a profile and of the routing."""

import re
from typing import Annotated, Any, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from victor_server.settings.profiles import Mode, ProviderName

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def is_profile_name(name: str) -> bool:
    """Whether a profile may be called so: letters, digits, `.`, `_` and `-`, at most 64."""
    return _NAME.fullmatch(name) is not None


def is_key(key: str) -> bool:
    """Whether a text can be a key: it goes into a header."""
    return bool(key) and key.isascii() and key.isprintable() and " " not in key


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("must be an address such as http://localhost:11434") from None
    if parts.scheme not in ("http", "https"):
        raise ValueError("must begin with http:// or https://")
    if not host or port == 0 or not url.isprintable() or any(letter in url for letter in " \\\"'<>`"):
        raise ValueError("must be an address such as http://localhost:11434")
    if "@" in parts.netloc:
        raise ValueError("must not hold a name or a password; a key goes into api_key")
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise ValueError("must end with its path, without ? and #")
    return url.rstrip("/")


def _key(key: str) -> str:
    if not is_key(key):
        raise ValueError("holds characters that no key has")
    return key


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be one line of text")
    return text


Address = Annotated[str, StringConstraints(min_length=1, max_length=2000), AfterValidator(_address)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=8000), AfterValidator(_key)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=1000), AfterValidator(_one_line)]
Task = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_one_line)]


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, protected_namespaces=())


def _said(description: str, **limits: Any) -> Any:
    return Field(default=None, description=description, **limits)


class PriceOptions(_Options):
    """What a model costs, in US dollars for a million tokens."""

    input_usd: float = Field(ge=0, le=1_000_000, allow_inf_nan=False, description="For a million tokens in.")
    output_usd: float = Field(
        ge=0, le=1_000_000, allow_inf_nan=False, description="For a million tokens out."
    )


class ProfileOptions(_Options):
    """One model at one provider."""

    provider: ProviderName = Field(description="Who serves the model.")
    model: Text | None = _said(
        "The model, as its provider calls it; for `embedded` the path of a GGUF file. Only `scripted` and the"
        " demo model of `embedded` go without."
    )
    base_url: Address | None = _said(
        "Where the server is, if not where that provider's servers are by themselves."
    )
    base_urls: Annotated[list[Address], Field(min_length=1, max_length=32)] | None = _said(
        "Several servers that serve the same model: calls are spread over them by their health and load."
    )
    api_key: Key | None = _said(
        "The key. Best written as `${NAME}`, so that it stands in the environment only. Left out, `anthropic`,"
        " `openai` and `google` at their own addresses take `ANTHROPIC_API_KEY`, `OPENAI_API_KEY` and"
        " `GOOGLE_API_KEY`.",
        repr=False,
    )
    context_tokens: int | None = _said(
        "How many tokens the model can see, where that is less than what it says itself, or it does not say.",
        ge=256,
        le=100_000_000,
    )
    max_output_tokens: int | None = _said(
        "The most tokens of one answer; 4096 if left out.", ge=1, le=1_000_000
    )
    temperature: float | None = _said(
        "How freely the model chooses its words; left to the model if left out.",
        ge=0,
        le=2,
        allow_inf_nan=False,
    )
    price: PriceOptions | None = _said(
        "What the model costs you, where that is not what its provider asks for."
    )
    script: Text | None = _said(
        "For `scripted`: the file with its replies, one a line. A relative path starts at `VICTOR_HOME`."
    )
    timeout_s: float | None = _said(
        "Seconds to wait for the next words of an answer; 120 if left out.",
        gt=0,
        le=3600,
        allow_inf_nan=False,
    )


class RoutingOptions(_Options):
    """Which tasks go where."""

    local_tasks: list[Task] | None = _said("Tasks that stay on local models, whatever happens.")
    cloud_tasks: list[Task] | None = _said("Tasks that go to cloud models.")
    fallback: list[Text] | None = _said(
        "Profiles that are tried in this order where the first choice cannot answer. A task that stays on local"
        " models never goes to a cloud model by this."
    )


class FileOptions(_Options):
    """The whole file."""

    profiles: dict[str, ProfileOptions] | None = _said("The models, by a name of your choice.")
    routing: RoutingOptions | None = _said("Which tasks go where; a task in no list goes to `default`.")
    offline_mode: bool | None = _said(
        "Whether only this machine and the hosts in `network.allowed_hosts` are reached."
    )
    telemetry: bool | None = _said("There is none; only `false` is understood.")
    mode: Mode | None = _said(
        "What a new chat may do: `plan` only reads, `ask` asks before each change and command, `build` goes by the"
        " permissions."
    )


PROVIDERS: tuple[str, ...] = get_args(ProviderName)
