"""The index worker as its clients see it: shared, live, private where it must be, and hard to kill."""

import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from worker.indexing import (
    assert_whole,
    connected,
    end_worker,
    found,
    index,
    open_live,
    until,
    worker_command,
    write_tree,
)

from victor_indexer import wire
from victor_indexer.client import IndexClient
from victor_indexer.errors import IndexerError, WorkerUnavailable, WorkspaceNotFound
from victor_indexer.storage import index_folder

pytestmark = pytest.mark.e2e

TREE = {
    "shop/cart.py": "class Cart:\n    def add_item(self, item):\n        self.items.append(item)\n",
    "shop/money.py": "def format_price(cents):\n    return f'{cents / 100:.2f}'\n",
    "README.md": "# Shop\n\nSells things.\n",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "root", TREE)


@pytest.fixture
def client(home: Path) -> Iterator[IndexClient]:
    with connected(home, leave_after_s=0.5) as client:
        yield client


def worker_pid(client: IndexClient) -> int:
    return int(client.ask("ping").result(timeout=60)["pid"])


def test_a_tree_is_indexed_and_searched(client: IndexClient, home: Path, root: Path) -> None:
    """Definitions, words and symbols are found, and what lies on disk is whole."""
    summary = index(client, root)
    assert (summary["files"], summary["lines"], summary["errors"]) == (3, 8, [])
    assert found(client, root, "add item to cart")[0].startswith("Cart")
    assert found(client, root, "format_price")[0] == "format_price"
    symbols = client.ask("find_symbols", root=str(root), query="additem", limit=5).result(timeout=60)
    assert [(path, symbol[0]) for path, symbol in symbols] == [("shop/cart.py", "add_item")]
    end_worker(client, home)
    assert_whole(home, root)


def test_two_clients_share_one_worker(client: IndexClient, home: Path, root: Path) -> None:
    """Whoever comes second finds the first one's worker and index."""
    index(client, root)
    with connected(home) as other:
        assert worker_pid(other) == worker_pid(client)
        assert not other.spawned
        assert found(other, root, "format_price")[0] == "format_price"


def test_many_clients_at_once_start_one_worker(home: Path, root: Path) -> None:
    """A race to start the worker has one winner and no loser."""
    pids: list[int] = []

    def ask() -> None:
        with connected(home, leave_after_s=1) as each:
            pids.append(worker_pid(each))
            index(each, root)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pids) == 4
    assert len(set(pids)) == 1


def test_the_worker_leaves_when_nobody_is_left(home: Path, root: Path) -> None:
    """No process stays behind its last client, parser children included."""
    with connected(home, leave_after_s=0.1) as client:
        index(client, root)
        worker = psutil.Process(worker_pid(client))
        family = [worker, *worker.children(recursive=True)]
    _, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []


@pytest.mark.skipif(os.name == "nt", reason="Windows guards the pipe by a key, not by a mode")
def test_only_the_user_can_reach_the_worker(client: IndexClient, home: Path) -> None:
    """The socket and all that the worker writes are closed to others."""
    worker_pid(client)
    place = wire.meeting_place(home)
    assert stat.S_IMODE(Path(place.address).stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "worker").stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "worker" / "worker.log").stat().st_mode) == 0o600


def test_a_stranger_on_the_socket_ends_nothing(client: IndexClient, home: Path, root: Path) -> None:
    """Bytes that are no message cost their sender the connection, nobody else anything."""
    index(client, root)
    place = wire.meeting_place(home)
    from multiprocessing.connection import Client

    for junk in (
        b"",
        b"\xff\xff",
        b"GET / HTTP/1.1\r\n\r\n",
        wire.pack({"a": 1}),
        wire.pack([1, 2]),
        wire.pack([1, "open", 3]),
    ):
        with Client(place.address, place.family, authkey=place.authkey) as stranger:
            stranger.send_bytes(junk)
            with pytest.raises((EOFError, OSError)):
                stranger.recv_bytes()
    assert found(client, root, "format_price")[0] == "format_price"


def test_an_unsaved_buffer_is_seen_by_its_own_client_only(
    client: IndexClient, home: Path, root: Path
) -> None:
    """A buffer stands before its file in this client's answers, and in nobody else's."""
    index(client, root)
    text = "def entirely_different(): ...\n"
    client.keep(("o",), "overlay", root=str(root), path="shop/money.py", text=text, version=1).result(
        timeout=60
    )
    assert found(client, root, "entirely_different")[0] == "entirely_different"
    assert "format_price" not in found(client, root, "format_price")
    with connected(home) as other:
        assert found(other, root, "format_price")[0] == "format_price"
        assert "entirely_different" not in found(other, root, "entirely_different")
    client.ask("overlay", root=str(root), path="shop/money.py", text=None, version=2).result(timeout=60)
    assert found(client, root, "format_price")[0] == "format_price"


