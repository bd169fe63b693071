"""Warnings while the screen belongs to a conversation."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from victor_server.cli.chat.log import log_to_file
from victor_server.compose.log_format import handler_without_quotes


@pytest.fixture(autouse=True)
def loggers() -> Iterator[None]:
    """The root logger as it was."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


def test_bugs_are_written_without_what_they_quote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The way to a bug goes to a file of one's own; its message, which may quote a question, nowhere."""
    log_to_file(tmp_path, "warning")
    logger = logging.getLogger("victor_server.test")
    try:
        raise ValueError("the text of a question")
    except ValueError:
        logger.exception("a bug in a turn")
    logger.info("not at this level")
    written = (tmp_path / "errors.log").read_text(encoding="utf-8")
    assert "ERROR victor_server.test: a bug in a turn\n  test_log.py:" in written
    assert written.endswith("  ValueError\n")
    assert "question" not in written
    assert "level" not in written
    assert capsys.readouterr() == ("", "")
    if os.name == "posix":
        assert (tmp_path / "errors.log").stat().st_mode & 0o777 == 0o600


def test_a_disk_that_takes_nothing_ends_no_conversation(tmp_path: Path) -> None:
    """What cannot be written down is lost, and nothing else happens."""
    log_to_file(tmp_path / "missing", "warning")
    logging.getLogger("victor_server.test").warning("lost")


def test_servers_write_no_quotes_either(capsys: pytest.CaptureFixture[str]) -> None:
    """What editors keep of stderr holds the way to a bug, causes left out, and nothing that it quotes."""
    logging.basicConfig(handlers=[handler_without_quotes()], force=True)
    try:
        try:
            raise KeyError("a line of a file")
        except KeyError as cause:
            raise ValueError("the text of a question") from cause
    except ValueError as error:
        logging.getLogger("victor_server.test").error("a bug", exc_info=error)
    written = capsys.readouterr().err
    assert "ERROR victor_server.test: a bug\n  test_log.py:" in written
    assert written.endswith("  ValueError\n")
    assert "question" not in written
    assert "line of" not in written
