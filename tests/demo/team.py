"""Runs a team's backend with two people in their editors: a chat through it, a budget, the audit log, the metrics.

    python -P tests/demo/team.py

Everything is real: `victor serve`, two `victor lsp` driven like editors, a model server on loopback. Each step says what
it shows; where something is not as told, the exit code is 1.
"""

import base64
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from editor import Editor, LspError

VICTOR = (sys.executable, "-P", "-c", "from victor_server.cli.main import main; main()")
MODEL_SERVER = Path(__file__).parents[1] / "bench/token_server.py"
_CONFIGURATION = """\
encryption: {{master_key: {{file: master.key}}}}
models:
  small:
    provider: openai-compatible
    model: m
    base_url: {url}
    key: demo
    context_tokens: 32000
    max_output_tokens: 64
    price: {{input_usd: 1, output_usd: 2}}
audit: {{heads: heads}}
"""
_TIME_LIMIT_S = 60
_INDENT = " " * 11
_STARTED = time.monotonic()


class NotAsTold(Exception):
    """Something is not as the demo says."""


def main() -> int:
    """Run the demo; returns the exit code."""
    with tempfile.TemporaryDirectory(prefix="victor-demo-team-") as scratch:
        try:
            _show(Path(scratch))
        except NotAsTold as error:
            print(f"NOT AS TOLD: {error}", file=sys.stderr)
            return 1
    say("done")
    return 0


def _show(scratch: Path) -> None:
    with ExitStack() as stack:
        model_url = stack.enter_context(_model_server())
        say("model server: on loopback, speaks as OpenAI's does")
        configuration = _configured(scratch / "backend", model_url)
        began = time.monotonic()
        url, operator = stack.enter_context(_backend(configuration))
        say(f"victor serve: {url}, ready after {time.monotonic() - began:.1f} s")
        admin = Admin(scratch, url, operator)
        _set_up(admin)
        editors = {name: stack.enter_context(_attached(admin, scratch, name)) for name in ("ada", "grace")}
        for name, editor in editors.items():
            _chat(editor, name)
        _budget(admin, editors["ada"], editors["grace"])
        _audit(admin, scratch)
        _metrics(url)
        _usage(admin)
        stack.pop_all().close()


class Admin:
    """Whoever runs the backend: asks it by `victor …` with the operator's token."""

    def __init__(self, scratch: Path, url: str, token: str) -> None:
        self.home = scratch / "admin"
        self.url = url
        self._file = scratch / "operator.token"
        self._file.touch(mode=0o600)
        self._file.write_text(token)

    def team(self, *words: str, told: str = "") -> Any:
        """`victor team …`; the JSON that it answers."""
        return self.run("team", *words, told=told)

    def run(self, *words: str, told: str = "") -> Any:
        """Any command that asks the backend."""
        whole = (*words, "--url", self.url, "--token-file", str(self._file))
        return json.loads(victor(self.home, *whole, "--json", told=told))

    def text(self, *words: str) -> str:
        """What a person would see."""
        return victor(self.home, *words, "--url", self.url, "--token-file", str(self._file))


def _set_up(admin: Admin) -> None:
    key = "sk-" + "d" * 24
    shown = admin.team("keys", "set", "demo", told=key)
    require(key not in json.dumps(shown), "a key was shown")
    say(f"victor team keys set demo: sealed; what is shown of it is …{shown['ending']}")
    offered = [model["name"] for model in admin.team("models", "list")["models"]]
    require(offered == ["small"], f"offered are {offered}")
    say("victor team models list: small, as the configuration says; it is called with that key")


def _configured(home: Path, model_url: str) -> Path:
    """A configuration as an operator writes it, with a master key of its own."""
    home.mkdir()
    key, file = home / "master.key", home / "team.yaml"
    key.touch(mode=0o600)
    key.write_text(base64.b64encode(os.urandom(32)).decode())
    file.write_text(_CONFIGURATION.format(url=model_url))
    checked = victor(home, "serve", "--check", "--deep", "--config", str(file))
    say(f"victor serve --check --deep --config team.yaml: {checked.strip()}")
    return file


@contextmanager
def _attached(admin: Admin, scratch: Path, name: str) -> Iterator[Editor]:
    made = admin.team("tokens", "create", f"laptop of {name}", "--user", name, "--role", "developer")
    home, folder = scratch / name, scratch / f"code-of-{name}"
    folder.mkdir()
    (folder / "main.py").write_text("def main() -> int:\n    return 0\n")
    victor(home, "login", admin.url, "--token", "-", told=made["token"])
    say(f"{name}: victor login {admin.url} --token -")
    with Editor(folder, home=home) as editor:
        yield editor


def _chat(editor: Editor, name: str) -> None:
    answer = ask(editor, "What does main() return?")
    require(bool(answer["text"]), f"{name} got no answer: {answer['stop']}")
    say(f"{name}'s editor: asked a question; the answer came through the backend:")
    print(f"{_INDENT}{' '.join(answer['text'].split()[1:])[:90]!r}")


def _budget(admin: Admin, stopped: Editor, other: Editor) -> None:
    admin.team("budgets", "set", "user", "ada", "--each", "day", "--tokens", "1")
    say("victor team budgets set user ada --each day --tokens 1")
    refused = ask(stopped, "And what else?")
    words = refused["text"] + json.dumps(refused["stop"])
    require("budget" in words.lower(), f"the budget stopped nothing: {words}")
    say("ada's editor: the next question is stopped before the call:")
    print(f"{_INDENT}{_said_of_budget(words)}")
    answer = ask(other, "Does that hold for me?")
    require(bool(answer["text"]), "the budget of one stopped another")
    say("grace's editor: goes on; the budget was ada's")


