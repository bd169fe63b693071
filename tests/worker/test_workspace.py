"""The live index of one root, in this process: races, odd paths, roots that go away, and what it says of itself."""

import logging
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from worker.indexing import until, write_tree

from victor_indexer.errors import (
    DiskFull,
    IndexerError,
    RequestCancelled,
    StoreUnreadable,
    WorkspaceNotFound,
)
from victor_indexer.model import SearchResult, Status
from victor_indexer.pool import ParserPool
from victor_indexer.search import search
from victor_indexer.store import Store
from victor_indexer.workspace import Workspace

ODD_PARSER = (sys.executable, "-P", str(Path(__file__).with_name("odd_parser.py")))
Open = Callable[[], "Live"]


class Live:
    """An open workspace, and all that it has told."""

    def __init__(self, root: Path, parent: Path, pool: ParserPool) -> None:
        self.root = root
        self.told: list[Status] = []
        self.told_too_early: list[Status] = []
        self.workspace = Workspace(root, parent, pool, self._take, redaction_version="1")

    def _take(self, status: Status) -> None:
        self.told.append(status)
        if status.state == "ready" and not self.workspace._wishes.at_rest:
            self.told_too_early.append(status)

    def current(self, *, rebuild: bool = False) -> dict[str, Any]:
        """Wait until the index is current; returns what it holds."""
        return self.workspace.wait_until_current(
            since=time.monotonic(), rebuild=rebuild, cancelled=lambda: False
        )

    def found(self, query: str) -> list[str]:
        """The symbols of the hits."""
        return [hit.symbol for hit in self.workspace.search(query, 5, {}, lambda: False).hits]

    def until_found(self, name: str) -> None:
        """Wait until a search finds that definition."""
        until(lambda: name in self.found(name))

    def until_ready(self) -> None:
        """Wait until it is said that all is done."""
        until(lambda: self.workspace.status().state == "ready" and self.workspace._wishes.at_rest)


@pytest.fixture
def pool() -> Iterator[ParserPool]:
    pool = ParserPool(ODD_PARSER, size=1)
    yield pool
    pool.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "root", {"a.py": "def first_state(): ...\n", "b/c.py": "class Inner: ...\n"})


@pytest.fixture
def open_live(root: Path, tmp_path: Path, pool: ParserPool) -> Iterator[Open]:
    """Opens the workspace; it is closed at the end."""
    opened: list[Live] = []

    def open_() -> Live:
        opened.append(Live(root, tmp_path / "index", pool))
        return opened[-1]

    yield open_
    for live in opened:
        if not live.workspace._wishes.closed:
            live.workspace.close()
        assert live.told_too_early == []


@pytest.fixture
def live(open_live: Open) -> Live:
    """The workspace, started and current."""
    live = open_live()
    live.workspace.start()
    live.current()
    return live


# -- races ---------------------------------------------------------------------------------------------------------


def test_a_file_saved_during_a_walk_keeps_its_newest_text(open_live: Open, root: Path) -> None:
    """What the walk had read before is not written over what was saved since."""
    gate = root.parent / "gate"
    slow = {f"d/{n:03}.py": f"x = {n}\n" for n in range(62)}  # with a.py and b/c.py: one batch of the pool
    write_tree(root, {**slow, "e.py": f"# please wait for {gate}\n"})
    live = open_live()
    live.workspace.start()
    until(lambda: live.workspace.status().files_done >= 64)
    write_tree(root, {"a.py": "def second_state(): ...\n"})
    (root / "b/c.py").unlink()
    live.workspace.changed(["a.py", "b/c.py"])
    gate.touch()
    live.until_ready()
    assert live.found("second_state")[:1] == ["second_state"]
    assert live.workspace.symbols_of("b/c.py") is None


def test_changes_before_the_watch_are_not_lost(live: Live, root: Path) -> None:
    """Whatever changed between the first walk and the first event is found without being told."""
    write_tree(root, {"late.py": "def in_between(): ...\n"})
    live.workspace.go_live()
    live.until_found("in_between")


