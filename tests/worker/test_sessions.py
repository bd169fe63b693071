"""Clients that come and go at any moment, over pipes in this process: what they open is closed, and nobody waits."""

import threading
from collections.abc import Iterator
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from worker.indexing import until
from worker.test_pool import LIMITS, ODD_PARSER

from victor_indexer import wire
from victor_indexer.model import Status
from victor_indexer.pool import ParserPool
from victor_indexer.requests import METHODS
from victor_indexer.worker import Worker
from victor_indexer.workspace import Workspace
from victor_indexer.writer import WorkspaceOptions


class Slow(Workspace):
    """A workspace that indexes nothing, and opens and closes no sooner than the test lets it."""

    def __init__(self, root: Path, options: WorkspaceOptions, gates: "Gates") -> None:
        self.root = root
        self.options = options
        self._gates = gates
        gates.opening.add(root.name)
        assert gates.may_open.wait(timeout=60)

    def start(self, *, live: bool = False) -> None:
        self._gates.open.append(self.root.name)
        assert self._gates.open.count(self.root.name) == 1, "two writers of one index"

    def close(self) -> None:
        self._gates.closing.add(self.root.name)
        if self.root.name == "slow":
            assert self._gates.may_close.wait(timeout=60)
        self._gates.open.remove(self.root.name)

    def configure(self, options: WorkspaceOptions) -> None:
        pass

    def go_live(self) -> None:
        pass

    def tell(self) -> None:
        pass

    def status(self) -> Status:
        return Status(str(self.root), "ready", 0, 0)


class Gates:
    """What is open, and whether opening and closing may go on."""

    def __init__(self) -> None:
        self.open: list[str] = []
        self.opening: set[str] = set()
        self.closing: set[str] = set()
        self.made: list[Slow] = []
        self.may_open = threading.Event()
        self.may_close = threading.Event()
        self.may_open.set()
        self.may_close.set()


class Caller:
    """One end of a pipe whose other end is a session."""

    def __init__(self, worker: Worker) -> None:
        self.connection, other = Pipe()
        worker._take(other)

    def send(self, method: str, number: int = 1, **params: Any) -> None:
        """Send a request."""
        self.connection.send_bytes(wire.pack([number, method, params]))

    def answer(self) -> Any:
        """Wait for the next answer; events are passed over."""
        assert self.connection.poll(timeout=60), "no answer"
        number, ok, payload = wire.unpack(self.connection.recv_bytes())
        return (ok, payload) if number else self.answer()


@pytest.fixture
def gates() -> Iterator[Gates]:
    gates = Gates()
    yield gates
    gates.may_open.set()
    gates.may_close.set()


@pytest.fixture
def worker(gates: Gates) -> Iterator[Worker]:
    def open_workspace(root: Path, options: WorkspaceOptions, on_status: object) -> Workspace:
        gates.made.append(Slow(root, options, gates))
        return gates.made[-1]

    worker = Worker(ParserPool(ODD_PARSER, size=1, limits=LIMITS), open_workspace, METHODS, 60)
    yield worker
    gates.may_open.set()
    gates.may_close.set()
    worker.close(within_s=30)
    assert gates.open == []


@pytest.fixture
def roots(tmp_path: Path) -> dict[str, str]:
    for name in ("slow", "other"):
        (tmp_path / name).mkdir()
    return {name: str(tmp_path / name) for name in ("slow", "other")}


OPTIONS = {"max_file_bytes": 1_000, "exclude": ["x"]}


def test_a_root_closed_right_after_it_was_opened_stays_closed(
    worker: Worker, gates: Gates, roots: dict[str, str]
) -> None:
    """The order in which a client says it counts, whichever of its requests is answered first."""
    caller = Caller(worker)
    for _ in range(50):
        caller.send("open", root=roots["other"], options=OPTIONS)
        caller.send("close_root", root=roots["other"])
        caller.answer()
        caller.answer()
    until(lambda: not gates.open and not worker.roots._busy)


def test_a_root_opened_again_right_after_it_was_closed_is_open(
    worker: Worker, gates: Gates, roots: dict[str, str]
) -> None:
    """The last word counts in this order too."""
    caller = Caller(worker)
    for _ in range(50):
        caller.send("close_root", root=roots["other"])
        caller.send("open", root=roots["other"], options=OPTIONS)
        assert caller.answer()[0]
        assert caller.answer()[0]
    until(lambda: gates.open == ["other"] and not worker.roots._busy)


def test_a_client_that_leaves_while_its_root_opens_leaves_nothing_open(
    worker: Worker, gates: Gates, roots: dict[str, str]
) -> None:
    """What was opened for a client that is gone is closed, even while others stay."""
    staying = Caller(worker)
    gates.may_open.clear()
    leaving = Caller(worker)
    leaving.send("open", root=roots["other"], options=OPTIONS)
    until(lambda: "other" in gates.opening)
    leaving.connection.close()
    until(lambda: len(worker._sessions) == 1)
    gates.may_open.set()
    until(lambda: "other" in gates.closing and not gates.open)
    staying.send("ping")
    assert staying.answer()[0]


