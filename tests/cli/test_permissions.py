"""`victor permissions`: what it prints, for people and for scripts, and what it keeps."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from victor_server.audit.record import read_records
from victor_server.cli.main import run


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A VICTOR_HOME of the test's own with a few rules, and a workspace as the current folder."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("VICTOR_HOME", str(folder))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    (folder / "permissions.yaml").write_text(
        "rules:\n"
        '  - {tool: run_command, command: "git status*", decision: allow}\n'
        '  - {tool: edit_file, path: "src/**", decision: ask}\n'
        '  - {tool: run_command, command: "rm*", decision: deny}\n',
        encoding="utf-8",
    )
    (folder / "permissions.yaml").chmod(0o600)
    return folder


def document(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    """The one JSON document that a command prints."""
    assert run(["permissions", *words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_a_command_is_checked_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    """Each command of the line with its words, its decision and the rule."""
    told = document(capsys, "check", "git status -s && timeout 5 rm -rf 'a b'")
    assert (told["decision"], told["reason"]) == (
        "deny",
        "Denied by permissions.yaml, line 4: commands `rm*`.",
    )
    assert [(each["argv"], each["decision"]) for each in told["commands"]] == [
        (["git", "status", "-s"], "allow"),
        (["timeout", "5", "rm", "-rf", "a b"], "allow"),
        (["rm", "-rf", "a b"], "deny"),
    ]
    assert told["commands"][0]["rule"] == "permissions.yaml, line 2: commands `git status*`"


@pytest.mark.parametrize(
    ("line", "decision"),
    [("git status", "allow"), ("git statusx", "ask"), ("make", "ask"), ("sudo rm x", "deny")],
)
def test_a_command_is_checked_for_people(
    line: str, decision: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The decision first, then why; nothing of it is run or recorded."""
    assert run(["permissions", "check", line]) == 0
    assert capsys.readouterr().out.startswith(f"{decision}: ")
    assert not list(Path(os.environ["VICTOR_HOME"]).glob("audit.log"))


def test_the_mode_counts(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """That of profiles.yaml, or the one that is named."""
    assert document(capsys, "check", "git status", "--mode", "plan")["decision"] == "deny"
    assert document(capsys, "check", "git status", "--mode", "ask")["decision"] == "ask"
    (home / "profiles.yaml").write_text("mode: plan\n", encoding="utf-8")
    assert document(capsys, "check", "git status")["decision"] == "deny"
    assert document(capsys)["mode"] == "plan"


def test_private_paths_of_the_person_count(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As everywhere else."""
    (home / "settings.yaml").write_text("network:\n  private_paths: [notes/]\n", encoding="utf-8")
    assert document(capsys, "check", "cat notes/a.txt")["decision"] == "deny"


def test_the_list_shows_every_rule_and_what_always_holds(capsys: pytest.CaptureFixture[str]) -> None:
    """In their order, each with its place."""
    assert run(["permissions"]) == 0
    printed = capsys.readouterr().out
    for line in (
        "  ask    all tools  (a default rule)",
        "  allow  @read `**`  (a default rule)",
        "  deny   commands `rm*`  (permissions.yaml, line 4)",
        "Whatever the rules say:",
    ):
        assert line in printed
    told = document(capsys)
    assert [each["decision"] for each in told["rules"][-3:]] == ["allow", "ask", "deny"]
    assert told["problems"] == []
    assert ".git" in told["asked_each_time"]


def test_answers_are_given_and_taken_back(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Here, or everywhere; both are on record."""
    kept = document(capsys, "allow", "make test")
    assert (kept["tool"], kept["command"], kept["root"]) == (
        "run_command",
        "make test",
        os.path.realpath("."),
    )
    assert document(capsys, "check", "make test")["decision"] == "allow"
    document(capsys, "deny", "git status", "--everywhere")
    assert document(capsys, "check", "git status")["decision"] == "deny"
    assert document(capsys, "deny", "--path", "gen/**")["tool"] == "@edit"
    assert document(capsys, "allow", "--url", "docs.example.com")["tool"] == "fetch_url"
    document(capsys, "forget", kept["id"])
    assert document(capsys, "check", "make test")["decision"] == "ask"
    assert document(capsys, "forget", kept["id"], code=2)["error"]["kind"] == "usage"
    actions = [each["action"] for each in read_records(home / "audit.log")]
    assert actions == ["permission_remembered"] * 4 + ["permission_forgotten"]


@pytest.mark.parametrize(
    "words",
    [["allow"], ["allow", "a; b"], ["deny", "a", "--path", "b"], ["allow", "--path", "!a"], ["check", " "]],
)
def test_what_is_no_rule_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """With exit code 2; nothing is kept."""
    assert document(capsys, *words, code=2)["error"]["kind"] == "usage"
    assert not [each for each in document(capsys)["rules"] if each["id"]]


def test_a_file_that_is_broken_is_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And closes: what it allows is asked for, what it denies is denied."""
    with (home / "permissions.yaml").open("a", encoding="utf-8") as file:
        file.write("  - {tool: x, decison: deny}\n")
    assert document(capsys, "check", "git status")["decision"] == "ask"
    assert document(capsys, "check", "rm x")["decision"] == "deny"
    assert {each["line"] for each in document(capsys)["problems"]} == {5}
    assert run(["permissions"]) == 0
    printed = capsys.readouterr().out
    assert "Wrong: " in printed
    assert "Until that is mended all but reading is asked for" in printed


def test_nothing_printed_orders_the_terminal_about(capsys: pytest.CaptureFixture[str]) -> None:
    """A line that hides its end is shown as it is."""
    assert run(["permissions", "check", "echo \x1b[2K\u202ex"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("ask: ")
    assert "\x1b" not in printed
    assert "\u202e" not in printed