def test_the_first_walk_of_a_live_root_waits_for_the_watch(open_live: Open) -> None:
    """A root that goes live at once is walked once, not twice."""
    live = open_live()
    live.workspace.start(live=True)
    live.workspace.go_live()
    live.until_ready()
    assert live.workspace._wishes.newest_walk == 1


def test_rebuilding_costs_no_search(live: Live) -> None:
    """Searches go on while the index is thrown away and built anew, again and again."""
    live.found("first_state")
    done = threading.Event()
    errors: list[BaseException] = []

    def ask() -> None:
        while not done.is_set():
            try:
                live.found("first_state")
                live.workspace.find_symbols("Inner", 5, {})
                live.workspace.explain("a.py")
            except Exception as error:  # noqa: BLE001 - whatever it is, the test names it
                errors.append(error)
                return

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for each in asking:
        each.start()
    for _ in range(4):
        live.current(rebuild=True)
    done.set()
    for each in asking:
        each.join()
    assert errors == []
    assert live.found("first_state")[:1] == ["first_state"]


def test_closing_does_not_wait_for_a_parser(open_live: Open, root: Path, pool: ParserPool) -> None:
    """A file that hangs its parser keeps neither the walk nor a single change from being given up."""
    for paths in ([], ["hang.py"]):
        live = open_live()
        live.workspace.start()
        if paths:
            live.current()
        release = root.parent / f"release{len(paths)}"
        write_tree(root, {"hang.py": f"# please wait for {release}\n"})
        live.workspace.changed(paths)
        until(pool.pids)
        closing = threading.Thread(target=live.workspace.close, daemon=True)
        closing.start()
        closing.join(timeout=30)
        assert not closing.is_alive()
        (root / "hang.py").unlink()
        release.touch()  # the parser may still be at it, and is needed again


def test_what_was_closed_is_not_opened_again(live: Live, caplog: pytest.LogCaptureFixture) -> None:
    """A request that comes while the root closes is cancelled; nothing is opened, rebuilt or waited for."""
    live.workspace.close()
    with caplog.at_level(logging.WARNING):
        live.workspace._warm_up()
        with pytest.raises(RequestCancelled):
            live.found("first_state")
        with pytest.raises(RequestCancelled):
            live.current()
    assert live.workspace._storage.opened_store is None
    assert caplog.records == []


def test_pause_resume_and_rebuild_in_any_order(live: Live, root: Path) -> None:
    """However they are mixed, the last word counts and the index ends up current."""
    workspace = live.workspace
    steps = [workspace.pause, workspace.resume, workspace.rebuild, workspace.pause, workspace.pause]
    for number in range(12):
        for step in steps[number % 5 :] + steps[: number % 4]:
            step()
        write_tree(root, {"a.py": f"def state_{number}(): ...\n"})
        workspace.changed(["a.py"])
    workspace.pause()
    assert workspace.status().state == "paused"
    with pytest.raises(IndexerError, match="paused"):
        live.current()
    workspace.resume()
    live.until_ready()
    assert live.found("state_11")[:1] == ["state_11"]


# -- paths ---------------------------------------------------------------------------------------------------------


def test_no_path_leads_out_of_the_root(live: Live, root: Path, tmp_path: Path) -> None:
    """Hostile and odd paths are neither read nor noted, and do no harm."""
    outside = write_tree(tmp_path / "outside", {"secret.py": "def not_yours(): ...\n"})
    (root / "link").symlink_to(outside)
    (root / "link.py").symlink_to(outside / "secret.py")
    before = live.current()
    odd = [
        *("../outside/secret.py", "b/../../outside/secret.py", "..", "../", "b/../a.py"),
        *(str(outside / "secret.py"), str(root / "a.py"), "/", "//a.py", "/etc/passwd"),
        *("a.py\0", "\0", "\udcff.py", "b/\udcff/x.py", "x" * 5_000, "b/" * 3_000 + "x.py", "new\nline.py"),
        *(
            "link/secret.py",
            "link.py",
            "a.py/x.py",
            "a.py/",
            "./a.py",
            "b//c.py",
            "b/./c.py",
            "C:\\x.py",
            "~",
        ),
    ]
    live.workspace.changed(odd)
    live.until_ready()
    after = live.current()
    assert {**after, "index_bytes": 0} == {**before, "index_bytes": 0}
    assert live.found("not_yours") == []
    assert {status.state for status in live.told} <= {"scanning", "indexing", "ready"}


