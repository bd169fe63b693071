"""What this machine has for somebody who has set up no model: keys in the environment, models that Ollama holds."""

import asyncio
from collections.abc import Mapping

from victor_server.agent.router.router import Router
from victor_server.agent.router.servers import OWN_ADDRESSES
from victor_server.errors import VictorError
from victor_server.settings.profiles import Profile

_TIME_LIMIT_S = 2.0
_MODELS_SHOWN = 5

_CLOUD = {
    "ANTHROPIC_API_KEY": "{provider: anthropic, model: claude-sonnet-4-5}",
    "OPENAI_API_KEY": "{provider: openai, model: gpt-5}",
    "GOOGLE_API_KEY": "{provider: google, model: gemini-2.5-pro}",
}


async def found_here(
    router: Router, environment: Mapping[str, str], *, ollama: str = OWN_ADDRESSES["ollama"]
) -> tuple[str, ...]:
    """Sentences, each with the line that makes use of what was found. `ollama` is the address that is asked."""
    names = await _models_of(router, ollama)
    found = []
    if names:
        shown = ", ".join(names[:_MODELS_SHOWN]) + (" and more" if names[_MODELS_SHOWN:] else "")
        line = f'profiles: {{default: {{provider: ollama, model: "{names[0]}"}}}}'
        found.append(f"Ollama is running here and has {shown}. To use one, write: {line}")
    for variable, profile in _CLOUD.items():
        if environment.get(variable, "").strip():
            found.append(f"{variable} is set. To use it, write: profiles: {{default: {profile}}}")
    return tuple(found)


async def _models_of(router: Router, ollama: str) -> list[str]:
    try:
        async with asyncio.timeout(_TIME_LIMIT_S):
            offered = await router.provider(Profile("ollama", "ollama", "none"), ollama).models()
    except (VictorError, TimeoutError):
        return []
    return [each.name for each in offered if each.name.isprintable() and '"' not in each.name]
