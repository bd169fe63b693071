"""The whole of `victor`, its model a script: asked from scripts and on a real terminal."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

if os.name != "posix":
    pytest.skip("only POSIX has such terminals", allow_module_level=True)

from terminal import TIMEOUT_S, terminal

from victor_server.history.history import History

VICTOR = [sys.executable, "-P", "-c", "from victor_server.cli.main import main; main()"]
TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"

pytestmark = pytest.mark.e2e


class Person:
    """Somebody with a workspace, a VICTOR_HOME and a scripted model."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.workspace = folder / "workspace"
        for made in (self.home, self.workspace):
            made.mkdir(mode=0o700)
        (self.workspace / "app.py").write_text("def main():\n    return 1\n", encoding="utf-8")
        self.environment: Mapping[str, str] = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "VICTOR_HOME": str(self.home),
            "VICTOR_INDEX_ENABLED": "false",
        }

    def set_up(self, *replies: object, profiles: str = "") -> None:
        """Have the model say these, one for each call."""
        lines = "".join(json.dumps(reply) + "\n" for reply in replies)
        (self.home / "script.jsonl").write_text(lines, encoding="utf-8")
        profiles = (
            profiles or "profiles: {default: {provider: scripted, model: played, script: script.jsonl}}\n"
        )
        (self.home / "profiles.yaml").write_text(profiles, encoding="utf-8")

    def run(self, *words: str, piped: str = "") -> "subprocess.CompletedProcess[str]":
        """Run a command in the workspace."""
        return subprocess.run(
            [*VICTOR, *words],
            input=piped,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.workspace,
            env=dict(self.environment),
        )

    def document(self, *words: str, piped: str = "") -> Any:
        """What a command prints for scripts."""
        done = self.run(*words, "--json", piped=piped)
        assert done.stdout.count("\n") == 1, done.stdout + done.stderr
        return json.loads(done.stdout)

    def audited(self, action: str) -> Sequence[Mapping[str, Any]]:
        """The records of one kind in the audit log."""
        lines = (self.home / "audit.log").read_text(encoding="utf-8").splitlines()
        return [record for record in map(json.loads, lines) if record["action"] == action]


@pytest.fixture
def person(tmp_path: Path) -> Person:
    """A person who begins."""
    return Person(tmp_path)


def test_asked_from_a_script(person: Person) -> None:
    """Answer, places, receipt and session of a question; `--continue` goes on with it."""
    person.set_up({"text": "See `app.py:1-2`."}, {"text": "Again."})
    told = person.document("-p", "What does @app.py do?")
    assert told["text"] == "See `app.py:1-2`."
    assert told["stop_reason"] == "end_turn"
    assert told["route"]["profile"] == "default"
    assert told["usage"]["output_tokens"] > 0
    assert told["citations"] == [{"path": "app.py", "start_line": 1, "end_line": 3}]
    receipt = person.document("receipts", told["receipt"])
    assert [file["path"] for file in receipt["files"]] == ["app.py"]
    assert person.document("chat", "-p", "And?", "--continue")["session"] == told["session"]
    assert [record["success"] for record in person.audited("model_call.end")] == [True, True]


def test_the_index_is_asked(person: Person) -> None:
    """A question starts the folder's index, and the model is shown what matches."""
    person.set_up({"text": "It returns."})
    (person.workspace / "invoices.py").write_text("def total_of_invoice():\n    return 1\n", encoding="utf-8")
    person.environment = {
        **person.environment,
        "VICTOR_INDEX_ENABLED": "true",
        "VICTOR_WORKER_LEAVE_AFTER_S": "1",
    }
    told = person.document("-p", "What does total_of_invoice return?")
    receipt = person.document("receipts", told["receipt"])
    assert "invoices.py" in [file["path"] for file in receipt["files"]]
    assert not [held for held in receipt["held_back"] if "not open" in held["reason"]]


def test_secrets_that_are_piped_in_stay_here(person: Person) -> None:
    """The model is told a placeholder; history, receipt and audit log hold none of the secret."""
    person.set_up({"text": "fine"})
    told = person.document("-p", f"Is {TOKEN} safe?", piped=f'token = "{TOKEN}"\n')
    assert sum(person.document("receipts", told["receipt"])["redacted"].values()) > 0
    kept = [path for path in person.home.rglob("*") if path.is_file()]
    assert not [path for path in kept if TOKEN.encode() in path.read_bytes()]


def test_nothing_is_set_up(person: Person) -> None:
    """Without a model the command says what to install or to write, and fails."""
    done = person.run("-p", "hello")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("victor: No model is set up.\n")
    assert "ollama pull" in done.stderr


