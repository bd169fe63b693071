"""The log of the language server: a small private file in VICTOR_HOME, without secrets, whatever happens to the disk."""

import logging
import os
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import TextIO

import pytest
from editor import SERVER, Editor
from secrets_samples import github_token

from victor_server.compose.log_file import FILE_NAME, LogFile
from victor_server.compose.log_rotation import PrivateRotatingFile


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """VICTOR_HOME, which is not there yet."""
    monkeypatch.setenv("VICTOR_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def say(handler: logging.Handler, text: str, *arguments: object) -> None:
    """A warning."""
    handler.handle(logging.LogRecord("victor_server.x", logging.WARNING, "", 0, text, arguments, None))


def test_lines_are_kept(home: Path) -> None:
    """With their time and place, for the owner alone; nothing is made before the first one."""
    handler = LogFile()
    assert not home.exists()
    say(handler, "the %s is %d", "answer", 42)
    handler.close()
    assert (home / FILE_NAME).read_text().endswith("WARNING victor_server.x: the answer is 42\n")
    assert stat.S_IMODE((home / FILE_NAME).stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_no_secret_is_written(home: Path) -> None:
    """Whoever logs one by mistake writes none; nor does an exception that quotes one."""
    handler = LogFile()
    say(handler, "the token is %s", github_token())
    try:
        raise ValueError(github_token())
    except ValueError:
        error = sys.exc_info()
    handler.handle(logging.LogRecord("x", logging.ERROR, "", 0, "a bug", (), error))
    handler.close()
    written = (home / FILE_NAME).read_text()
    assert github_token() not in written
    assert "[REDACTED:" in written
    assert "test_no_secret_is_written" in written
    assert "ValueError" in written


def test_it_stays_small(tmp_path: Path) -> None:
    """The file begins anew when it is full; one old one is kept, and it is as private."""
    file = PrivateRotatingFile(tmp_path / FILE_NAME, 1_000, 1)
    for number in range(200):
        say(file, f"line {number:04}")
    file.close()
    assert sorted(each.name for each in tmp_path.iterdir()) == [FILE_NAME, f"{FILE_NAME}.1"]
    for each in tmp_path.iterdir():
        assert each.stat().st_size <= 1_000
        assert stat.S_IMODE(each.stat().st_mode) == 0o600
    assert (tmp_path / FILE_NAME).read_text().endswith("line 0199\n")


def test_several_windows(tmp_path: Path) -> None:
    """When one of them begins a new file, the others write there too."""
    one, other = (PrivateRotatingFile(tmp_path / FILE_NAME, 1_000, 1) for _ in range(2))
    say(other, "first of the other")
    for number in range(60):
        say(one, f"line {number:04} of the one")
    say(other, "last of the other")
    one.close()
    other.close()
    assert (tmp_path / FILE_NAME).read_text().endswith("last of the other\n")


def full_disk(_: PrivateRotatingFile) -> TextIO:
    """A file that takes nothing; the handler closes it."""
    return Path("/dev/full").open("a", encoding="utf-8")


@pytest.mark.parametrize("trouble", ["no folder", "a folder of that name", "a full disk", "a link"])
def test_what_cannot_be_written(
    home: Path, trouble: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It costs lines, and nothing else: nobody is told in the middle of a protocol."""
    elsewhere = home.parent / "elsewhere"
    match trouble:
        case "no folder":
            home.write_text("not a folder")
        case "a folder of that name":
            (home / FILE_NAME).mkdir(parents=True)
        case "a full disk":
            monkeypatch.setattr(PrivateRotatingFile, "_open", full_disk)
        case _:
            home.mkdir()
            elsewhere.write_text("")
            (home / FILE_NAME).symlink_to(elsewhere)
    handler = LogFile()
    say(handler, "one")
    say(handler, "two")
    handler.close()
    assert capsys.readouterr() == ("", "")
    assert not elsewhere.exists() or elsewhere.read_text() == ""


def test_a_flood(home: Path) -> None:
    """Whoever logs is never held up: what does not fit is left out."""
    handler = LogFile()
    gate = threading.Event()
    handler._write = gate.wait  # type: ignore[assignment,method-assign]  # a writer that does not come to it
    for number in range(5_000):
        say(handler, "line %d", number)
    gate.set()
    assert not home.exists()


@pytest.mark.e2e
def test_the_program_writes_there(tmp_path: Path) -> None:
    """And to stderr, where editors look; a start that has nothing to say makes no file."""
    home, root = tmp_path / "home", tmp_path / "work"
    root.mkdir()
    with Editor(root, home=home) as editor:
        editor.request("victor/status", {})
        assert not (home / FILE_NAME).exists()
    with subprocess.Popen(
        [*SERVER, "--socket", "127.0.0.1:0"],
        env={**os.environ, "VICTOR_HOME": str(home)},
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stderr is not None
        told = server.stderr.readline()
        port = int(told.rsplit(maxsplit=1)[-1])
        socket.create_connection(("127.0.0.1", port)).close()
    assert (home / FILE_NAME).read_text().splitlines()[0] == told.strip()
