"""The desk on disk: whole files, written only where they still are what was shown, and nothing left behind."""

import errno
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.errors import UsageError
from victor_server.features.edits import disk_files, disk_folder
from victor_server.features.edits.desk import Write, Written
from victor_server.features.edits.disk_desk import DiskDesk, write_one
from victor_server.features.edits.disk_files import name_beside, remove_leftover

on_posix = pytest.mark.skipif(os.name == "nt", reason="modes, owners and links are POSIX's")


async def write(path: Path, before: str | None, after: str | None) -> Written:
    """Write one file by the desk."""
    (written,) = await DiskDesk().write([Write(path, before, after)], "a test")
    return written


def names(folder: Path) -> list[str]:
    """What lies in a folder, hidden files too."""
    return sorted(each.name for each in folder.iterdir())


@pytest.mark.parametrize("text", ["", "a\r\nb\rc\n", "\ufeffmarked\n", "no end", "ü 𝄞 \u2028 \x0c\n"])
async def test_every_character_is_read_and_written_as_it_is(tmp_path: Path, text: str) -> None:
    """Line ends, byte order mark and all that is no line end stay."""
    file = tmp_path / "a.txt"
    file.write_bytes(b"before")
    assert await write(file, "before", text) == Written(file, "written")
    assert file.read_bytes() == text.encode()
    held = await DiskDesk().read(file)
    assert held is not None
    assert (held.text, held.is_open, held.version, held.real) == (text, False, None, None)
    assert names(tmp_path) == ["a.txt"]


async def test_a_file_that_moved_on_is_left_alone(tmp_path: Path) -> None:
    """It is compared byte by byte."""
    file = tmp_path / "a.txt"
    file.write_bytes(b"typed\r\n")
    assert (await write(file, "typed\n", "ours\n")).how == "moved_on"
    assert (await write(file, "typed\n", None)).how == "moved_on"
    assert (await write(file, None, "ours\n")).how == "moved_on"
    assert file.read_bytes() == b"typed\r\n"
    assert names(tmp_path) == ["a.txt"]


async def test_a_file_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    """Nor is it one that was removed already."""
    assert (await write(tmp_path / "gone.txt", "was here\n", "ours\n")).how == "moved_on"
    assert (await write(tmp_path / "gone.txt", "was here\n", None)).how == "moved_on"
    assert names(tmp_path) == []


async def test_a_file_is_made_with_its_folders_and_removed(tmp_path: Path) -> None:
    """None before makes it, None after removes it."""
    file = tmp_path / "new" / "deep" / "a.py"
    assert (await write(file, None, "x = 1\n")).how == "written"
    assert file.read_text() == "x = 1\n"
    assert names(file.parent) == ["a.py"]
    assert (await write(file, "x = 1\n", None)).how == "written"
    assert names(file.parent) == []


async def test_each_of_many_is_answered_for_itself(tmp_path: Path) -> None:
    """One that cannot be written keeps no other back, and the order is kept."""
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    bad.write_text("other")
    answers = await DiskDesk().write([Write(bad, "was", "is"), Write(good, None, "new")], "two")
    assert [(each.path, each.how) for each in answers] == [(bad, "moved_on"), (good, "written")]


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a\0b", b"x" * (disk_files.MAX_BYTES + 1)])
async def test_what_is_no_text_is_not_read(tmp_path: Path, data: bytes) -> None:
    """Other encodings, binary files and huge ones."""
    file = tmp_path / "a.bin"
    file.write_bytes(data)
    with pytest.raises(UsageError):
        await DiskDesk().read(file)


@on_posix
async def test_what_is_no_file_never_blocks(tmp_path: Path) -> None:
    """A folder, a pipe that nobody writes to."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(UsageError):
            await DiskDesk().read(path)
        assert (await write(path, "", "text")).how == "refused"
    assert await DiskDesk().read(tmp_path / "none.txt") is None


@on_posix
@pytest.mark.parametrize("mode", [0o644, 0o755, 0o600, 0o4750])
async def test_the_mode_stays(tmp_path: Path, mode: int) -> None:
    """A script stays a script, a private file private."""
    file = tmp_path / "run.sh"
    file.write_text("old")
    file.chmod(mode)
    assert (await write(file, "old", "new")).how == "written"
    assert stat.S_IMODE(file.stat().st_mode) == mode


@on_posix
async def test_a_new_file_has_the_mode_that_others_get(tmp_path: Path) -> None:
    """What the person's umask says."""
    (tmp_path / "theirs").touch()
    await write(tmp_path / "ours", None, "text")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "theirs").stat().st_mode


@on_posix
@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() != 0, reason="only root gives files away")
async def test_the_owner_stays(tmp_path: Path) -> None:
    """Also where another user's file is edited."""
    file = tmp_path / "theirs.txt"
    file.write_text("old")
    os.chown(file, 1234, 2345)
    assert (await write(file, "old", "new")).how == "written"
    assert (file.stat().st_uid, file.stat().st_gid) == (1234, 2345)


@on_posix
async def test_a_read_only_file_is_refused(tmp_path: Path) -> None:
    """Somebody meant it."""
    file = tmp_path / "generated.py"
    file.write_text("old")
    file.chmod(0o444)
    for after in ("new", None):
        answer = await write(file, "old", after)
        assert (answer.how, answer.why) == ("refused", "generated.py is read-only.")
    assert file.read_text() == "old"


@on_posix
async def test_a_links_target_is_edited_and_the_link_stays(tmp_path: Path) -> None:
    """Nobody wants a copy in the place of a link."""
    target, link = tmp_path / "target.txt", tmp_path / "link.txt"
    target.write_text("old")
    link.symlink_to("target.txt")
    assert (await write(link, "old", "new")).how == "written"
    assert link.is_symlink()
    assert target.read_text() == "new"


