"""The embedded model: a child process of our own, with a real model in it."""

import asyncio
import json
import os
import signal
import struct
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import psutil
import pytest
from direct_connections import DirectConnections
from hypothesis import given, settings
from hypothesis import strategies as st
from model_server import demo_weights
from providers_asked import answer_of, ask

from victor_server.agent.events import Stopped, TextDelta, Usage
from victor_server.agent.providers.embedded import EmbeddedProvider
from victor_server.agent.providers.embedded_server import (
    EmbeddedServer,
    end_process,
    load_embedded,
    spawn_embedded,
)
from victor_server.agent.providers.gguf import read_gguf
from victor_server.errors import ContextTooLong, ProviderUnavailable, UsageError
from victor_server.settings.profiles import DEMO_MODEL, Profile

LONG = {"type": "array", "items": {"type": "integer"}, "minItems": 1000}


def provider_of(home: Path, model: str = DEMO_MODEL, context_tokens: int | None = 1024) -> EmbeddedProvider:
    """A provider; nothing is started yet."""
    profile = Profile("own", "embedded", model, context_tokens=context_tokens, timeout_s=60)
    return EmbeddedProvider(profile, DirectConnections(), home=home)


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[EmbeddedProvider]:
    """The demo model."""
    provider = provider_of(tmp_path)
    yield provider
    await provider.close()


def child_of(provider: EmbeddedProvider) -> EmbeddedServer:
    """The child that runs."""
    assert provider._running is not None
    return provider._running.server


async def test_it_answers_and_lives_no_longer_than_it_should(provider: EmbeddedProvider) -> None:
    """Started by the first call, one for all calls, counted by itself; ended by `close`."""
    events = await answer_of(provider, ask("Count.", json_schema=LONG, max_output_tokens=32))
    child = child_of(provider)
    assert any(isinstance(event, TextDelta) for event in events)
    assert events[-1] == Stopped("max_tokens")
    usage = next(event for event in events if isinstance(event, Usage))
    assert (
        await provider.count_tokens(ask("Count.", json_schema=LONG, max_output_tokens=32))
        == usage.input_tokens
    )
    await provider.check()
    with pytest.raises(ContextTooLong):
        await answer_of(provider, ask("zanzibar " * 1500))
    assert child_of(provider) is child
    await provider.close()
    assert not child.is_alive


async def test_it_is_announced_as_a_demo(provider: EmbeddedProvider) -> None:
    """Nobody takes the demo model for more than it is; finding that out starts nothing."""
    assert provider.is_local
    capabilities = await provider.capabilities(DEMO_MODEL)
    assert not capabilities.tools
    assert capabilities.context_tokens == 1024
    assert "a demo model" in provider.address
    assert "not to rely on" in provider.address
    assert [model.name for model in await provider.models()] == [DEMO_MODEL]
    assert await provider.count_tokens(ask("some words")) > 0
    assert provider._running is None


async def test_a_dead_child_is_started_again(provider: EmbeddedProvider) -> None:
    """The answer that it was at breaks off; the next call has a new one, with another key."""
    stream = provider.stream(ask("Count.", json_schema=LONG, max_output_tokens=900))
    assert isinstance(await anext(stream), TextDelta)
    first = child_of(provider)
    first.process.kill()
    with pytest.raises(ProviderUnavailable):
        _ = [event async for event in stream]
    first.process.wait()
    assert isinstance((await answer_of(provider, ask("Hi", max_output_tokens=2)))[-1], Stopped)
    assert child_of(provider).key != first.key


async def test_calls_at_once_start_one_child(provider: EmbeddedProvider) -> None:
    """And one that is cancelled while it starts costs the others nothing."""
    calls = [asyncio.ensure_future(answer_of(provider, ask("Hi", max_output_tokens=2))) for _ in range(3)]
    await asyncio.sleep(0)
    calls[0].cancel()
    ended = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(ended[0], asyncio.CancelledError)
    assert all(isinstance(events, list) for events in ended[1:])
    assert len([p for p in psutil.Process().children() if "embedded_child" in " ".join(p.cmdline())]) == 1


async def test_closing_waits_for_no_model(provider: EmbeddedProvider) -> None:
    """A child that is still loading is ended, and whoever waited for it hears so."""
    call = asyncio.ensure_future(answer_of(provider, ask("Hi", max_output_tokens=2)))
    process = await _spawned(provider)
    process.send_signal(signal.SIGSTOP)  # it would never be ready
    await provider.close()
    with pytest.raises(ProviderUnavailable):
        await call
    assert process.poll() is not None


