"""Starts what the bench of the team's backend stands beside: the backend, litellm, nginx, each over one model server."""

import base64
import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
VICTOR = (sys.executable, "-P", "-c", "from victor_server.cli.main import main; main()")
_LITELLM = ROOT / ".cache/litellm"
_TIME_LIMIT_S = 120


@dataclass(frozen=True, slots=True)
class Target:
    """Something that speaks OpenAI's API. `pid` is the root of its processes, None where it has none of its own."""

    name: str
    url: str
    key: str
    pid: int | None = None
    start_s: float = 0.0


def processes(pid: int) -> list[psutil.Process]:
    """A process and all below it."""
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def cpu_s(pid: int) -> float:
    """CPU time of a tree of processes so far."""
    times = [each.cpu_times() for each in processes(pid)]
    return sum(each.user + each.system for each in times)


def rss_mb(pid: int) -> float:
    """Resident memory of a tree of processes."""
    return sum(each.memory_info().rss for each in processes(pid)) / 1e6


@contextlib.contextmanager
def model_server() -> Iterator[str]:
    """The model server that all of them ask; yields its address."""
    words = [sys.executable, "-P", str(Path(__file__).parent / "token_server.py")]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with _ended(process):
        assert process.stdout is not None
        yield process.stdout.readline().strip()


@contextlib.contextmanager
def victor(home: Path, model_url: str) -> Iterator[Target]:
    """`victor serve` on SQLite with strict audit; limits of requests are off, so that nothing but work is measured."""
    home.mkdir(parents=True)
    (home / "master.key").touch(mode=0o600)
    (home / "master.key").write_text(base64.b64encode(os.urandom(32)).decode())
    (home / "team.yaml").write_text(
        "encryption: {master_key: {file: master.key}}\n"
        "limits: {requests_per_minute: 0, calls_at_once: 0, frames_per_second: 100000}\n"
        "models:\n"
        + "".join(
            f"  {name}: {{provider: openai-compatible, base_url: '{model_url}', api_key: none-needed,"
            " context_tokens: 32000, max_output_tokens: 64, price: {input_usd: 1, output_usd: 2}}\n"
            for name in ("m", "paced")
        )
    )
    began = time.perf_counter()
    process = subprocess.Popen(
        [*VICTOR, "serve", "--port", "0", "--config", str(home / "team.yaml")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "VICTOR_HOME": str(home)},
    )
    with _ended(process):
        assert process.stderr is not None
        said = ""
        while "Ctrl-C" not in said:
            line = process.stderr.readline()
            if not line:
                raise RuntimeError(f"victor serve ended: {said}")
            said += line
        started = time.perf_counter() - began
        url, token = re.search(r"http://\S+", said), re.search(r"vk_\S+", said)
        assert url is not None
        assert token is not None
        yield Target("victor serve", url.group(), token.group(), process.pid, started)


@contextlib.contextmanager
def nginx(folder: Path, model_url: str) -> Iterator[Target | None]:
    """nginx as a plain proxy; None where it is not installed."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        yield None
        return
    folder.mkdir(parents=True)
    port = _free_port()
    upstream = model_url.removesuffix("/v1").removeprefix("http://")
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;\n"
        "events {}\n"
        f"http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n"
        f"  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
        f"  upstream model {{ server {upstream}; keepalive 32; }}\n"
        f"  server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://model; proxy_buffering off;\n"
        '    proxy_http_version 1.1; proxy_set_header Connection ""; } } }\n'
    )
    began = time.perf_counter()
    process = subprocess.Popen(
        [program, "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL, text=True
    )
    with _ended(process):
        _until_it_answers(f"http://127.0.0.1:{port}/", process)
        yield Target("nginx", f"http://127.0.0.1:{port}", "none", process.pid, time.perf_counter() - began)


@contextlib.contextmanager
def litellm(folder: Path, model_url: str) -> Iterator[Target | None]:
    """litellm's proxy with one worker, in an environment of its own; None where it cannot be installed."""
    program = _installed_litellm()
    if program is None:
        yield None
        return
    folder.mkdir(parents=True)
    port, key = _free_port(), "sk-bench"
    (folder / "litellm.yaml").write_text(
        "model_list:\n"
        + "".join(
            f"- model_name: {name}\n"
            f"  litellm_params: {{model: openai/{name}, api_base: '{model_url}', api_key: none-needed}}\n"
            for name in ("m", "paced")
        )
        + f"general_settings: {{master_key: {key}}}\n"
    )
    began = time.perf_counter()
    process = subprocess.Popen(
        [str(program), "--config", "litellm.yaml", "--host", "127.0.0.1", "--port", str(port)],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_PROXY": "127.0.0.1"},
    )
    with _ended(process):
        _until_it_answers(f"http://127.0.0.1:{port}/health/liveliness", process)
        started = time.perf_counter() - began
        yield Target("litellm", f"http://127.0.0.1:{port}", key, process.pid, started)


def _installed_litellm() -> Path | None:
    """Its program; installed from the lock the first time."""
    program, lock = _LITELLM / "bin/litellm", Path(__file__).parent / "litellm.lock"
    if program.exists():
        return program
    uv = str(Path(sys.executable).parent / "uv")
    print("installing litellm[proxy] into .cache/litellm, once …", file=sys.stderr, flush=True)
    steps = (
        [uv, "venv", "-q", "--clear", "--python", sys.executable, str(_LITELLM)],
        [
            uv,
            "pip",
            "install",
            "-q",
            "--python",
            str(_LITELLM / "bin/python"),
            "--require-hashes",
            "-r",
            str(lock),
        ],
    )
    for step in steps:
        if subprocess.run(step, check=False).returncode:
            print("litellm could not be installed: the table is without it", file=sys.stderr)
            return None
    return program


def _until_it_answers(url: str, process: "subprocess.Popen[str]") -> None:
    end = time.monotonic() + _TIME_LIMIT_S
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"{process.args!r} does not answer")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextlib.contextmanager
def _ended(process: "subprocess.Popen[str]") -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
