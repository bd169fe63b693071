"""Long loops over the real server: calls that are cancelled anywhere leave nothing behind."""

import asyncio
import random
from pathlib import Path

import psutil
import pytest
from direct_connections import DirectConnections
from model_server import ModelServer
from providers_asked import answer_of, ask

from victor_server.agent.events import Stopped
from victor_server.agent.providers.open import open_provider
from victor_server.agent.providers.provider import Provider
from victor_server.settings.profiles import Profile, ProviderName

LONG = {"type": "array", "items": {"type": "integer"}, "minItems": 1000}


@pytest.mark.torture
@pytest.mark.parametrize("name", ["llamacpp", "anthropic"])
async def test_cancelled_anywhere(real_server: ModelServer, name: ProviderName) -> None:
    """Three hundred calls, cancelled between the first instruction and a few tokens: no socket, no task, no slot stays."""
    profile = Profile("p", name, real_server.model, (real_server.base_url,), real_server.key)
    provider = open_provider(profile, "", DirectConnections(), home=Path())
    await answer_of(provider, ask("Hi", max_output_tokens=1))
    n_sockets = len(psutil.Process().net_connections())
    chance = random.Random(7)
    for _ in range(300):
        await _cancelled(provider, chance)
    async with asyncio.timeout(60):
        assert isinstance((await answer_of(provider, ask("Hi", max_output_tokens=1)))[-1], Stopped)
    await provider.close()
    async with asyncio.timeout(20):  # generators that were left are closed by tasks, which end
        await asyncio.gather(*(task for task in asyncio.all_tasks() if task is not asyncio.current_task()))
    assert len(psutil.Process().net_connections()) <= n_sockets


async def _cancelled(provider: Provider, chance: random.Random) -> None:
    task = asyncio.ensure_future(answer_of(provider, ask("Count.", json_schema=LONG, max_output_tokens=200)))
    await asyncio.sleep(chance.choice((0, 0.001, 0.005, 0.02, 0.1)) * chance.random())
    if task.cancel():  # it had not ended by itself
        with pytest.raises(asyncio.CancelledError):
            await task