@on_posix
async def test_both_names_of_a_file_show_the_new_text(tmp_path: Path) -> None:
    """A second hard link is not cut off."""
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("a long text that was here before")
    other.hardlink_to(one)
    assert (await write(one, one.read_text(), "new")).how == "written"
    assert other.read_text() == "new"
    assert one.stat().st_ino == other.stat().st_ino


@on_posix
async def test_a_disk_that_is_full_halfway_leaves_the_old_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the file is written in place: what was there fits in there again."""
    one, old = tmp_path / "one", "old\n" * 1000
    one.write_text(old)
    (tmp_path / "other").hardlink_to(one)
    left = [2000]

    def fill_up(fd: int, data: bytes) -> int:
        if os.fstat(fd).st_ino != one.stat().st_ino or not left:
            return real(fd, data)
        n_bytes = min(len(data), left[0])
        if not n_bytes:
            left.clear()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        left[0] -= n_bytes
        return real(fd, data[:n_bytes])

    real = os.write
    monkeypatch.setattr(os, "write", fill_up)
    answer = await write(one, old, "new, and longer\n" * 1000)
    assert (answer.how, left) == ("refused", [])
    assert one.read_text() == old
    assert names(tmp_path) == ["one", "other"]


@on_posix
async def test_a_file_is_not_made_through_a_link(tmp_path: Path) -> None:
    """A folder may have been exchanged for a link after it was judged: to the person's keys, say."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "src").symlink_to("elsewhere")
    answer = await write(tmp_path / "src" / "a.txt", None, "text")
    assert answer.how == "refused"
    assert names(tmp_path / "elsewhere") == []


@on_posix
async def test_a_dangling_link_is_not_written_through(tmp_path: Path) -> None:
    """It would make a file where nobody looked."""
    (tmp_path / "link").symlink_to(tmp_path / "made")
    assert (await write(tmp_path / "link", None, "text")).how == "moved_on"
    assert names(tmp_path) == ["link"]


@on_posix
def test_what_another_window_writes_is_waited_for(tmp_path: Path) -> None:
    """Its file beside is locked as long as it runs."""
    file = tmp_path / "a.txt"
    file.write_text("old")
    hold = (
        "import fcntl, sys\n"
        "file = open(sys.argv[1], 'w')\n"
        "fcntl.flock(file, fcntl.LOCK_EX)\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    beside = tmp_path / name_beside("a.txt")
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(beside)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        answer = write_one(Write(file, "old", "new"))
        assert (answer.how, answer.why) == ("refused", "a.txt is being written by another window.")
        remove_leftover(file)
        assert beside.exists()
        other.kill()
    assert (write_one(Write(file, "old", "new"))).how == "written"
    assert names(tmp_path) == ["a.txt"]


async def test_what_a_crash_left_is_removed(tmp_path: Path) -> None:
    """By the next write, or by who starts after it."""
    file = tmp_path / "a.txt"
    file.write_text("old")
    beside = tmp_path / name_beside("a.txt")
    beside.write_text("half a te")
    remove_leftover(file)
    assert names(tmp_path) == ["a.txt"]
    beside.write_text("half a te")
    assert (await write(file, "old", "new")).how == "written"
    assert names(tmp_path) == ["a.txt"]
    remove_leftover(tmp_path / "no" / "such" / "folder")


async def test_a_name_as_long_as_names_may_be(tmp_path: Path) -> None:
    """The name beside must not be longer."""
    file = tmp_path / ("n" * 255)
    assert (await write(file, None, "one")).how == "written"
    assert (await write(file, "one", "two")).how == "written"
    assert names(tmp_path) == ["n" * 255]


def text_of(file: Path) -> str:
    """What a file holds, "" where there is none."""
    found = disk_files.find_text(file)
    return "" if found is None else found.text


@pytest.mark.parametrize("exchanges", [True, False])
def test_of_many_writers_at_once_each_change_is_kept(
    tmp_path: Path, exchanges: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four threads add one line at a time, by comparing and writing: none is lost, as if each had waited."""
    if not exchanges:
        monkeypatch.setattr(disk_files, "exchange", lambda *_: False)
    file = tmp_path / "log.txt"
    file.write_text("")

    def add(number: int) -> None:
        left = list(range(10))
        while left:
            before = text_of(file)
            answer = write_one(Write(file, before, f"{before}{number}:{left[0]}\n"))
            if answer.how == "written":
                left.pop(0)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(file.read_text().splitlines()) == sorted(f"{n}:{i}" for n in range(4) for i in range(10))
    assert names(tmp_path) == ["log.txt"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux exchanges two names")
def test_what_is_written_in_the_last_moment_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody writes to the file between the last look and the exchange: their text stays."""
    file = tmp_path / "a.txt"
    file.write_text("old")

    def type_first(folder: disk_folder.Folder, one: str, other: str) -> bool:
        if file.read_text() == "old":
            file.write_text("typed in the last moment")
        return disk_folder.exchange(folder, one, other)

    monkeypatch.setattr(disk_files, "exchange", type_first)
    assert write_one(Write(file, "old", "new")).how == "moved_on"
    assert file.read_text() == "typed in the last moment"
    assert names(tmp_path) == ["a.txt"]


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), st.text(max_size=20))
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, text: str, other: str) -> None:
    """What is written is what is read, and only over what was there."""
    file = tmp_path_factory.mktemp("any") / "a.txt"
    assert write_one(Write(file, None, text)).how == "written"
    assert text_of(file) == text
    assert write_one(Write(file, text + "x", "wrong")).how == "moved_on"
    assert text_of(file) == text
