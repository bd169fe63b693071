"""What the program writes down of what it did."""

import json
import threading
from pathlib import Path

import pytest

from victor_server.audit.journal import MAX_FILES, MAX_NAME, Journal
from victor_server.audit.record import read_records
from victor_server.errors import AuditFailed
from victor_server.settings.resolved import AuditSettings


def test_a_record_names_everything(tmp_path: Path) -> None:
    """Who, what, when, with which model, on which files, and whether it succeeded."""
    journal = Journal(AuditSettings(tmp_path / "audit.log"), "somebody")
    journal.record(
        "model_call.begin",
        session_id="s1",
        provider="ollama",
        model="small",
        files_accessed=["a.py"],
        tool_calls=[{"name": "read"}],
        redacted={"aws-access-key": 1},
    )
    (record,) = read_records(tmp_path / "audit.log")
    assert record.pop("timestamp").endswith("+00:00")
    assert record == {
        "version": 1,
        "user": "somebody",
        "action": "model_call.begin",
        "session_id": "s1",
        "success": True,
        "provider": "ollama",
        "model": "small",
        "tool_calls": [{"name": "read"}],
        "files_accessed": ["a.py"],
        "redacted": {"aws-access-key": 1},
    }


def test_switched_off(tmp_path: Path) -> None:
    """Nothing is written, and no folder made."""
    Journal(AuditSettings(tmp_path / "logs" / "audit.log", enabled=False), "somebody").record("x")
    assert list(tmp_path.iterdir()) == []


def test_a_log_that_cannot_be_written(tmp_path: Path) -> None:
    """It is said, so that what had to be recorded does not happen."""
    (tmp_path / "audit.log").mkdir()
    with pytest.raises(AuditFailed):
        Journal(AuditSettings(tmp_path / "audit.log"), "somebody").record("x")


def test_hostile_names(tmp_path: Path) -> None:
    """They neither fill the log nor break its lines, and details replace no field."""
    journal = Journal(AuditSettings(tmp_path / "audit.log"), "somebody")
    journal.record(
        "x", model="m" * 10_000, files_accessed=["a\n{}" * 1_000] * 2_000, version=9, timestamp="never"
    )
    (line,) = (tmp_path / "audit.log").read_text(encoding="ascii").splitlines()
    record = json.loads(line)
    assert (record["version"], record["n_files_accessed"]) == (1, 2_000)
    assert record["timestamp"] != "never"
    assert len(record["files_accessed"]) == MAX_FILES
    assert {len(path) for path in record["files_accessed"]} == {MAX_NAME}
    assert len(record["model"]) == MAX_NAME


def test_from_many_threads(tmp_path: Path) -> None:
    """Every record is a line of its own."""
    journal = Journal(AuditSettings(tmp_path / "audit.log"), "somebody")
    threads = [threading.Thread(target=journal.record, args=(f"a{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {record["action"] for record in read_records(tmp_path / "audit.log")} == {
        f"a{n}" for n in range(8)
    }
    assert len({record["session_id"] for record in read_records(tmp_path / "audit.log")}) == 8
