"""Libraries are loaded when they are needed, and one after the other."""

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path

from victor_server.agent.providers.streaming import Lazily


async def test_no_two_are_made_at_a_time() -> None:
    """A library that is half loaded is not found by another one that looks for it."""
    second_has_begun = threading.Event()
    overlapped: list[bool] = []

    def first() -> str:
        overlapped.append(second_has_begun.wait(0.1))  # given up at once where nobody overlaps
        return "first"

    def second() -> str:
        second_has_begun.set()
        return "second"

    made = list(await asyncio.gather(Lazily(first).get(), Lazily(second).get()))
    assert made == ["first", "second"]
    assert overlapped == [False]


_ASKED = """
import asyncio, sys
from pathlib import Path
from direct_connections import DirectConnections
from victor_server.agent.providers.open import open_provider
from victor_server.errors import ProviderUnavailable
from victor_server.settings.profiles import Profile

profile = Profile("p", "vllm", "m", ("http://127.0.0.1:9",))
provider = open_provider(profile, "", DirectConnections(), home=Path())
assert "httpx" not in sys.modules
try:
    asyncio.run(provider.check())
except ProviderUnavailable:
    print(hasattr(sys.modules.get("httpx"), "Timeout"))
"""


def test_no_request_finds_a_library_half_loaded() -> None:
    """What openai looks for at each request is there before the first, whatever another thread loads meanwhile."""
    words = [sys.executable, "-c", _ASKED]
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    asked = subprocess.run(words, env=env, capture_output=True, text=True, check=True)
    assert asked.stdout == "True\n"
