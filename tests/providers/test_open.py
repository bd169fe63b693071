"""Making providers: it costs nothing, and the policy holds in all of them."""

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from model_server import ModelServer
from providers_asked import answer_of, ask, text_of_answer

from victor_server.agent.providers.capabilities import DIALECTS, known_model, table_capabilities
from victor_server.agent.providers.estimate import tokens_of_text
from victor_server.agent.providers.open import open_provider
from victor_server.agent.providers.openai_compatible import OpenAICompatibleProvider
from victor_server.agent.providers.streaming import Lazily
from victor_server.egress.factory import Egress
from victor_server.egress.model import Blocked
from victor_server.errors import OfflineBlocked, SettingsError
from victor_server.policy.policy import Policy
from victor_server.settings.profiles import Profile, ProviderName

ROOT = Path(__file__).parents[2]
REMOTE: tuple[ProviderName, ...] = (
    "openai",
    "google",
    "vllm",
    "lmstudio",
    "llamacpp",
    "openai-compatible",
    "anthropic",
    "ollama",
)


@pytest.mark.parametrize("name", REMOTE)
async def test_offline_holds_for_every_provider(name: ProviderName) -> None:
    """Whatever library speaks, a blocked destination is OfflineBlocked, is recorded, and is sent nothing."""
    blocked: list[Blocked] = []
    egress = Egress(Policy(offline=True), record=blocked.append, environment={})
    profile = Profile("cloud", name, "m", ("http://192.0.2.7:9/v1",), "k" * 20)
    provider = open_provider(profile, "", egress, home=Path())
    for call in (answer_of(provider, ask("x")), provider.models()):
        with pytest.raises(OfflineBlocked, match=r"192\.0\.2\.7"):
            await call
    await provider.close()
    assert blocked
    assert "model cloud" in blocked[0].purpose


async def test_a_real_server_through_the_real_guard(real_server: ModelServer) -> None:
    """Loopback is allowed offline, and streams."""
    egress = Egress(
        Policy(offline=True), record=lambda _: None, environment={"http_proxy": "http://192.0.2.1:1"}
    )
    profile = Profile("local", "llamacpp", real_server.model, (real_server.base_url,), real_server.key)
    provider = open_provider(profile, "", egress, home=Path())
    assert await text_of_answer(provider, ask("Say hello.", max_output_tokens=8))
    await provider.close()


def test_making_a_provider_loads_no_library() -> None:
    """Start-up stays what it is: the libraries come with the first call."""
    program = (
        "import sys; from victor_server.agent.providers import open\n"
        "print([name for name in ('openai', 'anthropic', 'ollama', 'httpx', 'httpx2', 'xllamacpp', 'pydantic')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_loading_a_library_holds_up_nobody() -> None:
    """It is made in a thread, once for all who wait for it, while the event loop goes on."""
    may_go_on = threading.Event()
    made: list[object] = []

    def make() -> object:
        assert may_go_on.wait(20)
        made.append(object())
        return made[-1]

    lazily = Lazily(make)
    waiting = [asyncio.ensure_future(lazily.get()) for _ in range(3)]
    await asyncio.sleep(0)
    may_go_on.set()
    assert await asyncio.gather(*waiting) == made * 3
    assert lazily.take() is made[0]
    assert await lazily.get() is made[1]


@pytest.mark.parametrize("name", REMOTE)
def test_every_provider_says_where_it_is(name: ProviderName) -> None:
    """Without credentials; without an address of its own and of the profile it is refused."""
    opened = open_provider(
        Profile("p", name, "m"),
        "http://127.0.0.1:7/v1",
        Egress(Policy(), record=lambda _: None, environment={}),
        home=Path(),
    )
    assert opened.name == name
    assert opened.address.startswith("http://127.0.0.1:7")
    assert opened.is_local


def test_what_a_profile_lacks() -> None:
    """A server of no known kind needs an address, a script its file."""
    egress = Egress(Policy(), record=lambda _: None, environment={})
    for name in ("openai-compatible", "scripted"):
        with pytest.raises(SettingsError):
            open_provider(Profile("p", name, "m"), "", egress, home=Path())


def test_a_cloud_model_of_ollama_is_not_local() -> None:
    """What it is sent leaves this machine, though the Ollama that is asked does not."""
    egress = Egress(Policy(), record=lambda _: None, environment={})
    assert open_provider(Profile("p", "ollama", "m:7b"), "", egress, home=Path()).is_local
    assert not open_provider(Profile("p", "ollama", "gpt-oss:120b-cloud"), "", egress, home=Path()).is_local


def test_the_tables_know_vendors_models() -> None:
    """The most particular name counts, and a local server's model is nobody's but the server's."""
    assert table_capabilities("openai", "gpt-5-chat-latest").context_tokens == 128_000
    assert table_capabilities("google", "models/gemini-2.5-flash").context_tokens == 1_048_576
    assert table_capabilities("anthropic", "claude-3-haiku-20240307").max_output_tokens == 4_096
    assert table_capabilities("vllm", "gpt-5").context_tokens is None
    assert known_model("qwen2.5-coder") is None
    assert all(
        dialect.base_url.startswith("http")
        for name, dialect in DIALECTS.items()
        if name != "openai-compatible"
    )


async def test_an_estimate_is_an_upper_bound(real_server: ModelServer) -> None:
    """Of this project's own files, prose and code, by a real tokenizer; and not a useless one."""
    egress = Egress(Policy(), record=lambda _: None, environment={})
    profile = Profile("local", "llamacpp", real_server.model, (real_server.base_url,), real_server.key)
    provider = OpenAICompatibleProvider(profile, "", egress)
    paths = [
        *ROOT.glob("docs/*.md"),
        *(ROOT / "server/victor_server/agent").rglob("*.py"),
        ROOT / "uv.lock",
        ROOT / "pyproject.toml",
    ]
    ratios = []
    for path in (path for path in paths if path.is_file()):
        text = path.read_text("utf-8")[:20_000]
        answer = await provider._core._post("/tokenize", {"content": text}, ask("x"))
        ratios.append(tokens_of_text(text) / max(1, len(answer["tokens"])))
    await provider.close()
    assert min(ratios) >= 1.0, sorted(ratios)[:5]
    assert sum(ratios) / len(ratios) < 1.6
