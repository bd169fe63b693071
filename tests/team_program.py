"""The whole program in the test: `victor serve` as a process of its own, on a free port, with or without a configuration."""

import asyncio
import base64
import contextlib
import json
import os
import re
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

TIME_LIMIT_S = 90.0
"""Against a test that would hang; nothing is measured by it."""


@dataclass(frozen=True, slots=True)
class Served:
    """It runs. `token`: the operator's, "" unless it is the first run; `greeting`: all that it has said; `log`: its log."""

    process: asyncio.subprocess.Process
    home: Path
    url: str
    token: str
    greeting: str

    @property
    def log(self) -> Path:
        """Where a configured one writes its log."""
        return self.home / "team.log"

    def signal(self, number: signal.Signals) -> None:
        """Send it."""
        self.process.send_signal(number)

    @contextlib.asynccontextmanager
    async def http(self) -> AsyncIterator[httpx2.AsyncClient]:
        """A client that says who it is."""
        headers = {"authorization": f"Bearer {self.token}"}
        async with httpx2.AsyncClient(
            base_url=self.url, headers=headers, trust_env=False, timeout=TIME_LIMIT_S
        ) as client:
            yield client


def configure(home: Path, **said: Any) -> Path:
    """Write a configuration with these sections, over the one that may be there; it has a key and a log. Returns its file."""
    key = home / "master.key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_bytes(base64.b64encode(secrets.token_bytes(32)))
    base = {
        "encryption": {"master_key": {"file": str(key)}},
        "logging": {"level": "DEBUG", "output": str(home / "team.log")},
    }
    file = home / "team.yaml"
    file.write_text(json.dumps({**base, **said}))  # JSON is YAML
    return file


def scripted_option(home: Path, name: str, *steps: Mapping[str, Any], times: int = 1) -> Mapping[str, Any]:
    """What a configuration says of a model that gives this reply."""
    script = home / f"{name}.jsonl"
    script.write_text(f"{json.dumps(list(steps))}\n" * times)
    return {"provider": "scripted", "script": str(script)}


@contextlib.asynccontextmanager
async def served(home: Path, configuration: Path | None = None) -> AsyncIterator[Served]:
    """Start it, and kill it at the end if it still runs."""
    options: Sequence[str] = () if configuration is None else ("--config", str(configuration))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", "from victor_server.cli.main import main; main()", "serve", "--port", "0", *options),
        env={**os.environ, "VICTOR_HOME": str(home)},
        stderr=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(TIME_LIMIT_S):
            said = await _greeting(process)
            url, token = re.search(r"http://127\.0\.0\.1:\d+", said), re.search(r"vk_\S+", said)
            assert url is not None
            yield Served(process, home, url.group(), token.group() if token else "", said)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _greeting(process: asyncio.subprocess.Process) -> str:
    """Wait until it has said all that it says."""
    assert process.stderr is not None
    said = ""
    while "Ctrl-C" not in said:
        line = await process.stderr.readline()
        assert line, said
        said += line.decode()
    return said