def test_offline(person: Person) -> None:
    """With `offline_mode` a cloud model is refused, explained and recorded; nothing is sent."""
    cloud = "{provider: openai, model: big, base_url: 'https://models.example.invalid/v1', api_key: k}"
    person.set_up(profiles=f"profiles: {{default: {cloud}}}\noffline_mode: true\n")
    error = person.document("-p", "hello")["error"]
    assert error["kind"] == "offline_blocked"
    assert "offline_mode" in error["message"] + error["fix"]
    assert person.document("receipts")["receipts"][0]["outcome"] == "not_sent"
    (record,) = person.audited("model_call.not_sent")
    assert not record["success"]


def test_wrong_profiles_are_named(person: Person) -> None:
    """What is wrong in profiles.yaml is told with its line, beside the answer."""
    person.set_up({"text": "fine"})
    with (person.home / "profiles.yaml").open("a", encoding="utf-8") as file:
        file.write("colour: red\n")
    done = person.run("-p", "hello")
    assert done.stdout == "fine\n"
    assert "profiles.yaml:2: " in done.stderr


def test_on_a_terminal(person: Person) -> None:
    """`victor` alone: greeted, answered, stopped with Ctrl-C, asked again, and gone on with later."""
    person.set_up(
        {"text": "# First\n\nin `app.py:2`"},
        [{"text": "second "}, {"sleep_ms": 600_000, "text": "never"}],
        {"text": "third"},
    )
    with terminal(VICTOR, person.environment, person.workspace) as face:
        face.wait_for("default answers with played")
        face.wait_for("\n>")
        face.press("one\r")
        face.wait_for("Named in it:\napp.py:2")
        face.wait_for("receipt ")
        face.press("two\r")
        face.wait_for("second")
        face.press("\x03")
        face.wait_for("Stopped.")
        face.press("three\r")
        face.wait_for("third")
        face.wait_for("receipt ")
        face.press("\x04")
        assert face.wait_for_end() == 0
    with terminal([*VICTOR, "--continue"], person.environment, person.workspace) as face:
        face.wait_for("You asked last:")
        face.wait_for("third")
        face.press("/quit\r")
        assert face.wait_for_end() == 0
    outcomes = [receipt["outcome"] for receipt in person.document("receipts")["receipts"]]
    assert outcomes == ["done", "cancelled", "done"]


def test_models_set_up_meanwhile(person: Person) -> None:
    """Who is told that there is no model writes profiles.yaml beside the open chat, and goes on in it."""
    with terminal(VICTOR, person.environment, person.workspace) as face:
        face.wait_for("No model is set up.")
        face.wait_for("\n>")
        face.press("one\r")
        face.wait_for("No model is set up.")
        face.wait_for("\n>")
        person.set_up({"text": "here now"}, {"text": "and again"})
        face.press("two\r")
        face.wait_for("here now")
        face.wait_for("receipt ")
        face.press("three\r")
        face.wait_for("and again")
        face.wait_for("receipt ")
        face.press("\x04")
        assert face.wait_for_end() == 0
    history = History(person.home / "sessions.db")
    (session,) = history.sessions()
    history.close()
    assert session.n_turns == 3


def test_killed_in_an_answer(person: Person) -> None:
    """`kill -9` in the middle: the next start shows the answer up to there, says so, and goes on."""
    person.set_up([{"text": "the first half"}, {"sleep_ms": 600_000, "text": "never"}])
    with terminal(VICTOR, person.environment, person.workspace) as face:
        face.wait_for("\n>")
        face.press("one\r")
        face.wait_for("the first half")
        wait_until_kept(person, "the first half")
        face.process.kill()
        face.wait_for_end()
    person.set_up({"text": "whole"})
    with terminal([*VICTOR, "-c"], person.environment, person.workspace) as face:
        face.wait_for("You asked last:\none")
        face.wait_for("the first half")
        face.wait_for("The program ended before the answer did.")
        face.press("two\r")
        face.wait_for("receipt ")
        face.press("/quit\r")
        assert face.wait_for_end() == 0


def wait_until_kept(person: Person, text: str) -> None:
    """Wait until a text is in the history: what was shown gets there within a tenth of a second."""
    history = History(person.home / "sessions.db")
    (session,) = history.sessions()
    deadline = time.monotonic() + TIMEOUT_S
    while not any(text in str(event.data) for event in history.events(session.id)):
        assert time.monotonic() < deadline
        os.sched_yield()
    history.close()