def test_a_late_buffer_does_not_undo_a_newer_one(client: IndexClient, root: Path) -> None:
    """Per path the highest version wins."""
    index(client, root)
    for version, name in ((3, "third_state"), (2, "second_state")):
        text = f"def {name}(): ...\n"
        client.ask("overlay", root=str(root), path="shop/money.py", text=text, version=version).result(
            timeout=60
        )
    assert found(client, root, "third_state")[0] == "third_state"


def test_a_saved_file_is_searchable(client: IndexClient, root: Path) -> None:
    """A change that a client reports is indexed at once, without file events."""
    index(client, root)
    write_tree(
        root, {"shop/money.py": "def format_amount(cents): ...\n", "new/tax.py": "def vat_rate(): ...\n"}
    )
    client.ask("changed", root=str(root), paths=["shop/money.py", "new/tax.py"]).result(timeout=60)
    until(lambda: "format_amount" in found(client, root, "format_amount"))
    until(lambda: "vat_rate" in found(client, root, "vat_rate"))
    assert "format_price" not in found(client, root, "format_price")


def test_a_change_outside_the_editor_is_seen(client: IndexClient, root: Path) -> None:
    """A live root follows the file system: new, changed and removed files."""
    open_live(client, root)
    index(client, root)
    write_tree(root, {"shop/tax.py": "def vat_rate(): ...\n"})
    until(lambda: "vat_rate" in found(client, root, "vat_rate"))
    shutil.rmtree(root / "shop")
    until(lambda: found(client, root, "vat_rate") == [])


def test_an_ignored_file_stays_out_when_it_is_saved(client: IndexClient, root: Path) -> None:
    """A save does not bring in what the walk leaves out, and a changed ignore file takes effect."""
    write_tree(root, {".victorignore": "build/\n"})
    index(client, root)
    write_tree(root, {"build/out.py": "def built_thing(): ...\n", "kept.py": "def kept_thing(): ...\n"})
    client.ask("changed", root=str(root), paths=["build/out.py", "kept.py"]).result(timeout=60)
    until(lambda: "kept_thing" in found(client, root, "kept_thing"))
    assert "built_thing" not in found(client, root, "built_thing")
    explanation = client.ask("explain", root=str(root), path="build/out.py").result(timeout=60)
    assert (explanation["indexed"], explanation["reason"]) == (False, "ignored")
    assert ".victorignore:1" in explanation["rule"]
    write_tree(root, {".victorignore": "\n"})
    client.ask("changed", root=str(root), paths=[".victorignore"]).result(timeout=60)
    until(lambda: "built_thing" in found(client, root, "built_thing"))


def test_a_killed_worker_costs_no_answer(client: IndexClient, home: Path, root: Path) -> None:
    """The client starts another worker, lays its buffers over it, and gets what it asked for."""
    open_live(client, root)
    index(client, root)
    text = "def drafted_only(): ...\n"
    client.keep(("o",), "overlay", root=str(root), path="shop/money.py", text=text, version=1).result(
        timeout=60
    )
    before = worker_pid(client)
    os.kill(before, signal.SIGKILL)
    assert found(client, root, "drafted_only")[0] == "drafted_only"
    assert worker_pid(client) != before
    index(client, root)
    end_worker(client, home)
    assert_whole(home, root)


def test_pause_stops_and_resume_goes_on(home: Path, root: Path) -> None:
    """While paused nothing is indexed, but what is there is found; resume catches up."""
    states: list[str] = []
    with connected(
        home, lambda name, params: states.append(params.get("state", name)), leave_after_s=0.5
    ) as client:
        index(client, root)
        client.ask("pause", root=str(root)).result(timeout=60)
        write_tree(root, {"late.py": "def late_arrival(): ...\n"})
        client.ask("changed", root=str(root), paths=["late.py"]).result(timeout=60)
        assert found(client, root, "format_price")[0] == "format_price"
        assert client.ask("status", root=str(root)).result(timeout=60)["state"] == "paused"
        assert "late_arrival" not in found(client, root, "late_arrival")
        client.ask("resume", root=str(root)).result(timeout=60)
        until(lambda: "late_arrival" in found(client, root, "late_arrival"))
    assert "paused" in states


def damage_manifest(folder: Path) -> None:
    (folder / "manifest.sqlite").write_bytes(b"this is no database" * 100)


def foreign_manifest(folder: Path) -> None:
    with sqlite3.connect(folder / "manifest.sqlite") as db:
        db.execute("pragma user_version = 4711")
    db.close()


def lose_table(folder: Path) -> None:
    shutil.rmtree(folder / "table")


def damage_table(folder: Path) -> None:
    for path in (folder / "table").rglob("*"):
        if path.is_file():
            path.write_bytes(b"\0" * 64)


def lose_manifest(folder: Path) -> None:
    for path in folder.glob("manifest.sqlite*"):
        path.unlink()


