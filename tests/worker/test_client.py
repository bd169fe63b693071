"""A client of the worker when things go wrong: closing early, workers that do not start, homes that cannot be used."""

import os
import sys
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection, Listener
from pathlib import Path

import pytest
from worker.indexing import connected, ended, index, until, write_tree

from victor_indexer import wire
from victor_indexer.client import IndexClient, WorkerCommand
from victor_indexer.errors import WorkerUnavailable

FROZEN = """
import os, pathlib, sys, time
parent = os.getppid()
pathlib.Path(sys.argv[1]).touch()
while os.getppid() == parent:  # no longer than the tests
    time.sleep(0.05)
"""
DEAD = "import pathlib, sys; open(sys.argv[1], 'a').write('x'); raise SystemExit(3)"

posix_only = pytest.mark.skipif(os.name == "nt", reason="Windows' pipes have names, not paths")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def listener(home: Path) -> Iterator[Listener]:
    """A worker that takes connections and never says a word."""
    place = wire.meeting_place(home)
    with Listener(place.address, place.family, authkey=place.authkey) as listener:
        yield listener


def command(program: str, *words: str) -> WorkerCommand:
    return WorkerCommand([sys.executable, "-P", "-c", program, *words])


def threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name.startswith("victor-index")}


def test_asking_after_closing_fails_at_once(home: Path) -> None:
    """A closed client answers with an error, and nobody waits for ever."""
    client = IndexClient(home, command(DEAD, os.devnull))
    client.close()
    errors: list[BaseException | None] = []
    asking = threading.Thread(
        target=lambda: errors.append(client.ask("ping").exception(timeout=10)), daemon=True
    )
    asking.start()
    asking.join(timeout=20)
    assert [type(error) for error in errors] == [WorkerUnavailable]


def test_closing_while_the_worker_is_starting_ends_everything(home: Path, tmp_path: Path) -> None:
    """A worker that hangs at its start keeps neither the client's threads nor those who asked."""
    started = tmp_path / "started"
    client = IndexClient(home, command(FROZEN, str(started)))
    answer = client.ask("ping")
    until(started.exists)
    client.close()
    assert isinstance(answer.exception(timeout=0), WorkerUnavailable)
    assert until(lambda: not threads(), within_s=3), "the thread that waits for the worker goes too"


@posix_only
def test_a_connection_made_while_closing_is_not_kept(home: Path, tmp_path: Path) -> None:
    """Who closes while the connection is just being made leaves no client behind at the worker."""
    place = wire.meeting_place(home)
    go = tmp_path / "go"
    go.touch()
    closing = threading.Event()

    class SlowCommand(WorkerCommand):
        """Hands out its words only once the client is closed, and a worker listens."""

        def __getattribute__(self, name: str) -> object:
            if name == "words":
                closing.wait(timeout=30)
            return super().__getattribute__(name)

    client = IndexClient(home, SlowCommand([sys.executable, "-P", "-c", "print('ready')"]))
    client.ask("ping")
    client.close()
    with Listener(place.address, place.family) as listener:
        closing.set()
        until(lambda: not threads())
        listener._listener._socket.settimeout(0.2)  # type: ignore[attr-defined]  # there is no other way to look
        try:
            connection: Connection = listener.accept()
        except OSError:
            return
        with connection, pytest.raises(EOFError):
            connection.recv_bytes()


def test_closing_twice_and_from_two_threads(home: Path, listener: Listener) -> None:
    """Closing is said once, twice or at the same time with the same end."""
    client = IndexClient(home, command(DEAD, os.devnull))
    answer = client.ask("ping")
    connection = listener.accept()
    connection.recv_bytes()
    closers = [threading.Thread(target=client.close) for _ in range(3)]
    for closer in closers:
        closer.start()
    for closer in closers:
        closer.join()
    assert isinstance(answer.exception(timeout=0), WorkerUnavailable)
    with connection, pytest.raises(EOFError):
        connection.recv_bytes()


