"""Makes the provider of a profile."""

from pathlib import Path
from typing import TYPE_CHECKING

from victor_server.agent.providers.anthropic_messages import AnthropicProvider
from victor_server.agent.providers.capabilities import DIALECTS
from victor_server.agent.providers.embedded import EmbeddedProvider
from victor_server.agent.providers.ollama_native import OllamaProvider
from victor_server.agent.providers.openai_compatible import OpenAICompatibleProvider
from victor_server.agent.providers.provider import Provider
from victor_server.agent.providers.scripted import ScriptedProvider
from victor_server.egress.connections import Connections
from victor_server.errors import SettingsError
from victor_server.settings.profiles import Profile

if TYPE_CHECKING:
    from victor_server.agent.providers.team import Backend


def open_provider(
    profile: Profile, base_url: str, connections: Connections, *, home: Path, team: "Backend | None" = None
) -> Provider:
    """Return the provider of `profile` at `base_url` ("" for its first address, or the provider's own).

    `team` is the person's backend, None for none. Connects nowhere, starts nothing and loads no library. A relative path
    to an embedded model is one in `home`.
    Raises SettingsError where the profile lacks what its provider needs.
    """
    if profile.provider == "scripted":
        if profile.script is None:
            raise SettingsError(f"The profile {profile.name} names no script.", "Add `script: FILE.jsonl`.")
        return ScriptedProvider(profile.script, context_tokens=profile.context_tokens)
    if profile.provider == "team":
        if team is None:
            raise SettingsError(
                f"The profile {profile.name} asks a team's backend, and there is none.", "victor login URL"
            )
        # Loaded here: its words load pydantic, which is for those who have a backend.
        from victor_server.agent.providers.team import TeamProvider

        return TeamProvider(team)
    if profile.provider == "embedded":
        return EmbeddedProvider(profile, connections, home=home)
    if profile.provider == "anthropic":
        return AnthropicProvider(profile, base_url, connections)
    if profile.provider == "ollama":
        return OllamaProvider(profile, base_url, connections)
    if profile.provider in DIALECTS:
        return OpenAICompatibleProvider(profile, base_url, connections)
    raise SettingsError(f"The profile {profile.name} names an unknown provider: {profile.provider}.")