async def _spawned(provider: EmbeddedProvider) -> "subprocess.Popen[str]":
    """The child, as soon as there is one; it will be loading for a while."""
    async with asyncio.timeout(20):
        while True:
            await asyncio.sleep(0)
            if provider._spawned:
                return provider._spawned


async def test_nobody_else_can_use_it(provider: EmbeddedProvider) -> None:
    """On loopback only, with a key that stands in no command line and no environment, and without our own keys."""
    os.environ["ANTHROPIC_API_KEY"] = planted = "planted" + "1" * 20
    try:
        await answer_of(provider, ask("Hi", max_output_tokens=1))
    finally:
        del os.environ["ANTHROPIC_API_KEY"]
    child = child_of(provider)
    process = psutil.Process(child.process.pid)
    seen = f"{process.cmdline()} {process.environ()} {child!r} {provider!r}"
    assert child.key not in seen
    assert planted not in seen
    assert process.environ()["OMP_WAIT_POLICY"] == "PASSIVE"
    assert process.nice() > psutil.Process().nice() or sys.platform == "win32"
    assert {c.laddr.ip for c in process.net_connections() if c.status == psutil.CONN_LISTEN} == {"127.0.0.1"}
    assert _can_connect_to_nobody(process.pid)
    async with httpx2.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"{child.address}/v1/chat/completions", json={"messages": []})
    assert answer.status_code == 401


def _can_connect_to_nobody(pid: int) -> bool:
    """Whether the kernel holds a filter over the process, where we know how to ask for one."""
    return sys.platform != "linux" or "Seccomp:\t2" in Path(f"/proc/{pid}/status").read_text("utf-8")


def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    """Also with one that is killed."""
    program = (
        "import os, sys, pathlib; from victor_server.agent.providers.embedded_server import *\n"
        "server = load_embedded(spawn_embedded(pathlib.Path(), os.environ), pathlib.Path(sys.argv[1]), 'demo', 512)\n"
        "print(server.process.pid, flush=True); sys.stdin.read()"
    )
    words = [sys.executable, "-P", "-c", program, str(demo_weights())]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tmp_path
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    psutil.wait_procs([child], timeout=20)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_ctrl_c_does_not_reach_it(tmp_path: Path) -> None:
    """It stops the answer, not the model: the terminal sends it to all of its processes."""
    server = load_embedded(spawn_embedded(tmp_path, os.environ), demo_weights(), "demo", 512)
    try:
        server.process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(0.2)
    finally:
        end_process(server.process)
    assert server.process.returncode == 0


async def test_what_is_missing_is_told(tmp_path: Path) -> None:
    """No file, no GGUF file, a broken one: each says so, and nothing is left running."""
    (tmp_path / "text.gguf").write_text("hello")
    (tmp_path / "broken.gguf").write_bytes(demo_weights().read_bytes()[:5000])
    for model, told in (
        ("none.gguf", "No such file"),
        ("text.gguf", "is no GGUF file"),
        ("broken.gguf", "could not be loaded"),
    ):
        provider = provider_of(tmp_path, model)
        with pytest.raises(ProviderUnavailable, match=told) as caught:
            await answer_of(provider, ask("x"))
        assert model in caught.value.message
        assert caught.value.fix
        await provider.close()
    with pytest.raises(UsageError):
        await anext(provider.pull("x"))
    assert not [p for p in psutil.Process().children() if "embedded_child" in " ".join(p.cmdline())]


async def test_the_context_is_no_larger_than_the_model(tmp_path: Path) -> None:
    """Whatever the profile wishes; without a wish it is modest."""
    for wanted, given_tokens in ((1 << 20, 8192), (None, 8192), (2048, 2048)):
        assert (
            await provider_of(tmp_path, context_tokens=wanted).capabilities(DEMO_MODEL)
        ).context_tokens == given_tokens


def test_a_model_tells_of_itself() -> None:
    """Architecture, name and training context stand in the head of the file."""
    about = read_gguf(demo_weights())
    assert about is not None
    assert (about.architecture, about.context_tokens) == ("llama", 8192)
    assert about.size_bytes == demo_weights().stat().st_size


@settings(deadline=None, max_examples=150)
@given(data=st.binary(max_size=200), begins_well=st.booleans())
def test_any_file_is_a_model_or_none(
    tmp_path_factory: pytest.TempPathFactory, *, data: bytes, begins_well: bool
) -> None:
    """Reading the head of a hostile file neither fails nor takes memory."""
    file = tmp_path_factory.getbasetemp() / "any.gguf"
    head = b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 1 << 60) if begins_well else b""
    file.write_bytes(head + data)
    about = read_gguf(file)
    assert about is None or about.size_bytes == len(head + data)
    json.dumps(about.name if about else "")
