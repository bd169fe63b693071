"""Checkpoints on disk: exact texts, there before anything is written, whole through kills, two windows and a full disk."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.errors import HistoryFailed, UsageError
from victor_server.history.checkpoints import Checkpoints
from victor_server.history.checkpoints_database import CHECKPOINTS
from victor_server.history.checkpoints_model import Changed, CheckpointFile, CheckpointOrigin, FileState
from victor_server.settings.resolved import CheckpointSettings

DAY_S = 24 * 3600.0
LIMITS = CheckpointSettings()
EDIT = CheckpointOrigin()
WRITER = """
import sys
from pathlib import Path
from victor_server.history.checkpoints import Checkpoints
from victor_server.history.checkpoints_model import Changed, CheckpointOrigin
from victor_server.settings.resolved import CheckpointSettings

home, file = Path(sys.argv[1]), Path(sys.argv[2])
kept = Checkpoints(home, CheckpointSettings())
text = file.read_text()
for n in range(int(sys.argv[3])):
    after = text + f"agent {n}\\n"
    made = kept.begin(file.parent, f"n {n}", CheckpointOrigin(), [Changed(file, text, after)])
    print(made, flush=True)
    file.write_text(after)
    text = after
    if n + 1 < int(sys.argv[3]):
        kept.finish(made, [file])
