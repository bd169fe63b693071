"""Chat sessions on disk: rising numbers, one owner at a time, nothing lost or double through kills and full disks."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.errors import HistoryFailed, UsageError
from victor_server.history.database import HISTORY
from victor_server.history.history import EMPTY_KEPT_S, History
from victor_server.history.model import StoredReceipt

WRITER = """
import sys
from pathlib import Path
from victor_server.history.history import EMPTY_KEPT_S, History

history = History(Path(sys.argv[1]))
session = history.create("/srv", "first")
history.begin_turn(session.id, "t1", {"text": "why?"})
seq = 1
print(session.id, flush=True)
while True:
    history.append(session.id, "t1", [("answered", {"n": seq})])
    print(seq, flush=True)
    seq += 1
"""


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    """A history whose clock counts seconds."""
    ticks = iter(range(1, 10_000))
    opened = History(tmp_path / "home" / "sessions.db", lambda: float(next(ticks)))
    yield opened
    opened.close()


def other(history: History) -> History:
    """Another window on the same file."""
    return History(history._file)


def test_events_rise_by_one(history: History) -> None:
    """Numbers rise over turns, and what is asked for after a number is the rest."""
    session = history.create("/srv")
    history.begin_turn(session.id, "a", {"text": "one"})
    history.append(session.id, "a", [("answered", {"text": "x"}), ("noted", {"text": "y"})])
    history.end_turn(session.id, "a", "end_turn")
    history.begin_turn(session.id, "b", {"text": "two"})
    told = [(each.seq, each.turn_id, each.kind) for each in history.events(session.id)]
    assert told == [(1, "a", "prompt"), (2, "a", "answered"), (3, "a", "noted"), (4, "b", "prompt")]
    assert [each.data for each in history.events(session.id, after_seq=3)] == [{"text": "two"}]
    assert [(each.turn_id, each.state) for each in history.turns(session.id)] == [
        ("a", "ended"),
        ("b", "running"),
    ]


def test_repeated_writes_change_nothing(history: History) -> None:
    """Whoever does not know whether a write got through writes again."""
    session = history.create("/srv")
    for _ in range(2):
        history.create("/srv", session_id=session.id)
        history.begin_turn(session.id, "a", {"text": "one"}, seq=1)
        history.append(session.id, "a", [("answered", {"text": "x"})], first_seq=2)
        history.put_receipt(StoredReceipt("r", session.id, "a", 1.0, {"files": []}))
    assert [each.seq for each in history.events(session.id)] == [1, 2]
    assert history.session(session.id).n_turns == len(history.receipts()) == 1


def test_listing(history: History) -> None:
    """The session used last comes first; sessions without a turn are not shown; a workspace sees its own."""
    one, two, empty = history.create("/a", "one"), history.create("/b", "two"), history.create("/a")
    for session in (two, one):
        history.begin_turn(session.id, "t", {"text": "?"})
    assert [each.title for each in history.sessions()] == ["one", "two"]
    assert [each.title for each in history.sessions("/b")] == ["two"]
    assert history.session(empty.id).n_turns == 0


def test_sessions_without_a_turn_are_forgotten(tmp_path: Path) -> None:
    """Not at once: a document may hold one in which nothing was asked yet."""
    now = [0.0]
    history = History(tmp_path / "sessions.db", lambda: now[0])
    empty, used = history.create("/a"), history.create("/a")
    history.begin_turn(used.id, "t", {"text": "?"})
    history.release(empty.id)
    history.take(empty.id)
    history.release(empty.id)
    now[0] = EMPTY_KEPT_S + 1
    history.release(used.id)
    with pytest.raises(UsageError):
        history.session(empty.id)
    assert history.session(used.id).n_turns == 1
    history.close()


def test_one_window_owns_a_session(history: History) -> None:
    """Another window neither takes nor writes nor deletes it, but may read and fork it."""
    session = history.create("/srv")
    history.begin_turn(session.id, "a", {"text": "one"})
    window = other(history)
    assert window.session(session.id).open_elsewhere
    assert [each.open_elsewhere for each in window.sessions()] == [True]
    for act in (
        lambda: window.take(session.id),
        lambda: window.append(session.id, "a", [("answered", {})]),
        lambda: window.delete(session.id),
    ):
        with pytest.raises(UsageError, match="another window"):
            act()
    assert len(window.events(session.id)) == 1
    fork = window.fork(session.id)
    assert [each.state for each in window.turns(fork.id)] == ["interrupted"]
    assert [each.state for each in history.turns(session.id)] == ["running"]
    window.close()


def test_a_released_session_is_free(history: History) -> None:
    """After `release`, and after `close`, the next window takes it."""
    session = history.create("/srv")
    history.begin_turn(session.id, "a", {"text": "one"})
    history.end_turn(session.id, "a", "end_turn")
    window = other(history)
    history.release(session.id)
    assert not window.take(session.id).open_elsewhere
    with pytest.raises(UsageError):
        history.take(session.id)
    window.close()
    assert history.take(session.id).n_turns == 1
    assert [each.name for each in (history._file.parent / "sessions.windows").iterdir()] == [
        f"{history._owner.token}.lock"
    ]


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_only_the_owner_reads_it(history: History) -> None:
    """Files are 0600, folders 0700, also those that SQLite makes."""
    session = history.create("/srv")
    history.begin_turn(session.id, "a", {"text": "one"})
    home = history._file.parent
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode) for path in [home, *home.rglob("*")] if path != home
    }
    assert {mode for name, mode in modes.items() if name.endswith(("db", "-wal", "-shm", ".lock"))} == {0o600}
    assert modes["sessions.windows"] == stat.S_IMODE(home.stat().st_mode) == 0o700


def test_fork_up_to_a_turn(history: History) -> None:
    """The fork has the turns up to that one, and goes on by itself."""
    session = history.create("/srv", "first")
    for turn in ("a", "b"):
        history.begin_turn(session.id, turn, {"text": turn})
        history.end_turn(session.id, turn, "end_turn")
    fork = history.fork(session.id, "a")
    history.begin_turn(fork.id, "c", {"text": "c"})
    assert [each.turn_id for each in history.turns(fork.id)] == ["a", "c"]
    assert [each.turn_id for each in history.turns(session.id)] == ["a", "b"]
    assert (fork.workspace, fork.title) == ("/srv", "first")
    with pytest.raises(UsageError, match="turn"):
        history.fork(session.id, "z")


def test_rename_and_delete(history: History) -> None:
    """A deleted session leaves nothing, its receipts included, and its words are gone from the file."""
    session = history.create("/srv", "first")
    history.begin_turn(session.id, "a", {"text": "a very unusual sentence"})
    history.put_receipt(StoredReceipt("r", session.id, "a", 1.0, {}))
    history.rename(session.id, "second")
    assert history.session(session.id).title == "second"
    history.delete(session.id)
    assert (history.sessions(), history.receipts()) == ([], [])
    for name in ("rename", "events", "delete"):
        with pytest.raises(UsageError, match="no such chat"):
            getattr(history, name)(session.id, *(["x"] if name == "rename" else []))
    history.close()
    assert b"unusual" not in history._file.read_bytes()


def test_receipts(history: History) -> None:
    """The youngest first, of one session or of all, and one by its id."""
    session = history.create("/srv")
    for number in range(3):
        receipt = StoredReceipt(f"r{number}", session.id, "a", float(number), {"n": number})
        history.put_receipt(receipt)
    assert [each.id for each in history.receipts(session.id, limit=2)] == ["r2", "r1"]
    assert history.receipt("r0").data == {"n": 0}
    assert history.receipts("other") == []
    with pytest.raises(UsageError, match="receipt"):
        history.receipt("zz")


@pytest.mark.parametrize("pragma", [f"user_version = {HISTORY.version + 1}", "application_id = 7"])
def test_a_foreign_file_is_refused(history: History, pragma: str) -> None:
    """A format of a later Victor, or another program's database, is neither guessed nor overwritten."""
    history.create("/srv")
    history.close()
    with sqlite3.connect(history._file) as db:
        db.execute(f"pragma {pragma}")
    db.close()
    before = history._file.read_bytes()
    with pytest.raises(HistoryFailed, match=r"format 2|something else"):
        other(history).sessions()
    assert history._file.read_bytes() == before