def test_a_worker_that_dies_in_the_middle_of_a_message_is_replaced(home: Path, listener: Listener) -> None:
    """Half a long message sent to a dead worker does not end the sending for good: the next one gets it all."""
    client = IndexClient(home, command(DEAD, os.devnull))
    try:
        text = "x" * 20_000_000
        answer = client.keep(("o",), "overlay", root="r", path="p", text=text, version=1)
        for _ in range(3):
            dying = listener.accept()
            os.read(dying.fileno(), 100_000)
            dying.close()
        with listener.accept() as connection:
            numbers = []
            for _ in range(2):
                number, method, params = wire.unpack(connection.recv_bytes())
                numbers.append(number)
                assert (method, len(params["text"])) == ("overlay", len(text))
            assert numbers[0] == 0
            connection.send_bytes(wire.pack([numbers[1], True, None]))
            assert answer.result(timeout=60) is None
    finally:
        client.close()


def test_a_worker_that_dies_at_its_start_is_not_started_for_ever(home: Path, tmp_path: Path) -> None:
    """A few tries tell that it cannot be started; the message says where to look."""
    starts = tmp_path / "starts"
    client = IndexClient(home, command(DEAD, str(starts)), start_within_s=600)
    try:
        with pytest.raises(WorkerUnavailable, match="could be started") as caught:
            client.ask("ping").result(timeout=60)
    finally:
        client.close()
    assert 1 <= len(starts.read_text()) <= 5
    assert "worker.log" in caught.value.fix


def test_listeners_hear_that_there_is_no_worker(home: Path) -> None:
    """Who has something open hears that it is served no more, and why."""
    told: list[tuple[str, object]] = []
    client = IndexClient(home, command(DEAD, os.devnull), lambda name, params: told.append((name, params)))
    try:
        answer = client.keep(("open", "r"), "open", root="r")
        error = answer.exception(timeout=60)
        assert isinstance(error, WorkerUnavailable)
        ((name, params),) = until(lambda: told)
        assert (name, params) == ("worker/unavailable", {"message": error.message, "fix": error.fix})
    finally:
        client.close()


@posix_only
@pytest.mark.parametrize("name", ["x" * 120, "Jürgen's home with spaces 😀" + "'" * 3])
def test_any_home_has_a_meeting_place(tmp_path: Path, name: str) -> None:
    """A home with a long or odd path works like any other, for clients with any TMPDIR."""
    home, root = tmp_path / name, write_tree(tmp_path / "root", {"a.py": "def here(): ...\n"})
    home.mkdir(mode=0o700)
    with connected(home, leave_after_s=0.5) as client:
        assert index(client, root)["files"] == 1
        pid = client.ask("ping").result(timeout=60)["pid"]
        other = "import sys; from pathlib import Path; from worker.indexing import connected\n"
        other += "with connected(Path(sys.argv[1])) as c: print(c.ask('ping').result(timeout=60)['pid'])"
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        done = ended(other, str(home), TMPDIR=str(elsewhere))
        assert done.stdout.strip() == str(pid), done.stderr


@posix_only
def test_one_home_by_two_names_is_one_home(tmp_path: Path) -> None:
    """A link to the home leads to the same worker, however long the paths are."""
    home = tmp_path / ("x" * 120)
    home.mkdir(mode=0o700)
    link = tmp_path / "link"
    link.symlink_to(home)
    assert wire.meeting_place(home).address == wire.meeting_place(link).address


@pytest.mark.parametrize("in_the_way", ["home", "home/worker", "home/worker/worker.log"])
def test_a_home_that_cannot_be_written_is_said(tmp_path: Path, in_the_way: str) -> None:
    """A home that cannot be used gives an error that names it and says what to set, not a bug."""
    path = tmp_path / in_the_way
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.name == "worker.log":
        path.mkdir()
    else:
        path.touch()
    client = IndexClient(tmp_path / "home", command(DEAD, os.devnull))
    try:
        with pytest.raises(WorkerUnavailable, match=r"home") as caught:
            client.ask("ping").result(timeout=60)
    finally:
        client.close()
    assert "VICTOR_HOME" in caught.value.fix


def test_the_log_stays_small(home: Path) -> None:
    """A log that has grown large gives way to a new one when the next worker starts."""
    log = home / "worker" / "worker.log"
    log.parent.mkdir(mode=0o700)
    log.write_bytes(b"x" * 5_000_000)
    client = IndexClient(home, command("import sys; sys.exit('no')"))
    try:
        assert client.ask("ping").exception(timeout=60) is not None
    finally:
        client.close()
    assert log.stat().st_size < 5_000_000
    assert sum(path.stat().st_size for path in log.parent.glob("worker.log*")) < 6_000_000