sys.stdin.read()
"""


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Checkpoints]:
    """A store whose clock counts seconds."""
    ticks = iter(range(1, 100_000))
    opened = Checkpoints(tmp_path / "home" / "checkpoints", LIMITS, lambda: float(next(ticks)))
    yield opened
    opened.close()


def another_window(kept: Checkpoints, limits: CheckpointSettings = LIMITS, now: float = 5.0) -> Checkpoints:
    """Another window on the same store."""
    return Checkpoints(kept._file.parent, limits, lambda: now)


def keep(kept: Checkpoints, path: Path, before: str | None, after: str | None) -> str:
    """A change that was written."""
    made = kept.begin(path.parent, path.name, EDIT, [Changed(path, before, after)])
    kept.finish(made, [path])
    return made


TEXTS = (
    st.none() | st.text(st.characters(), max_size=40) | st.sampled_from(["\ufeffa\r\nb", "\ud800", "a\0b"])
)


@given(before=TEXTS, after=TEXTS)
@settings(deadline=None, max_examples=40)
def test_texts_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, before: str | None, after: str | None
) -> None:
    """Line ends, marks, zeros and halves of pairs too; a change of nothing is none."""
    kept = Checkpoints(tmp_path_factory.mktemp("kept"), LIMITS)
    path = Path("/srv/a")
    try:
        if before == after:
            with pytest.raises(UsageError, match="Nothing would be changed"):
                keep(kept, path, before, after)
        else:
            assert kept.changes(keep(kept, path, before, after)) == [Changed(path, before, after)]
    finally:
        kept.close()


def test_what_is_known_of_a_checkpoint(kept: Checkpoints, tmp_path: Path) -> None:
    """Whose it is, when it was made, which files, how large, and what became of each; names and titles may be odd."""
    odd = tmp_path / os.fsdecode(b"a\xff\nb")
    odd.write_text("x")
    odd.chmod(0o755)
    origin = CheckpointOrigin("restore", "s", "t", "c", "fix", "e", ("one", "two"))
    changes = [
        Changed(odd, "é", None),
        Changed(tmp_path / "new", None, "ab"),
        Changed(tmp_path / "same", "x", "x"),
    ]
    made = kept.begin(tmp_path, "Edit\n\ud800\u202e\x1b", origin, changes)
    assert kept.get(made).is_running
    assert [each.state for each in kept.get(made).files] == ["pending"] * 3
    kept.finish(made, [odd])
    found = kept.get(made)
    assert (found.id, found.number, found.workspace, found.title) == (
        made,
        1,
        tmp_path,
        "Edit \ufffd\ufffd\ufffd",
    )
    assert (found.origin, found.created, found.is_running) == (origin, 1.0, False)
    assert found.files == (
        CheckpointFile(odd, 2, None, "applied"),
        CheckpointFile(tmp_path / "new", None, 2, "not_applied"),
        CheckpointFile(tmp_path / "same", 1, 1, "not_applied"),
    )
    assert [each.mode for each in kept.changes(made)] == [0o755, None, None]


def test_the_list_has_the_youngest_first(kept: Checkpoints, tmp_path: Path) -> None:
    """Of one workspace, of one file, or all; what was never written is not in it."""
    one, other = tmp_path / "a" / "one", tmp_path / "b" / "other"
    ids = [keep(kept, one, "1", "2"), keep(kept, other, "1", "2"), keep(kept, one, "2", "3")]
    unwritten = kept.begin(one.parent, "", EDIT, [Changed(one, "3", "4")])
    kept.finish(unwritten, [])
    assert [each.id for each in kept.list()] == ids[::-1]
    assert [each.id for each in kept.list(one.parent)] == [ids[2], ids[0]]
    assert [each.id for each in kept.list(path=other)] == [ids[1]]
    assert [each.id for each in kept.list(limit=1)] == [ids[2]]
    assert [each.id for each in kept.since(ids[0])] == [unwritten, ids[2], ids[0]]


def test_checkpoints_are_found_by_the_beginning_of_their_names(kept: Checkpoints, tmp_path: Path) -> None:
    """One that begins so, or an error that says what to do."""
    with pytest.raises(UsageError, match="no such checkpoint"):
        kept.find("a")
    ids = [keep(kept, tmp_path / "a", str(n), str(n + 1)) for n in range(17)]
    assert kept.find(ids[3]).id == ids[3]
    for wrong in ("", "%", "_" * 24, "zz"):
        with pytest.raises(UsageError, match="no such checkpoint"):
            kept.find(wrong)
    shared = next(each[0] for each in ids if sum(other[0] == each[0] for other in ids) > 1)
    with pytest.raises(UsageError, match="Several checkpoints begin with"):
        kept.find(shared)
    with pytest.raises(UsageError, match="no such checkpoint"):
        kept.get("gone")


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_only_the_owner_can_read_them(kept: Checkpoints, tmp_path: Path) -> None:
    """Texts may hold secrets: every file is 0600 and every folder 0700, and looking makes none."""
    assert kept.list() == []
    assert kept.prune() == 0
    assert not kept._file.parent.exists()
    keep(kept, tmp_path / "a", "1", "2")
    for path in [kept._file.parent, *kept._file.parent.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.parametrize(
    ("now", "state"), [("old", "not_on_disk"), ("new", "applied"), ("mine", "other"), (None, "other")]
)
def test_what_a_crash_left_is_settled(
    kept: Checkpoints, tmp_path: Path, now: str | None, state: FileState
) -> None:
    """The next start compares the file with both texts; a window that is alive is left to say so itself."""
    path = tmp_path / "a"
    made = kept.begin(tmp_path, "", EDIT, [Changed(path, "old", "new")])
    if now is not None:
        path.write_text(now)
    beside = another_window(kept)
    assert beside.get(made).is_running
    assert beside.get(made).files[0].state == "pending"
    beside.close()
    kept.close()
    after = another_window(kept)
    assert not after.get(made).is_running
    assert after.get(made).files[0].state == state
    after.close()


@pytest.mark.skipif(os.name != "posix", reason="fifos are POSIX's")
def test_settling_waits_for_nothing(kept: Checkpoints, tmp_path: Path) -> None:
    """Made and deleted files are told apart; a pipe or a folder in the file's place is something else."""
    changes = [
        Changed(tmp_path / "made", None, "x"),
        Changed(tmp_path / "gone", "x", None),
        Changed(tmp_path / "pipe", "x", "y"),
        Changed(tmp_path / "folder", "x", "y"),
        Changed(tmp_path / "made" / "below", None, "x"),
    ]
    made = kept.begin(tmp_path, "", EDIT, changes)
    (tmp_path / "made").write_text("x")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    kept.close()
    after = another_window(kept)
    assert [each.state for each in after.get(made).files] == [
        "applied",
        "applied",
        "other",
        "other",
        "not_on_disk",
    ]
    after.close()


