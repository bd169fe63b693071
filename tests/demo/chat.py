"""The chat's part of the demo: a question answered by the demo model, and the same question while offline."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

VICTOR = (sys.executable, "-P", "-c", "from victor_server.cli.main import main; main()")
_INDENT = " " * 11
_SEARCH = "shorten a text to a width"

# The window and the answer are small: this model is there to show the way of a question, not to know the answer.
_DEMO = (
    "profiles: {default: {provider: embedded, context_tokens: 3072, max_output_tokens: 64, temperature: 0}}\n"
)
_CLOUD = (
    "profiles: {default: {provider: anthropic, model: claude-sonnet-4-5, api_key: made-up-for-the-demo}}\n"
    "offline_mode: true\n"
)
Say = Callable[[str], None]


def show_chat(workspace: Path, home: Path, say: Say) -> None:
    """Ask about the workspace in the terminal; the index that the editor had built is used again."""
    question = _question(workspace, home)
    _set_up(home, _DEMO)
    say("chat: profiles.yaml names the embedded demo model: tiny, on this machine, no server, no key")
    say(f'chat: victor chat -p "{question}"')
    _stream(workspace, home, question)
    (receipt,) = _document(home, "receipts", "-n", "1")["receipts"]
    say(f"receipt: {receipt['outcome']}, {receipt['input_tokens']:,} tokens sent to {receipt['model']}")
    for each in receipt["attempts"]:
        where = "left this machine" if each["leaves_machine"] else "stayed on this machine"
        print(f"{_INDENT}{each['provider']}, profile {each['profile']}: {where}")
    for file in receipt["files"]:
        lines = (
            f"{file['path']}:{file['start_line'] + 1}-{file['end_line']}" if file["path"] else file["kind"]
        )
        print(f"{_INDENT}{lines}  {file['reason']}")
    show_offline(workspace, home, question, say)


def show_offline(workspace: Path, home: Path, question: str, say: Say) -> None:
    """The same question with a cloud model and `offline_mode`: refused, explained, recorded."""
    _set_up(home, _CLOUD)
    say("offline: profiles.yaml names a cloud model and says offline_mode: true; the same question")
    done = _run(home, "chat", str(workspace), "-p", question, "--json")
    error = json.loads(done.stdout)["error"]
    if done.returncode != 2 or error["kind"] != "offline_blocked":
        raise SystemExit(f"offline: the question was not refused: {done.stdout}")
    say(f"refused: {error['kind']}: {error['message']}")
    print(f"{_INDENT}{error['fix']}")
    (receipt,) = _document(home, "receipts", "-n", "1")["receipts"]
    say(f"receipt: {receipt['outcome']}: {receipt['message']}")
    audited = [json.loads(line) for line in (home / "audit.log").read_text(encoding="utf-8").splitlines()]
    record = audited[-1]
    if record["success"] or record["action"] != "model_call.not_sent":
        raise SystemExit(f"offline: the audit log's last record is {record['action']}")
    shown = {name: record[name] for name in ("timestamp", "user", "action", "error", "success")}
    say(f"audit log: {json.dumps(shown)}")


def _question(workspace: Path, home: Path) -> str:
    hits = _document(home, "search", _SEARCH, str(workspace), "-k", "1")["hits"]
    if not hits:
        return "What is this folder for?"
    hit = hits[0]
    place = f"@{hit['path']}:{hit['start_line']}-{hit['end_line'] - 1}"
    return f"What does {hit['symbol']} in {place} do?" if hit["symbol"] else f"What does {place} do?"


def _stream(workspace: Path, home: Path, question: str) -> None:
    """Print what comes as it comes."""
    words = [*VICTOR, "chat", str(workspace), "-p", question, "--details"]
    both = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, env=_environment(home), **both) as chat:  # type: ignore[call-overload]  # the options are the same twice
        at_margin = True
        while data := os.read(chat.stdout.fileno(), 4096):
            for line in data.decode("utf-8", "replace").splitlines(keepends=True):
                print((_INDENT if at_margin and line.strip() else "") + line, end="", flush=True)
                at_margin = line.endswith("\n")
    if chat.returncode:
        raise SystemExit(f"chat: exit code {chat.returncode}")


def _set_up(home: Path, profiles: str) -> None:
    (home / "profiles.yaml").write_text(profiles, encoding="utf-8")


def _document(home: Path, *words: str) -> Any:
    return json.loads(_run(home, *words, "--json").stdout)


def _run(home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*VICTOR, *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
        env=_environment(home),
    )


def _environment(home: Path) -> Mapping[str, str]:
    """Nothing of the person's own: neither settings nor keys nor proxies."""
    kept = ("PATH", "HOME", "LANG", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")
    return {
        "VICTOR_HOME": str(home),
        "PYTHONUTF8": "1",
        **{name: os.environ[name] for name in kept if name in os.environ},
    }
