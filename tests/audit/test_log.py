"""The local audit log: whole lines, by many processes, for its owner alone."""

import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from victor_server.audit.log import append
from victor_server.audit.record import Record, read_records, to_line
from victor_server.errors import AuditFailed

WHEN = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=timezone(timedelta(hours=2)))
posix = pytest.mark.skipif(os.name != "posix", reason="this system has no such modes, links or limits")


def record(session_id: str = "s", **details: Any) -> Record:
    return Record(WHEN, "ada", "tested", session_id, success=True, details=details)


def sessions(file: Path) -> list[str]:
    return [str(each["session_id"]) for each in read_records(file)]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_record_on_disk(tmp_path: Path) -> None:
    """Every promised field is there, the time in UTC; details stand beside them and replace none."""
    append(tmp_path / "audit.log", record(reason="x", user="eve"))
    (line,) = (tmp_path / "audit.log").read_bytes().splitlines()
    assert json.loads(line) == {
        "reason": "x",
        "version": 1,
        "timestamp": "2026-01-02T01:04:05.678+00:00",
        "user": "ada",
        "action": "tested",
        "provider": None,
        "model": None,
        "tool_calls": [],
        "files_accessed": [],
        "success": True,
        "session_id": "s",
    }


@given(st.text(), st.lists(st.text(st.characters(exclude_categories=()))))
def test_a_record_is_one_line(user: str, files: list[str]) -> None:
    """Whatever names contain, line ends and halves of characters too, there is one line, and it reads back."""
    line = to_line(Record(datetime.now(UTC), user, "a", "s", success=False, files_accessed=files))
    assert line.count(b"\n") == 1
    assert json.loads(line)["files_accessed"] == files


@posix
def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    """Folder and files are made for their owner alone, and a file that others could read is closed to them."""
    file = tmp_path / "new" / "audit.log"
    append(file, record())
    assert (mode(file.parent), mode(file)) == (0o700, 0o600)
    file.chmod(0o644)
    append(file, record())
    assert mode(file) == 0o600


def test_many_processes_at_once(tmp_path: Path) -> None:
    """Nobody's line is lost or cut, also while files are put aside."""
    program = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC\n"
        "from victor_server.audit.log import append; from victor_server.audit.record import Record\n"
        "for n in range(20):\n"
        "    r = Record(datetime.now(UTC), 'u', 'a', f'{sys.argv[2]}-{n}', success=True)\n"
        "    append(Path(sys.argv[1]), r, max_bytes=2_000, n_kept=100)\n"
    )
    file = tmp_path / "audit.log"
    writers = [subprocess.Popen([sys.executable, "-P", "-c", program, str(file), str(n)]) for n in range(4)]
    assert [writer.wait() for writer in writers] == [0, 0, 0, 0]
    files = [each for each in tmp_path.iterdir() if not each.name.endswith(".lock")]
    assert len(files) > 3
    found = [session for each in files for session in sessions(each)]
    assert sorted(found) == sorted(f"{writer}-{n}" for writer in range(4) for n in range(20))


def test_files_are_put_aside(tmp_path: Path) -> None:
    """The youngest of the old files is number 1, and only so many are kept."""
    file = tmp_path / "audit.log"
    for n in range(6):
        append(file, record(str(n)), max_bytes=1, n_kept=2)
    aged = ["audit.log", "audit.log.1", "audit.log.2"]
    assert sorted(each.name for each in tmp_path.iterdir() if each.suffix != ".lock") == aged
    assert [sessions(tmp_path / name) for name in aged] == [["5"], ["4"], ["3"]]


def test_a_line_that_a_crash_cut_off(tmp_path: Path) -> None:
    """It stays, as no record, and the next record stands on a line of its own."""
    file = tmp_path / "audit.log"
    append(file, record("1"))
    with file.open("ab") as opened:
        opened.write(to_line(record("2"))[:30])
    append(file, record("3"))
    assert sessions(file) == ["1", "3"]
    assert file.read_bytes().count(b"\n") == 3


@posix
def test_a_full_disk(tmp_path: Path) -> None:
    """Where the line does not fit none of it stays, and the error says which file and what to do."""
    import resource

    file = tmp_path / "audit.log"
    append(file, record("1"))
    before = file.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 40, limits[1]))
    try:
        with pytest.raises(AuditFailed, match=r"audit\.log: File too large") as raised:
            append(file, record("2"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "VICTOR_AUDIT_PATH" in raised.value.fix
    assert file.read_bytes() == before
    append(file, record("3"))
    assert sessions(file) == ["1", "3"]


@posix
@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_what_is_no_plain_file_is_refused(tmp_path: Path, kind: str) -> None:
    """A link could lead into another file, a pipe would keep us waiting, a folder holds no lines."""
    file, target = tmp_path / "audit.log", tmp_path / "target"
    target.write_text("mine\n")
    match kind:
        case "link":
            file.symlink_to(target)
        case "pipe":
            os.mkfifo(file)
        case _:
            file.mkdir()
    with pytest.raises(AuditFailed, match=r"audit\.log"):
        append(file, record(), max_bytes=1)
    assert target.read_text() == "mine\n"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A file in the way of the folder is told in words."""
    (tmp_path / "a").write_text("")
    with pytest.raises(AuditFailed, match="audit log"):
        append(tmp_path / "a" / "b" / "audit.log", record())
