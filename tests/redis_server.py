"""A private Redis for tests, on a port of its own and without a disk; stopped and started at will."""

import contextlib
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

_FIX = "Redis is not installed: `make servers` (Debian: sudo apt-get install redis-server)"


@dataclass(slots=True)
class RedisServer:
    """A process of its own."""

    port: int
    folder: Path
    process: "subprocess.Popen[str] | None" = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Take connections; returns once it does."""
        words = [
            "redis-server",
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        self.process = subprocess.Popen(
            words, cwd=self.folder, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout is not None
        said = []
        for line in self.process.stdout:
            said.append(line)
            if "eady to accept connections" in line:
                return
        raise RuntimeError(f"Redis did not start: {''.join(said)}")

    def stop(self) -> None:
        """Kill it; what it knew is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None


@contextlib.contextmanager
def running_redis(folder: Path) -> Iterator[RedisServer]:
    """A server that lives as long as the block. Skips the test where Redis is not installed."""
    if shutil.which("redis-server") is None:
        pytest.skip(_FIX)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        server = RedisServer(int(probe.getsockname()[1]), folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
