"""Starts and ends the process in which an embedded model runs."""

import json
import secrets
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from victor_server.errors import ProviderUnavailable

_START_TIME_LIMIT_S = 180.0
_END_TIME_LIMIT_S = 2.0
_MOST_THREADS = 4
_KEPT_VARIABLES = ("PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LD_LIBRARY_PATH", "LANG", "LC_ALL")
"""Of the environment: the child is given no key and no proxy."""


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A running child. `address` is on loopback; the key is drawn anew at each start."""

    process: "subprocess.Popen[str]"
    address: str
    key: str = field(repr=False)

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None


def spawn_embedded(folder: Path, environment: Mapping[str, str]) -> "subprocess.Popen[str]":
    """Start the child, which waits to be told what to do."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "victor_server.agent.providers.embedded_child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=_environment(environment),
        text=True,
        encoding="utf-8",
    )


def load_embedded(
    process: "subprocess.Popen[str]", model: Path, alias: str, context_tokens: int
) -> EmbeddedServer:
    """Have the child load a model, and wait until it has. Blocks; ends as soon as the child is killed.

    Raises ProviderUnavailable where the model could not be loaded; then the child is gone.
    """
    key = secrets.token_urlsafe(32)
    told = {
        "model": str(model),
        "alias": alias,
        "key": key,
        "context_tokens": context_tokens,
        "threads": _n_threads(),
    }
    answer = _ask(process, told)
    if not isinstance(address := answer.get("address"), str):
        end_process(process)
        raise ProviderUnavailable(
            f"The embedded model {model} could not be loaded.",
            "Check that the file is whole, that llama.cpp knows the model, and that there is memory for it.",
        )
    return EmbeddedServer(process, address, key)


def end_process(process: "subprocess.Popen[str]") -> None:
    """End a child: kindly, then by force. Blocks for two seconds at most."""
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            try:
                stream.close()
            except OSError:  # it is gone already
                pass
    try:
        process.wait(_END_TIME_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _ask(process: "subprocess.Popen[str]", told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Say what to do and return what the child answers; nothing where it ends or takes too long."""
    if process.stdin is None or process.stdout is None:
        return {}
    watch = threading.Timer(_START_TIME_LIMIT_S, process.kill)
    watch.daemon = True
    watch.start()
    try:
        process.stdin.write(f"{json.dumps(told)}\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline() or "{}")
    except (OSError, ValueError):
        return {}
    finally:
        watch.cancel()
    return answer if isinstance(answer, dict) else {}


def _environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Threads that wait must not spin: on busy cores that costs a hundredfold."""
    kept = {name: environment[name] for name in _KEPT_VARIABLES if name in environment}
    return kept | {"OMP_WAIT_POLICY": "PASSIVE", "OMP_NUM_THREADS": str(_n_threads())}


def _n_threads() -> int:
    """As many as help, one less than there are cores: the person works there too."""
    return max(1, min(_MOST_THREADS, (psutil.cpu_count(logical=False) or 1) - 1))
