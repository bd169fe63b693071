"""What stands in the backend's log."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from victor_server.telemetry.log_lines import JsonLines, request_id, start_log

_log = logging.getLogger("victor_server.team.tests")


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """The log of a backend, as JSON in a file."""
    file = tmp_path / "logs" / "team.log"
    end = start_log("INFO", "json", str(file), {"replica": "r1"})
    yield file
    end()


def lines(file: Path) -> list[dict[str, object]]:
    """Each line is one document."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_a_line_is_one_object(file: Path) -> None:
    """Even of a message with line ends; the request is named."""
    token = request_id.set("req-1")
    _log.info("one\ntwo %s", 3)
    request_id.reset(token)
    (line,) = lines(file)
    assert line["message"] == "one\ntwo 3"
    assert (line["level"], line["request_id"], line["replica"]) == ("INFO", "req-1", "r1")
    assert str(line["timestamp"]).endswith("Z")


def test_an_exceptions_words_are_left_out(file: Path) -> None:
    """Its message may quote a prompt: the way to it and its kind are enough."""
    try:
        raise ValueError("the prompt of somebody")
    except ValueError:
        _log.exception("it failed")
    (line,) = lines(file)
    assert line["error"] == "ValueError"
    assert "prompt" not in file.read_text(encoding="utf-8")


def test_secrets_are_masked(file: Path) -> None:
    """Whoever writes one by mistake."""
    key = "AKIA" + "Q3EGRTZLXN5MHPWD"
    _log.warning("the key is %s", key)
    assert key not in file.read_text(encoding="utf-8")
    assert "REDACTED" in str(lines(file)[0]["message"])


def test_other_libraries_are_heard_from_warnings_on(file: Path) -> None:
    """Below, some of them quote what they send."""
    logging.getLogger("uvicorn.access").info("GET /?token=x")
    logging.getLogger("asyncpg").warning("slow")
    assert [line["logger"] for line in lines(file)] == ["asyncpg"]


def test_a_line_that_is_written_wrongly_costs_nothing() -> None:
    """The request that wrote it goes on."""
    record = logging.LogRecord("victor_server", logging.INFO, "", 0, "%d", ("no number",), None)
    assert json.loads(JsonLines({}).format(record))["message"] == "%d"


def test_the_file_is_its_owners(file: Path) -> None:
    """Nobody else reads it."""
    _log.info("x")
    assert file.stat().st_mode & 0o077 == 0
