"""What is recorded when somebody changes what is set."""

import json
from pathlib import Path
from typing import Any

import pytest

from victor_server.audit.configuration import FILE_NAME, record_changes
from victor_server.audit.journal import Journal
from victor_server.audit.record import read_records
from victor_server.errors import AuditFailed
from victor_server.settings.resolved import AuditSettings


def record(home: Path, settings: dict[str, str], keys: dict[str, str] | None = None) -> None:
    record_changes(home, Journal(AuditSettings(home / "audit.log"), "ada"), settings, keys or {})


def changes(home: Path) -> list[Any]:
    log = home / "audit.log"
    return [each["changed"] for each in read_records(log)] if log.exists() else []


def test_only_what_changed_is_recorded(tmp_path: Path) -> None:
    """The first time everything, then each change with its old and its new value, and nothing where nothing changed."""
    record(tmp_path, {"offline": "True", "mode": "ask"})
    record(tmp_path, {"offline": "True", "mode": "ask"})
    record(tmp_path, {"offline": "False", "mode": "ask"})
    record(tmp_path, {"mode": "ask"})
    assert changes(tmp_path) == [
        {"offline": [None, "True"], "mode": [None, "ask"]},
        {"offline": ["True", "False"]},
        {"offline": ["False", None]},
    ]


def test_no_key_is_written_anywhere(tmp_path: Path) -> None:
    """Of a key only that it changed, and what is kept to compare says nothing about it elsewhere."""
    one, other = "k" * 40, "q" * 40
    record(tmp_path, {}, {"profiles.a.api_key": one})
    record(tmp_path, {}, {"profiles.a.api_key": one})
    record(tmp_path, {}, {"profiles.a.api_key": other})
    assert changes(tmp_path) == [{"profiles.a.api_key": "changed"}] * 2
    kept = (tmp_path / FILE_NAME).read_text() + (tmp_path / "audit.log").read_text()
    assert one not in kept
    assert other not in kept
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    record(elsewhere, {}, {"profiles.a.api_key": other})
    values = [json.loads((home / FILE_NAME).read_text())["values"] for home in (tmp_path, elsewhere)]
    assert values[0] != values[1]


@pytest.mark.parametrize("spoiled", ["", "{", '{"version": 9}', '{"version": 1, "salt": "x"}', "[]"])
def test_what_cannot_be_read_is_recorded_again(tmp_path: Path, spoiled: str) -> None:
    """A file that somebody spoiled hides no change."""
    record(tmp_path, {"mode": "ask"})
    (tmp_path / FILE_NAME).write_text(spoiled)
    record(tmp_path, {"mode": "ask"})
    assert changes(tmp_path) == [{"mode": [None, "ask"]}] * 2


def test_a_change_that_cannot_be_recorded_is_told_again(tmp_path: Path) -> None:
    """Without a log there is no new state either."""
    (tmp_path / "audit.log").mkdir()
    with pytest.raises(AuditFailed):
        record(tmp_path, {"mode": "ask"})
    (tmp_path / "audit.log").rmdir()
    record(tmp_path, {"mode": "ask"})
    assert changes(tmp_path) == [{"mode": [None, "ask"]}]
