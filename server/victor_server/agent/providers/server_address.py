"""Where a model server is, and how it is named to people."""

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from victor_server.errors import SettingsError
from victor_server.settings.profiles import Profile, ProviderName

_SHOWN_NAMES = {
    "anthropic": "Anthropic",
    "embedded": "The embedded model",
    "google": "Google",
    "llamacpp": "The llama.cpp server",
    "lmstudio": "LM Studio",
    "ollama": "Ollama",
    "openai": "OpenAI",
    "openai-compatible": "The server",
    "vllm": "vLLM",
}


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """One model server. `base_url` has no slash at its end and no credentials in it; `key` is never shown."""

    provider: ProviderName
    base_url: str
    profile: str
    model: str
    timeout_s: float
    key: str | None = field(default=None, repr=False)

    @property
    def root(self) -> str:
        """The address without `/v1`."""
        return self.base_url.removesuffix("/v1")

    @property
    def shown(self) -> str:
        """For sentences: "vLLM at http://localhost:8000/v1"."""
        return f"{_SHOWN_NAMES.get(self.provider, self.provider)} at {self.base_url}"

    @property
    def is_local(self) -> bool:
        """Whether it runs on this machine."""
        host = urlsplit(self.base_url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    @property
    def purpose(self) -> str:
        """What a connection is for, in the audit log."""
        return f"model {self.profile}"


def server_address(profile: Profile, base_url: str, *, default: str, path: str = "") -> ServerAddress:
    """Return where the server of a profile is; `path` is appended to an address that has none.

    Raises SettingsError where that is no address of a server, or one with credentials in it.
    """
    url = (base_url or next(iter(profile.base_urls), "") or default).rstrip("/")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment:
        raise SettingsError(
            f"The profile {profile.name} needs the address of its server.", "Set `base_url: http://…`."
        )
    if parts.username or parts.password:
        raise SettingsError(
            f"The base_url of the profile {profile.name} holds credentials.", "Put them into `api_key`."
        )
    url = url if parts.path else f"{url}{path}"
    return ServerAddress(
        profile.provider, url, profile.name, profile.model, profile.timeout_s, profile.api_key
    )