def _audit(admin: Admin, scratch: Path) -> None:
    log, keys, head = (scratch / name for name in ("audit.jsonl", "keys.json", "head.json"))
    head.write_text(admin.text("audit", "head"))
    keys.write_text(admin.text("audit", "head", "--keys"))
    admin.text("audit", "export", "-o", str(log))
    words = ("audit", "verify", str(log), "--head", str(head), "--key", str(keys), "--json")
    verdict = json.loads(victor(scratch / "auditor", *words))
    require(verdict["ok"], f"the log does not verify: {verdict}")
    say(f"victor audit verify: {verdict['records']} records, offline, against a signed head: whole")
    text = log.read_text(encoding="utf-8")
    require("What does main" not in text and '"ada"' not in text, "the export says what is personal")
    lines = text.splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if "model_call.end" in line)
    log.write_text(
        "".join([*lines[:at], lines[at].replace("model_call.end", "model_call.enf"), *lines[at + 1 :]])
    )
    forged = json.loads(victor(scratch / "auditor", *words, code=1))
    require(not forged["ok"], "a forged record was not found")
    say(f"one letter of it changed: found, the first bad record is {forged['first_bad']}")


def _metrics(url: str) -> None:
    with urllib.request.urlopen(f"{url}/metrics", timeout=_TIME_LIMIT_S) as answer:
        text = answer.read().decode()
    wanted = r"^(victor_(?:tokens_used_total|api_calls_total|estimated_cost_usd|connections|budget_refusals_total|requests_total)\S*) ([0-9.e+-]+)$"
    found = [(name, float(value)) for name, value in re.findall(wanted, text, re.MULTILINE) if float(value)]
    for name in ("victor_tokens_used_total", "victor_connections", "victor_budget_refusals_total"):
        require(any(each.startswith(name) for each, _ in found), f"{name} is 0")
    say("GET /metrics, of it what is not 0:")
    for name, value in found:
        print(f"{_INDENT}{name} {value:g}")


def _usage(admin: Admin) -> None:
    report = admin.team("usage", "--by", "user")
    require({"ada", "grace"} <= {line["key"] for line in report["lines"]}, "usage is not all there")
    say("victor team usage --by user")
    for line in admin.text("team", "usage", "--by", "user").splitlines():
        print(f"{_INDENT}{line}")


def ask(editor: Editor, question: str) -> dict[str, Any]:
    """A turn of a chat: the text of its answer, and how it ended."""
    session = editor.request("victor/chat/new", {})["sessionId"]
    prompt = [{"type": "text", "text": question}]
    try:
        done = editor.request("victor/chat/prompt", {"sessionId": session, "prompt": prompt})
    except LspError as error:
        return {"text": "", "stop": str(error)}
    return {"text": done["_meta"]["victor"].get("text", ""), "stop": done}


def _said_of_budget(words: str) -> str:
    sentence = re.search(r"[^.\"]*budget[^.\"]*\.", words, re.IGNORECASE)
    return sentence.group().strip() if sentence else words[:200]


def victor(home: Path, *words: str, told: str = "", code: int = 0) -> str:
    """Run a command as a person would; returns what it prints."""
    done = subprocess.run(
        [*VICTOR, *words],
        input=told,
        capture_output=True,
        text=True,
        env=_environment(home),
        timeout=_TIME_LIMIT_S,
        check=False,
    )
    said = f"{done.stdout}{done.stderr}".strip()
    require(done.returncode == code, f"victor {' '.join(words[:3])} ended with {done.returncode}: {said}")
    return done.stdout


def _environment(home: Path) -> Mapping[str, str]:
    """Tokens in files: a demo leaves nothing in anybody's keyring."""
    home.mkdir(exist_ok=True)
    return {**os.environ, "VICTOR_HOME": str(home), "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}


@contextmanager
def _model_server() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-P", str(MODEL_SERVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with _ended(process):
        assert process.stdout is not None
        yield process.stdout.readline().strip()


@contextmanager
def _backend(configuration: Path) -> Iterator[tuple[str, str]]:
    home = configuration.parent
    log = (home / "log.json").open("w")
    process = subprocess.Popen(
        [*VICTOR, "serve", "--port", "0", "--config", str(configuration)],
        stdout=log,
        stderr=subprocess.PIPE,
        text=True,
        env=_environment(home),
    )
    with _ended(process), log:
        said = ""
        assert process.stderr is not None
        while "Ctrl-C" not in said:
            line = process.stderr.readline()
            require(bool(line), f"victor serve ended: {said}")
            said += line
        url, token = re.search(r"http://\S+", said), re.search(r"vk_\S+", said)
        require(url is not None and token is not None, "victor serve does not say how to attach")
        yield url.group() if url else "", token.group() if token else ""


@contextmanager
def _ended(process: "subprocess.Popen[str]") -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=_TIME_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def require(holds: bool, otherwise: str) -> None:
    """Raise NotAsTold unless it holds."""
    if not holds:
        raise NotAsTold(otherwise)


def say(line: str) -> None:
    """Print a line behind the seconds since the start."""
    print(f"[{time.monotonic() - _STARTED:7.2f} s] {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