def test_a_root_that_takes_its_time_to_close_keeps_nobody_else(
    worker: Worker, gates: Gates, roots: dict[str, str]
) -> None:
    """Other roots are opened, served and closed meanwhile; the same root waits, and is then opened anew."""
    first = Caller(worker)
    first.send("open", root=roots["slow"], options=OPTIONS)
    assert first.answer()[0]
    gates.may_close.clear()
    first.send("close_root", root=roots["slow"])
    assert first.answer()[0]
    until(lambda: "slow" in gates.closing)
    first.send("open", root=roots["other"], options=OPTIONS)
    assert first.answer()[0]
    first.send("close_root", root=roots["other"])
    assert first.answer()[0]
    until(lambda: "other" in gates.closing)
    first.send("open", root=roots["slow"], options=OPTIONS)
    assert not first.connection.poll(timeout=0.2)
    gates.may_close.set()
    assert first.answer()[0]
    assert gates.open == ["slow"]


def test_leaving_does_not_wait_for_ever(worker: Worker, gates: Gates, roots: dict[str, str]) -> None:
    """A root that does not close does not keep the worker, and nobody gets a new one from it."""
    caller = Caller(worker)
    caller.send("open", root=roots["slow"], options=OPTIONS)
    assert caller.answer()[0]
    gates.may_close.clear()
    worker.close(within_s=0.1)
    with pytest.raises(EOFError):
        caller.answer()
    late, other = Pipe()
    worker._take(other)
    with pytest.raises(EOFError):
        late.recv_bytes()
    assert gates.open == ["slow"]


def test_options_that_come_with_a_question_count_for_a_root_that_it_opens(
    worker: Worker, gates: Gates, roots: dict[str, str]
) -> None:
    """Nothing is indexed by the wrong options first."""
    caller = Caller(worker)
    caller.send("status", root=roots["other"], options=OPTIONS)
    assert caller.answer()[0]
    assert [made.options for made in gates.made] == [WorkspaceOptions(1_000, ("x",))]


def test_buffers_go_with_their_root_and_their_client(worker: Worker, roots: dict[str, str]) -> None:
    """Unsaved buffers of a closed root, or of a client that is gone, are not kept."""
    caller = Caller(worker)
    (session,) = worker._sessions
    for root in roots.values():
        caller.send("overlay", root=root, path="a.py", text="def a(): ...\n", version=1)
        assert caller.answer()[0]
    caller.send("close_root", root=roots["slow"])
    assert caller.answer()[0]
    assert list(session._overlays) == [(roots["other"], "a.py")]
    caller.connection.close()
    until(lambda: not worker._sessions)
    assert session._overlays == {}


def test_a_buffer_that_hangs_its_parser_delays_a_search_once(worker: Worker, roots: dict[str, str]) -> None:
    """Many buffers that are not parsed yet cost together no longer than one."""
    caller = Caller(worker)
    (session,) = worker._sessions
    for number in range(40):
        text = "# please wait for /never\n"
        caller.send("overlay", root=roots["other"], path=f"{number}.py", version=1, text=text)
        assert caller.answer()[0]
    asking = threading.Thread(target=session.overlays, args=[roots["other"]], daemon=True)
    asking.start()
    asking.join(timeout=60)
    assert not asking.is_alive()


def test_a_client_that_reads_nothing_is_hung_up_on(
    worker: Worker, roots: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits for a frozen client is bounded; others go on."""
    monkeypatch.setattr("victor_indexer.worker._MAX_UNREAD", 1_000)
    frozen, awake = Caller(worker), Caller(worker)
    frozen.send("status", root=roots["other"], options=OPTIONS)
    until(lambda: frozen.connection.poll())
    for number in range(10_000):
        worker._tell_status(Status(roots["other"], "indexing", number, 10_000, "x" * 100))
    until(lambda: len(worker._sessions) == 1)
    awake.send("ping")
    assert awake.answer()[0]


def test_no_thread_and_no_connection_outlives_its_client(worker: Worker, roots: dict[str, str]) -> None:
    """Clients may come and go by the hundred."""
    ends: list[Connection] = []
    for _ in range(100):
        caller = Caller(worker)
        caller.send("symbols_of_text", path="a.py", text="a = 1\n")
        ends += [session._connection for session in worker._sessions]
        caller.connection.close()
    until(lambda: not worker._sessions)
    until(lambda: all(end.closed for end in ends))
    until(lambda: not [each for each in threading.enumerate() if each.name.startswith("victor-session")])


@pytest.mark.parametrize("junk", [[1, "status", {"root": 5}], [1, "overlay", {}], [1, "cancel", {"id": []}]])
def test_junk_costs_its_sender_only(worker: Worker, junk: list[Any]) -> None:
    """Parameters that are none end in an error or in the sender's end."""
    caller, other = Caller(worker), Caller(worker)
    caller.connection.send_bytes(wire.pack(junk))
    try:
        assert not caller.answer()[0]
    except (EOFError, OSError):
        pass
    other.send("ping")
    assert other.answer()[0]
