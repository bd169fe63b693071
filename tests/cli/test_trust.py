"""`victor trust`: what it prints, what it keeps, and what it records."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from victor_server.audit.record import read_records
from victor_server.cli.main import run
from victor_server.settings.trust import TrustStore


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A VICTOR_HOME of the test's own, and a workspace as the current folder."""
    monkeypatch.setenv("VICTOR_HOME", str(tmp_path / "home"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "home"


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    """The one JSON document that a command printed."""
    return json.loads(capsys.readouterr().out)


def recorded(home: Path) -> list[tuple[str, bool, str]]:
    """Action, success and folder of each record."""
    return [(each["action"], each["success"], each["folder"]) for each in read_records(home / "audit.log")]


def test_the_current_folder_is_trusted_and_that_is_taken_back(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both are recorded, in order, with the real path."""
    assert run(["trust"]) == 0
    assert "its own settings, instructions (AGENTS.md), permissions" in capsys.readouterr().out
    assert TrustStore(home).is_trusted(Path())
    assert run(["trust", "--revoke"]) == 0
    assert "is not trusted" in capsys.readouterr().out
    assert not TrustStore(home).is_trusted(Path())
    here = os.path.realpath(".")
    assert recorded(home) == [("trust_granted", True, here), ("trust_revoked", True, here)]


def test_the_list_is_for_people_and_for_scripts(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, or one entry, for each folder of which something was said."""
    assert run(["trust", "--list"]) == 0
    assert capsys.readouterr().out == "no folder is trusted\n"
    run(["trust", "--json"])
    told = document(capsys)
    assert told["trusted"] is True
    assert told["reason"].startswith("trusted since 20")
    run(["trust", "--list", "--json"])
    (entry,) = document(capsys)["folders"]
    assert (entry["path"], entry["trusted"]) == (os.path.realpath("."), True)


def test_what_is_no_folder_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With exit code 2; the attempt is recorded as failed, and nothing is trusted."""
    assert run(["trust", "missing", "--json"]) == 2
    assert document(capsys)["error"]["kind"] == "usage"
    assert [(action, success) for action, success, _ in recorded(home)] == [
        ("trust_granted", True),
        ("trust_granted", False),
    ]
    assert TrustStore(home).listed() == []


def test_what_cannot_be_recorded_is_not_granted(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """But trust can be taken back even then."""
    run(["trust"])
    (home / "audit.log").unlink()
    (home / "audit.log").mkdir()
    (home.parent / "other").mkdir()
    assert run(["trust", "../other"]) == 2
    assert not TrustStore(home).is_trusted(home.parent / "other")
    assert run(["trust", "--revoke"]) == 2
    assert not TrustStore(home).is_trusted(Path())
    assert "audit log" in capsys.readouterr().err


def test_words_that_make_no_sense_together(capsys: pytest.CaptureFixture[str]) -> None:
    """A list of one folder is not asked for."""
    assert run(["trust", "--list", "--revoke"]) == 2
    assert "stands alone" in capsys.readouterr().err
