"""Whole calls of a real llama.cpp server: routed, budgeted, answered and counted, whichever API it is spoken to by."""

import random
import string
from pathlib import Path

import pytest
from agent_services import receipts
from direct_connections import DirectConnections
from model_calls import call, events_of, opened, text_of
from model_server import ModelServer
from providers_asked import ask

from victor_server.agent.providers.estimate import tokens_of_request
from victor_server.agent.providers.open import open_provider
from victor_server.agent.providers.provider import Provider
from victor_server.settings.profiles import Profile, ProviderName


def open_server(profile: Profile, base_url: str) -> Provider:
    """The real provider of a profile."""
    return open_provider(profile, base_url, DirectConnections(), home=Path())


@pytest.mark.parametrize("provider", ["llamacpp", "openai-compatible", "anthropic", "lmstudio", "vllm"])
async def test_a_whole_call(real_server: ModelServer, tmp_path: Path, provider: ProviderName) -> None:
    """What the server does not know of an API, besides the chat itself, keeps nobody from asking it."""
    base_url = real_server.root if provider == "anthropic" else real_server.base_url
    profile = Profile("default", provider, real_server.model, (base_url,), real_server.key, temperature=0.0)
    async with opened(tmp_path, profile, open_server=open_server) as services:
        events = await events_of(call("Count to ten: 1, 2, 3,", max_output_tokens=8), services)
        await services.router.check((profile.name, base_url))
        (receipt,) = receipts(services)
    assert text_of(events)
    assert receipt.outcome == "done"
    assert receipt.counted
    assert receipt.input_tokens > 0
    assert 0 < receipt.output_tokens <= 8


async def test_no_blanks_and_no_gibberish_pass_for_few_tokens(real_server: ModelServer) -> None:
    """A file that is no text must not take more of a budget, or of a context, than was set aside for it."""
    profile = Profile("default", "llamacpp", real_server.model, (real_server.base_url,), real_server.key)
    provider = open_server(profile, "")
    letters = random.Random(1)
    for text in (
        "\t" * 1500,
        "\n\r" * 700,
        "".join(letters.choices(string.ascii_lowercase, k=1500)),
        "".join(letters.choices(string.ascii_uppercase, k=1500)),
    ):
        request = ask(text)
        assert await provider.count_tokens(request) <= tokens_of_request(request)
    await provider.close()