def test_garbage_is_refused(tmp_path: Path) -> None:
    """A file that is no database is said to be that."""
    file = tmp_path / "sessions.db"
    file.write_bytes(b"x" * 5000)
    with pytest.raises(HistoryFailed, match="damaged, or something else"):
        History(file).sessions()
    assert file.read_bytes() == b"x" * 5000


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A home that is a file is told as what it is."""
    (tmp_path / "home").write_text("")
    with pytest.raises(HistoryFailed, match="The chat history"):
        History(tmp_path / "home" / "sessions.db").sessions()


def test_a_full_disk_loses_nothing_that_was_kept(history: History) -> None:
    """What does not fit is told, what was committed stays, and the same write gets through once there is room."""
    session = history.create("/srv")
    history.begin_turn(session.id, "a", {"text": "one"})
    assert history._db is not None
    pages = history._db.execute("pragma page_count").fetchone()[0]
    history._db.execute(f"pragma max_page_count = {pages}")
    long = [("answered", {"text": "x" * 100_000})]
    with pytest.raises(HistoryFailed, match="no room on the disk") as failed:
        history.append(session.id, "a", long, first_seq=2)
    assert failed.value.fix
    assert [each.seq for each in history.events(session.id)] == [1]
    history._db.execute("pragma max_page_count = 1000000")
    history.append(session.id, "a", long, first_seq=2)
    assert [each.seq for each in history.events(session.id)] == [1, 2]


def test_a_kill_in_a_turn(tmp_path: Path) -> None:
    """Every event that `append` acknowledged is there, the turn is interrupted, and the session is free."""
    file = tmp_path / "sessions.db"
    writer = subprocess.Popen(
        [sys.executable, "-P", "-c", WRITER, str(file)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    session_id = writer.stdout.readline().strip()
    acknowledged = [int(writer.stdout.readline()) for _ in range(50)]
    history = History(file)
    with pytest.raises(UsageError, match="another window"):
        history.take(session_id)
    writer.kill()
    acknowledged += [int(line) for line in writer.stdout if line.endswith("\n")]
    writer.wait()
    writer.stdout.close()
    taken = history.take(session_id)
    events = history.events(session_id)
    kept = [each.data["n"] for each in events if each.kind == "answered"]
    assert kept[: len(acknowledged)] == acknowledged
    assert len(kept) - len(acknowledged) in (0, 1)
    assert [each.seq for each in events] == list(range(1, len(events) + 1))
    assert (events[-1].kind, taken.n_turns) == ("interrupted", 1)
    history.take(session_id)
    assert len(history.events(session_id)) == len(events)
    history.close()
    assert list((tmp_path / "sessions.windows").iterdir()) == []


def test_two_windows_write_at_once(history: History) -> None:
    """Each writes its own session; none waits so long that it fails."""
    windows = [other(history) for _ in range(2)]
    mine = [window.create("/srv") for window in windows]

    def write(window: History, session_id: str) -> None:
        window.begin_turn(session_id, "a", {})
        for number in range(100):
            window.append(session_id, "a", [("answered", {"n": number})])

    threads = [
        threading.Thread(target=write, args=(window, session.id))
        for window, session in zip(windows, mine, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(history.events(session.id)) for session in mine] == [101, 101]
    for window in windows:
        window.close()


def test_closed(history: History) -> None:
    """A closed history says so."""
    history.close()
    with pytest.raises(HistoryFailed, match="closed"):
        history.sessions()


@settings(deadline=None, max_examples=30)
@given(
    texts=st.lists(st.text(st.characters(), max_size=30), max_size=5),
    cut=st.integers(0, 6),
)
def test_what_goes_in_comes_out(texts: list[str], cut: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Any text, lone surrogates included, and any place to go on from."""
    history = History(tmp_path_factory.mktemp("home") / "sessions.db")
    session = history.create("/srv")
    history.begin_turn(session.id, "a", {"text": ""})
    history.append(session.id, "a", [("answered", {"text": text}) for text in texts])
    everything = ["", *texts]
    assert [each.data["text"] for each in history.events(session.id, cut)] == everything[cut:]
    history.close()


def test_all_may_begin_the_file_at_once(tmp_path: Path) -> None:
    """Several windows open with a new person's first session: none of them fails."""
    for number in range(10):
        folder, barrier = tmp_path / f"{number}", threading.Barrier(8)
        with ThreadPoolExecutor(8) as threads:
            begun = [threads.submit(begin, folder / "sessions.db", barrier) for _ in range(8)]
        assert len({each.result() for each in begun}) == 8


def begin(file: Path, barrier: threading.Barrier) -> str:
    """Open the history when all others do, and make a session; returns its id."""
    history = History(file)
    try:
        barrier.wait()
        return history.create("/srv").id
    finally:
        history.close()