def test_odd_spellings_of_a_changed_file_are_understood(live: Live, root: Path) -> None:
    """Dots and doubled slashes are no reason to miss a change."""
    write_tree(root, {"a.py": "def second_state(): ...\n", "b/c.py": "class Outer: ...\n"})
    live.workspace.changed(["./a.py", "b//./c.py"])
    live.until_found("second_state")
    live.until_found("Outer")


def test_ten_thousand_changed_paths_at_once(live: Live, root: Path) -> None:
    """Very many changes are taken in bulk; none is lost, and nothing is read twice for it."""
    files = {f"many/{n // 100}/f{n}.txt": f"word{n}\n" for n in range(10_000)}
    write_tree(root, files)
    live.workspace.changed([*files, *(f"gone/{n}.py" for n in range(10_000))])
    live.until_ready()
    assert live.workspace._wishes.newest_walk <= 4
    assert live.current()["files"] == 10_002


def test_what_was_below_a_removed_folder_is_forgotten(live: Live, root: Path) -> None:
    """Indexed, skipped and failed files alike go with their folder, those of a folder with a like name stay."""
    write_tree(root, {"b/more.py": "def more(): ...\n", "bb.py": "b = 1\n", "b-c/x.py": "c = 1\n"})
    (root / "b/data.py").write_bytes(b"\0\1\2" * 100)
    assert live.current()["files"] == 5
    shutil.rmtree(root / "b")
    live.workspace.changed(["b"])
    live.until_ready()
    assert sorted(live.workspace._storage.manifest.stamps(live.workspace._storage.versions)) == [
        *("a.py", "b-c/x.py", "bb.py")
    ]


# -- roots that go away --------------------------------------------------------------------------------------------


