"""The whole of `victor` on a real terminal, its model a script that acts: asked in place, reviewed hunk by hunk."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

if os.name != "posix":
    pytest.skip("only POSIX has such terminals", allow_module_level=True)

from cli.chat.test_victor import VICTOR, Person
from sandboxed import need_bubblewrap
from terminal import Terminal, terminal

pytestmark = pytest.mark.e2e

ASKED = "Allow it? [y]es once, for this [s]ession, [a]lways, [n]o, or n and why: "


@pytest.fixture
def person(tmp_path: Path) -> Person:
    """A person who begins."""
    return Person(tmp_path)


def call(name: str, **arguments: Any) -> dict[str, Any]:
    """What a model asks for."""
    return {"tool": {"name": name, "arguments": arguments}}


def run(command: str) -> dict[str, Any]:
    """A command."""
    return call("run_command", command=command)


def begin(face: Terminal, text: str = "go") -> None:
    """Ask something once the terminal is there."""
    face.wait_for("\n>")
    face.press(f"{text}\r")


def leave(face: Terminal) -> None:
    """Leave, in order."""
    face.wait_for("\n>")
    face.press("\x04")
    assert face.wait_for_end() == 0


@pytest.mark.parametrize("words", [[], ["chat", "--plain"]], ids=["lively", "plain"])
def test_asked_in_place(person: Person, words: list[str]) -> None:
    """A command is shown whole with why it is asked for; yes, session, and a no with a reason, each told."""
    need_bubblewrap()
    person.set_up(run("ls -a"), run("ls"), run("cat app.py"), {"text": "Done."})
    with terminal([*VICTOR, *words], person.environment, person.workspace) as face:
        begin(face)
        shown = face.wait_for(ASKED)
        assert "Victor wants to run a command:\n  ls -a\nNo rule allows it.\n" in shown
        assert "“Session” and “always” allow: commands `ls *`" in shown
        face.press("what?\r")
        face.wait_for("Please answer yes, session, always, no")
        face.wait_for(ASKED)
        face.press("s\r")
        shown = face.wait_for(ASKED)
        assert "· Run ls -a (exit code 0)" in shown
        assert "· Run ls (exit code 0)" in shown
        assert "  cat app.py\n" in shown
        face.press("n, read it with read_file\r")
        shown = face.wait_for("Done.")
        assert "· Run cat app.py: Not allowed. The person said no: read it with read_file." in shown
        leave(face)
    answers = [
        call.get("answer") for record in person.audited("tool_decided") for call in record["tool_calls"]
    ]
    assert answers == ["session", None, "no"]


def test_keys_that_were_pressed_before_answer_nothing(person: Person) -> None:
    """What is typed while the model writes is no answer to a question that was not there yet."""
    person.set_up([{"text": "Wait. "}, {"sleep_ms": 1500}, run("touch made")], {"text": "Done."})
    with terminal(VICTOR, person.environment, person.workspace) as face:
        begin(face)
        face.wait_for("Wait.")
        face.press("y\ry\r")
        face.wait_for("[n]o, or n and why: ")
        face.press("n\r")
        face.wait_for("Not allowed. The person said no.")
        leave(face)
    assert not (person.workspace / "made").exists()


@pytest.mark.parametrize("keys", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_a_question_that_is_not_answered(person: Person, keys: str) -> None:
    """Ctrl-C stops the turn with its question, Ctrl-D is a no; nothing runs, and the terminal is as before."""
    person.set_up(run("touch made"), {"text": "Then not."}, {"text": "Again."})
    with terminal(VICTOR, person.environment, person.workspace) as face:
        begin(face)
        face.wait_for("[n]o, or n and why: ")
        face.press(keys)
        face.wait_for("Stopped." if keys == "\x03" else "Then not.")
        begin(face, "next")
        face.wait_for("receipt ")
        leave(face)
        assert face.echoes
    assert not (person.workspace / "made").exists()


EDIT = call(
    "edit_file",
    path="app.py",
    edits=[
        {"search": "def main():", "replace": "def first():"},
        {"search": "    return 1", "replace": "    return 2"},
    ],
)
BASE = "def main():\n    return 1\n"
LONG = "def main():\n" + "    # x\n" * 10 + "    return 1\n"


@pytest.mark.parametrize("words", [[], ["chat", "--plain"]], ids=["lively", "plain"])
def test_an_edit_is_reviewed(person: Person, words: list[str]) -> None:
    """Each hunk is shown and decided; the model is told; what was accepted can be undone."""
    (person.workspace / "app.py").write_text(LONG)
    person.set_up(EDIT, {"text": "Done."})
    with terminal([*VICTOR, *words], person.environment, person.workspace) as face:
        begin(face)
        shown = face.wait_for("Put this in? (2 left) [y,n,a,d,q,?] ")
        assert "Victor proposes 2 changes: Edit app.py" in shown
        assert "@@ app.py:1 @@\n-def main():\n+def first():\n     # x\n" in shown
        face.press("?\r")
        face.wait_for("leave out all that is left")
        face.wait_for("Put this in? (2 left) [y,n,a,d,q,?] ")
        face.press("y\r")
        shown = face.wait_for("Put this in? [y,n,a,d,q,?] ")
        assert "-    return 1\n+    return 2\n" in shown
        face.press("n keep it\r")
        face.wait_for("· Edit app.py (+1 -1)")
        face.wait_for("Done.")
        leave(face)
    assert (person.workspace / "app.py").read_text() == LONG.replace("main", "first")
    assert person.run("undo").returncode == 0
    assert (person.workspace / "app.py").read_text() == LONG


@pytest.mark.parametrize(
    ("keys", "after"),
    [
        ("a\r", LONG.replace("main", "first").replace("1", "2")),
        ("d not now\r", LONG),
        ("q\r", LONG),
        ("\x04", LONG),
        ("\x03", LONG),
    ],
    ids=["all", "drop", "quit", "Ctrl-D", "Ctrl-C"],
)
def test_a_review_is_ended_at_once(person: Person, keys: str, after: str) -> None:
    """One key decides about all that is left; Ctrl-C stops the turn besides. The next question is taken."""
    (person.workspace / "app.py").write_text(LONG)
    person.set_up(EDIT, {"text": "Done."}, {"text": "Again."})
    with terminal(VICTOR, person.environment, person.workspace) as face:
        begin(face)
        face.wait_for("[y,n,a,d,q,?] ")
        face.press(keys)
        face.wait_for("Stopped." if keys == "\x03" else "Done.")
        begin(face, "next")
        face.wait_for("receipt ")
        leave(face)
    assert (person.workspace / "app.py").read_text() == after


def test_nobody_can_be_asked(person: Person) -> None:
    """With -p what would be asked for is refused; that, and how to allow it, stands on stderr and in the document."""
    person.set_up(run("ls -a"), EDIT, {"text": "I may not."})
    done = person.run("-p", "go")
    assert done.returncode == 0
    assert done.stdout == "I may not.\n"
    assert (
        "· Run ls -a: Not allowed. No rule allows it. It takes a person's yes, and nobody can be asked"
        in done.stderr
    )
    assert "`victor permissions allow 'ls *'`" in done.stderr
    assert "· Edit app.py: Not allowed." in done.stderr
    person.set_up(run("ls -a"), {"text": "I may not."})
    (tool,) = person.document("-p", "go")["tools"]
    assert tool["status"] == "refused"
    assert "nobody can be asked here" in tool["reason"]
    assert (person.workspace / "app.py").read_text() == BASE


def test_what_a_rule_allows_happens_without_anybody(person: Person) -> None:
    """A rule of the person's lets a script's model act; mode ask and plan take that back."""
    need_bubblewrap()
    person.set_up(run("ls -a"), EDIT, {"text": "Done."})
    assert person.run("permissions", "allow", "ls *").returncode == 0
    assert person.run("permissions", "allow", "--tool", "@edit", "--path", "./*.py").returncode == 0
    done = person.document("-p", "go")
    assert [tool["status"] for tool in done["tools"]] == ["completed", "completed"]
    assert "return 2" in (person.workspace / "app.py").read_text()
    for mode in ("ask", "plan"):
        person.set_up(run("ls -a"), {"text": "I may not."})
        (tool,) = person.document("-p", "go", "--mode", mode)["tools"]
        assert tool["status"] in ("refused", "failed")
    assert [(record["before"], record["mode"]) for record in person.audited("mode_changed")] == [
        ("build", "ask"),
        ("build", "plan"),
    ]


def test_the_mode_is_changed(person: Person) -> None:
    """`/mode` says and sets it, for what comes, and also once the models were set up anew."""
    (person.home / "permissions.yaml").write_text(
        json.dumps({"rules": [{"tool": "run_command", "command": "ls", "decision": "allow"}]})
    )
    person.set_up(run("ls"), {"text": "One."})
    with terminal(VICTOR, person.environment, person.workspace) as face:
        begin(face, "/mode")
        face.wait_for("Mode build: your permissions decide")
        begin(face, "/mode sudo")
        face.wait_for("There is no mode sudo.")
        begin(face, "/mode plan")
        face.wait_for("Mode plan: nothing is changed and nothing is run.")
        person.set_up(run("ls"), {"text": "Two."})
        begin(face, "go")
        face.wait_for("is not offered in mode plan")
        face.wait_for("Two.")
        leave(face)


def test_an_answer_for_the_session_holds_while_models_are_set_up_anew(person: Person) -> None:
    """What was allowed for the session is not asked again because another file of replies was named."""
    person.set_up(run("ls"), {"text": "One."})
    with terminal(VICTOR, person.environment, person.workspace) as face:
        begin(face)
        face.wait_for("[n]o, or n and why: ")
        face.press("s\r")
        face.wait_for("One.")
        person.set_up(run("ls"), {"text": "Two."})
        begin(face, "again")
        assert "Allow it?" not in face.wait_for("Two.")
        leave(face)