def test_a_full_disk_keeps_the_change_from_being_made(kept: Checkpoints, tmp_path: Path) -> None:
    """`begin` fails, in words, and what was there before is whole."""
    first = keep(kept, tmp_path / "a", "1", "2")
    db = kept._opened()
    n_pages = db.execute("pragma page_count").fetchone()[0]
    db.execute(f"pragma max_page_count = {n_pages}")
    with pytest.raises(HistoryFailed, match="no room on the disk"):
        kept.begin(tmp_path, "", EDIT, [Changed(tmp_path / "a", "2", os.urandom(50_000).hex())])
    assert [each.id for each in kept.list()] == [first]
    assert kept.changes(first) == [Changed(tmp_path / "a", "1", "2")]
    db.execute("pragma max_page_count = 1000000")
    assert keep(kept, tmp_path / "a", "2", "3") in {each.id for each in kept.list()}


def test_a_change_that_could_not_be_finished_can_be_taken_back(kept: Checkpoints, tmp_path: Path) -> None:
    """The disk was full just then: it counts as pending, but nobody writes it any more."""
    made = kept.begin(tmp_path, "", EDIT, [Changed(tmp_path / "a", "1", "2")])
    assert kept.get(made).is_running
    kept._opened().execute("pragma query_only = on")
    with pytest.raises(HistoryFailed):
        kept.finish(made, [tmp_path / "a"])
    kept._opened().execute("pragma query_only = off")
    (found,) = kept.list()
    assert (found.id, found.files[0].state, found.is_running) == (made, "pending", False)


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    """Is told as such, before anything is changed."""
    (tmp_path / "file").write_text("")
    kept = Checkpoints(tmp_path / "file" / "checkpoints", LIMITS)
    with pytest.raises(HistoryFailed, match="The store of checkpoints"):
        keep(kept, tmp_path / "a", "1", "2")


def test_a_change_larger_than_all_that_is_kept_is_refused(tmp_path: Path) -> None:
    """It could not be undone."""
    kept = Checkpoints(tmp_path / "kept", CheckpointSettings(max_bytes=1_000_000))
    with pytest.raises(UsageError, match="larger than all that is kept"):
        keep(kept, tmp_path / "a", None, os.urandom(1_100_000).hex())
    kept.close()


def test_a_damaged_text_is_not_given_out(kept: Checkpoints, tmp_path: Path) -> None:
    """What is restored must be exact: anything else is an error."""
    made = keep(kept, tmp_path / "a", "one", "two")
    kept._opened().execute("update objects set packed = x'00' where n_bytes = 3")
    with pytest.raises(HistoryFailed, match="damaged"):
        kept.changes(made)
    kept._opened().execute("delete from objects")
    with pytest.raises(HistoryFailed, match="damaged"):
        kept.changes(made)


def test_a_store_of_another_format_is_refused(kept: Checkpoints, tmp_path: Path) -> None:
    """Nothing is guessed, and the file is left alone."""
    keep(kept, tmp_path / "a", "1", "2")
    kept.close()
    with sqlite3.connect(kept._file) as db:
        db.execute(f"pragma user_version = {CHECKPOINTS.version + 1}")
    with pytest.raises(HistoryFailed, match="has format 2, and this Victor knows format 1"):
        another_window(kept).list()


def test_old_checkpoints_are_forgotten(kept: Checkpoints, tmp_path: Path) -> None:
    """Those that are older than the limit, with texts that nothing else needs, which are gone from the file."""
    keep(kept, tmp_path / "a", "first-text", "shared-text")
    last = keep(kept, tmp_path / "a", "shared-text", "last-text")
    kept.close()
    later = another_window(kept, now=30 * DAY_S + 2.0)
    assert later.prune() == 1
    assert [each.id for each in later.list()] == [last]
    assert later.changes(last) == [Changed(tmp_path / "a", "shared-text", "last-text")]
    assert later._opened().execute("select count(*) from objects").fetchone()[0] == 2
    later.close()