def test_a_root_that_goes_and_comes_back(live: Live, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said that the folder is not there; once it is, its files and its events count again."""
    monkeypatch.setattr("victor_indexer.writer.RETRY_AFTER_S", 0.05)
    live.workspace.go_live()
    live.until_ready()
    away = root.rename(root.parent / "away")
    with pytest.raises(WorkspaceNotFound):
        live.current()
    until(lambda: live.workspace.status().state == "error")
    assert "not a folder" in live.workspace.status().detail
    away.rename(root)
    live.until_ready()
    until(lambda: live.workspace._wishes.newest_walk and live.workspace.status().detail == "")
    write_tree(root, {"back.py": "def is_back(): ...\n"})
    live.until_found("is_back")


def test_a_root_that_becomes_a_file(live: Live, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is an error to be told, and its text is not read."""
    monkeypatch.setattr("victor_indexer.writer.RETRY_AFTER_S", 0.05)
    shutil.rmtree(root)
    root.write_text("def not_a_tree(): ...\n")
    with pytest.raises(WorkspaceNotFound):
        live.current()
    assert "not_a_tree" not in live.found("not_a_tree")
    root.unlink()
    write_tree(root, {"a.py": "def a_tree_again(): ...\n"})
    live.until_found("a_tree_again")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no name holds bytes that are no text")
def test_an_index_that_can_never_be_read_is_said(root: Path, tmp_path: Path, pool: ParserPool) -> None:
    """Where building it anew does not help, it is told as an error, and not tried without pause."""
    live = Live(root, tmp_path / "no\udcfftext", pool)
    live.workspace.start()
    try:
        with pytest.raises(IndexerError):
            live.current()
        assert live.workspace.status().state == "error"
    finally:
        live.workspace.close()


# -- what is told --------------------------------------------------------------------------------------------------


def test_a_single_save_changes_no_state(live: Live, root: Path) -> None:
    """One saved file, known or new, lets the status rest."""
    live.until_ready()
    before = len(live.told)
    write_tree(root, {"a.py": "def second_state(): ...\n", "new.py": "def brand_new(): ...\n"})
    live.workspace.changed(["a.py"])
    live.workspace.changed(["new.py"])
    live.until_found("second_state")
    live.until_found("brand_new")
    live.until_ready()
    assert {status.state for status in live.told[before:]} <= {"ready"}


def test_ready_is_not_told_while_saves_wait(live: Live, root: Path) -> None:
    """Under a hail of saves, walks and rebuilds, `ready` comes only when all of it is done."""
    for number in range(40):
        write_tree(root, {f"f{number % 5}.py": f"def hail_{number}(): ...\n"})
        live.workspace.changed([f"f{number % 5}.py"])
        if number % 10 == 0:
            live.workspace.rebuild()
    live.until_ready()
    assert live.found("hail_39")[:1] == ["hail_39"]
    assert live.told[-1].state == "ready"
    assert live.told_too_early == []


def test_a_full_disk_during_upkeep_is_said_once_and_left_alone(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Upkeep that found no space is not tried again and again, and the status does not flicker."""
    store = live.workspace._storage.store()
    tried = []

    def full() -> None:
        tried.append(1)
        raise DiskFull("no space", "Free some disk space.")

    monkeypatch.setattr(store, "optimize", full)
    monkeypatch.setattr(store, "optimize_due", lambda *, idle_s: True)
    before = len(live.told)
    live.workspace._upkeep.look()
    until(lambda: live.workspace.status().state == "error")
    for _ in range(3):
        live.workspace.changed(["a.py"])
        live.workspace._upkeep.look()
        until(lambda: live.workspace._wishes.at_rest and not live.workspace._upkeep._wanted.is_set())
    assert len(tried) == 1
    states = [status.state for status in live.told[before:]]
    assert states.count("error") == 1
    with pytest.raises(DiskFull):
        live.current()  # whoever asks by hand tries again, and hears the same
    assert len(tried) == 2
    monkeypatch.undo()
    live.current()
    until(lambda: live.workspace.status().state == "ready")


def test_upkeep_rests_while_the_index_is_paused(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pause is a pause: nothing that costs time runs in it."""
    store = live.workspace._storage.store()
    monkeypatch.setattr(store, "optimize_due", lambda *, idle_s: True)
    tried: list[int] = []
    monkeypatch.setattr(store, "optimize", lambda: tried.append(1))
    live.workspace.pause()
    live.workspace._upkeep.look()
    until(lambda: not live.workspace._upkeep._wanted.is_set())
    assert tried == []
    live.workspace.resume()
    until(lambda: tried)


def test_a_question_that_always_fails_does_not_cost_the_index(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a few times is an index thrown away for a question; then the question fails, and others are answered."""
    resets = counted_resets(live, monkeypatch)

    def fails(query: str, **rest: Any) -> SearchResult:
        if query == "bad":
            raise StoreUnreadable("this question breaks the table")
        return search(query, **rest)

    monkeypatch.setattr("victor_indexer.workspace.search", fails)
    for _ in range(5):
        with pytest.raises(StoreUnreadable):
            live.found("bad")
    assert len(resets) <= 3
    live.until_found("first_state")


def test_upkeep_that_always_fails_does_not_build_anew_for_ever(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index is built anew once; then it is said what is wrong, and what is there still answers."""
    resets = counted_resets(live, monkeypatch)

    def fails(store: Store) -> None:
        raise StoreUnreadable("no index today")

    monkeypatch.setattr(Store, "optimize", fails)
    monkeypatch.setattr(Store, "optimize_due", lambda store, *, idle_s: True)
    live.workspace._upkeep.look()
    until(lambda: live.workspace.status().state == "error")
    assert "no index today" in live.workspace.status().detail
    assert len(resets) == 1
    live.until_found("first_state")


def counted_resets(live: Live, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often the index is thrown away from now on, one entry each time."""
    resets: list[int] = []
    reset = live.workspace._storage.reset

    def counted() -> None:
        resets.append(1)
        reset()

    monkeypatch.setattr(live.workspace._storage, "reset", counted)
    return resets