@pytest.mark.parametrize(
    "damage", [damage_manifest, foreign_manifest, lose_table, damage_table, lose_manifest]
)
def test_a_damaged_index_is_rebuilt(home: Path, root: Path, damage: Any) -> None:
    """Whatever happened to the files, the next worker builds the index anew and nobody is asked anything."""
    with connected(home) as client:
        index(client, root)
        end_worker(client, home)
    damage(index_folder(home / "index", root))
    with connected(home) as client:
        open_live(client, root)
        until(lambda: "format_price" in found(client, root, "format_price"))
        index(client, root)
        end_worker(client, home)
    assert_whole(home, root)


def test_who_opens_a_ready_root_is_told_so(client: IndexClient, home: Path, root: Path) -> None:
    """A second window, or a window whose worker was replaced, hears where the index stands without asking."""
    open_live(client, root)
    until(lambda: client.ask("status", root=str(root)).result(timeout=60)["state"] == "ready")
    told: list[str] = []
    with connected(home, lambda name, params: told.append(params.get("state", name))) as other:
        open_live(other, root)
        assert "ready" in told


@pytest.mark.skipif(os.name == "nt", reason="Windows ends processes without asking them")
def test_a_worker_that_is_asked_to_end_ends_in_order(client: IndexClient, home: Path, root: Path) -> None:
    """SIGTERM ends worker and parser children while they index, and the next worker finds all whole."""
    write_tree(root, {f"many/f{n}.py": f"def thing_{n}(): ...\n" for n in range(300)})
    open_live(client, root)
    worker = psutil.Process(worker_pid(client))
    family = [worker, *until(lambda: worker.children(recursive=True))]
    worker.terminate()
    _, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []
    log = (home / "worker" / "worker.log").read_text()
    assert "the index worker leaves" in log
    assert "Traceback" not in log
    assert index(client, root)["files"] == 303
    end_worker(client, home)
    assert_whole(home, root)


def test_a_worker_outlives_who_started_it(home: Path, root: Path) -> None:
    """A client that is killed while its worker starts takes nobody's worker along."""
    command = worker_command(home, leave_after_s=20)
    wire.meeting_place(home)
    with subprocess.Popen(command.words, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as worker:
        assert worker.stdout is not None
        worker.stdout.close()
        with connected(home) as client:
            until(lambda: worker.poll() is not None or (home / "worker" / "index-1.sock").exists())
            assert worker_pid(client) == worker.pid
            client.ask("end")


def test_an_index_folder_that_cannot_be_made_is_said(client: IndexClient, home: Path, root: Path) -> None:
    """The message names the folder and what to do; it is no bug and no hang."""
    (home / "index").write_text("in the way")
    with pytest.raises(IndexerError, match="index") as caught:
        index(client, root)
    assert "VICTOR_HOME" in caught.value.fix
    (home / "index").unlink()
    assert index(client, root)["files"] == 3


def test_no_folder_no_index(client: IndexClient, tmp_path: Path) -> None:
    """A root that is not there is an error of its own, not a hang."""
    with pytest.raises(WorkspaceNotFound, match="not a folder"):
        index(client, tmp_path / "missing")


def test_a_worker_that_cannot_start_is_said(home: Path) -> None:
    """The client gives up with a reason and goes on living."""
    command = worker_command(home)
    broken = type(command)([command.words[0], "-c", "raise SystemExit(3)"])
    client = IndexClient(home, broken, start_within_s=0.5)
    try:
        with pytest.raises(WorkerUnavailable, match="could be started"):
            client.ask("ping").result(timeout=60)
    finally:
        client.close()


def test_a_repositorys_own_modules_are_not_imported(home: Path, tmp_path: Path) -> None:
    """A hostile checkout as working directory cannot slip code into the worker or its children."""
    hostile = "import pathlib, os\npathlib.Path(os.environ['VICTOR_TEST_MARK']).touch()\n"
    names = (
        "victor_indexer/__init__.py",
        "victor_server/__init__.py",
        "json.py",
        "msgpack.py",
        "filelock.py",
    )
    root = write_tree(tmp_path / "hostile", {**dict.fromkeys(names, hostile), "a.py": "def fine(): ...\n"})
    mark = tmp_path / "mark"
    program = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]);"
        "from worker.indexing import connected, index;"
        "home, root = Path(sys.argv[2]), Path(sys.argv[3]);\n"
        "with connected(home, leave_after_s=0.1) as client: print(index(client, root)['files'])"
    )
    tests = Path(__file__).parents[1]
    words = [*worker_command(home).words[:2], "-c", program, str(tests), str(home), str(root)]
    environment = {**os.environ, "VICTOR_TEST_MARK": str(mark)}
    done = subprocess.run(words, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == str(len(names) + 1), done.stderr
    assert not mark.exists()