def test_the_oldest_are_forgotten_where_there_is_too_much(kept: Checkpoints, tmp_path: Path) -> None:
    """Until the rest fits; the file gives its room back."""
    texts = [os.urandom(280_000).hex() for _ in range(41)]
    ids = [keep(kept, tmp_path / "a", one, other) for one, other in pairwise(texts)]
    kept.close()
    before = kept._file.stat().st_size
    later = another_window(kept, CheckpointSettings(max_bytes=1_000_000))
    assert later.prune() == 38
    assert [each.id for each in later.list()] == [ids[39], ids[38]]
    assert later.changes(ids[38])[0].before == texts[38]
    later.close()
    assert kept._file.stat().st_size < before / 5


def test_what_may_be_in_review_is_never_forgotten(kept: Checkpoints, tmp_path: Path) -> None:
    """The newest of each file that a window has changed stays as long as it lives; what runs stays anyway."""
    one, other = tmp_path / "one", tmp_path / "other"
    ids = [keep(kept, one, "1", "2"), keep(kept, one, "2", "3"), keep(kept, other, "1", "2")]
    running = kept.begin(tmp_path, "", EDIT, [Changed(other, "2", "3")])
    ids.append(kept.begin(tmp_path, "", EDIT, [Changed(other, "3", "4")]))
    later = another_window(kept, CheckpointSettings(max_bytes=1_000_000, keep_days=1), now=90 * DAY_S)
    assert later.prune() == 2
    assert {each.id for each in later.list()} == {ids[1], running, ids[3]}
    kept.close()
    assert later.prune() == 3
    later.close()


def test_pruning_happens_by_itself(tmp_path: Path) -> None:
    """The first change of a start clears away what is too old."""
    first = Checkpoints(tmp_path / "kept", LIMITS, lambda: 1.0)
    old = keep(first, tmp_path / "a", "1", "2")
    first.close()
    second = Checkpoints(tmp_path / "kept", LIMITS, lambda: 90 * DAY_S)
    new = keep(second, tmp_path / "a", "2", "3")
    assert [each.id for each in second.list()] == [new] != [old]
    second.close()


def test_two_windows_at_once_lose_nothing(kept: Checkpoints, tmp_path: Path) -> None:
    """Numbers rise over both, and each finds all."""
    beside = another_window(kept)

    def work(window: Checkpoints, name: str) -> list[str]:
        return [keep(window, tmp_path / name, str(n), str(n + 1)) for n in range(25)]

    with ThreadPoolExecutor(2) as pool:
        made = [*pool.map(work, (kept, beside), ("a", "b"))]
    found = kept.list()
    assert {each.id for each in found} == {*made[0], *made[1]}
    assert [each.number for each in found] == list(range(50, 0, -1))
    beside.close()


def check_kill(tmp_path: Path, n: int) -> None:
    """Kill a writer right after it said that checkpoint `n` is kept, wherever it is then."""
    file = tmp_path / "file"
    file.write_text("mine\n")
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path / "kept"), str(file), str(n)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    told = [writer.stdout.readline().strip() for _ in range(n)]
    writer.kill()
    writer.communicate()
    kept = Checkpoints(tmp_path / "kept", LIMITS)
    now, last = file.read_text(), kept.changes(told[-1])[0]
    assert last.before is not None
    assert last.before == "mine\n" + "".join(f"agent {index}\n" for index in range(n - 1))
    state = kept.get(told[-1]).files[0].state
    assert state == {last.after: "applied", last.before: "not_on_disk"}.get(now, "other")
    assert [each.id for each in kept.list()] == told[::-1]
    assert {each.files[0].state for each in kept.since(told[0])[1:]} <= {"applied"}
    kept.close()


def test_a_kill_loses_no_checkpoint(tmp_path: Path) -> None:
    """What was said to be kept is kept, and the text before it is there whatever the file holds now."""
    check_kill(tmp_path, 3)


@pytest.mark.torture
@pytest.mark.parametrize("n", range(1, 60))
def test_many_kills_lose_no_checkpoint(tmp_path: Path, n: int) -> None:
    """The same at many moments."""
    check_kill(tmp_path, n)
