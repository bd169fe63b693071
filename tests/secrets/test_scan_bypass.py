"""Letting a secret through takes a reason and leaves a record; what cannot be recorded is not let through."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from repositories import write_tree
from secret_scans import AT, LINE, check_scan, new_repository, scan_document, stage
from secrets_samples import aws_key

from victor_server.audit.record import read_records
from victor_server.cli.main import run


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a staged secret, as the working directory, and a VICTOR_HOME of its own."""
    monkeypatch.setenv("VICTOR_HOME", str(tmp_path / "home"))
    root = new_repository(tmp_path / "root", x_txt="x\n")
    stage(root, {"a.py": LINE})
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "home" / "audit.log"


def records(log: Path) -> list[dict[str, Any]]:
    return list(read_records(log)) if log.exists() else []


@pytest.mark.parametrize("reason", ["used-in-tests", "false-positive", "fix-later"])
def test_a_reason_lets_it_through(
    root: Path, log: Path, capsys: pytest.CaptureFixture[str], reason: str
) -> None:
    """It is told what went through, and written down who let it, without the secret."""
    document = check_scan(capsys, ["--staged", "--bypass", reason], f"a.py:{AT}", code=0)
    assert document["bypass"] == reason
    (record,) = records(log)
    fixed: dict[str, Any] = {"provider": None, "model": None, "tool_calls": [], "success": True, "version": 1}
    assert {name: record[name] for name in fixed} == fixed
    assert (record["action"], record["reason"], record["files_accessed"]) == (
        "scan_secrets.bypass",
        reason,
        ["a.py"],
    )
    assert record["user"]
    assert record["session_id"]
    (found,) = record["findings"]
    assert (found["path"], found["line"], found["masked"]) == ("a.py", 1, "AKIA…6K")
    assert found["fingerprint"] == document["findings"][0]["fingerprint"]
    assert aws_key() not in log.read_text()
    if os.name == "posix":
        assert (log.stat().st_mode & 0o777, log.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_the_environment_gives_a_reason(
    root: Path, log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`VICTOR_SCAN_BYPASS=… git commit` reaches the hook; it counts for what is staged, and for nothing else."""
    monkeypatch.setenv("VICTOR_SCAN_BYPASS", "fix-later")
    assert run(["scan-secrets", "--staged"]) == 0
    told = capsys.readouterr()
    assert told.out.startswith(f"a.py:{AT.split()[0]}  aws-access-key  AKIA…6K")
    assert "Let through as fix-later, and recorded in the audit log." in told.err
    assert len(records(log)) == 1
    check_scan(capsys, ["a.py"], f"a.py:{AT}")
    check_scan(capsys, ["--since", "HEAD"])
    monkeypatch.setenv("VICTOR_SCAN_BYPASS", "please")
    assert "is no reason" in scan_document(capsys, "--staged", code=2)["error"]["message"]
    assert len(records(log)) == 1


def test_what_needs_no_bypass_is_not_recorded(
    root: Path, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing found, or only possible findings: nothing was let through."""
    stage(root, {"a.py": "x = 1\n", "test_a.py": LINE})
    check_scan(capsys, ["--staged", "--bypass", "fix-later"], f"test_a.py:{AT}", code=0)
    assert records(log) == []
    check_scan(capsys, ["--staged", "--strict", "--bypass", "fix-later"], f"test_a.py:{AT}", code=0)
    assert len(records(log)) == 1


def test_what_was_not_scanned_is_not_let_through(
    root: Path, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A reason is for what was found; nobody knows what else there is."""
    from repositories import run_git

    stage(root, {"b.py": "x = 1\n"})
    blob = run_git(root, "rev-parse", ":b.py").decode().strip()
    path = root / ".git" / "objects" / blob[:2] / blob[2:]
    path.chmod(0o600)
    path.write_bytes(b"")
    scan_document(capsys, "--staged", "--bypass", "fix-later", code=2)
    assert records(log) == []


@pytest.mark.parametrize("trouble", ["off", "folder", "home"])
def test_no_record_no_bypass(
    root: Path, log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], trouble: str
) -> None:
    """Where the record cannot be written the secret stays where it is, with a word about why."""
    match trouble:
        case "off":
            monkeypatch.setenv("VICTOR_AUDIT_LOG", "false")
        case "folder":
            log.mkdir(parents=True)
        case _:
            write_tree(log.parent.parent, {"home": "in the way"})
    error = scan_document(capsys, "--staged", "--bypass", "fix-later", code=2)["error"]
    assert error["kind"] == "audit_failed"
    assert "VICTOR_AUDIT" in error["fix"]


def test_elsewhere(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The log lies where the settings say."""
    monkeypatch.setenv("VICTOR_AUDIT_PATH", str(tmp_path / "logs" / "mine.log"))
    check_scan(capsys, ["--staged", "--bypass", "fix-later"], f"a.py:{AT}", code=0)
    assert json.loads((tmp_path / "logs" / "mine.log").read_text())["reason"] == "fix-later"


@pytest.mark.parametrize("form", ["text", "sarif", "github"])
def test_every_format_says_so(root: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    """What was let through is still told, as such."""
    assert run(["scan-secrets", "--staged", "--bypass", "false-positive", "--format", form]) == 0
    told = capsys.readouterr()
    assert "AKIA…6K" in told.out
    assert "false-positive" in told.out + told.err
