"""`victor index` and `victor search` as a terminal meets them: stopped, run twice at once, without a usable home."""

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from editor import SERVER
from worker.indexing import until, workers_of, write_tree

pytestmark = pytest.mark.e2e

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def start(home: Path) -> Start:
    """Starts a command of `victor`."""
    environment = {**os.environ, "VICTOR_HOME": str(home), "VICTOR_WORKER_LEAVE_AFTER_S": "0.5"}

    def start_(*words: str) -> "subprocess.Popen[str]":
        program = [*SERVER[:-1], *words]
        return subprocess.Popen(
            program, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    return start_


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_tree(
        tmp_path / "root", {f"d{n % 20}/f{n}.py": f"def thing_{n}():\n    return {n}\n" for n in range(3_000)}
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process")
@pytest.mark.parametrize("frozen", [False, True])
def test_ctrl_c_ends_indexing(start: Start, home: Path, root: Path, frozen: bool) -> None:
    """The command ends at once with code 130 and no traceback, even if the worker is frozen; the next one goes on."""
    command = start("index", str(root), "--json")
    assert command.stderr is not None
    assert "indexing" in command.stderr.readline()
    worker = psutil.Process(workers_of(home)[0])
    if frozen:
        worker.suspend()
    command.send_signal(signal.SIGINT)
    try:
        out, err = command.communicate(timeout=10)
    finally:
        worker.resume()
    assert (command.returncode, out) == (130, "")
    assert "Traceback" not in err
    again = start("index", str(root), "--json")
    out, err = again.communicate(timeout=120)
    assert (again.returncode, json.loads(out)["files"]) == (0, 3_000), err


def test_indexing_twice_at_once(start: Start, home: Path, root: Path) -> None:
    """The second command finds the first one's work, and both report the whole."""
    first = start("index", str(root), "--json")
    until(lambda: workers_of(home))
    second = start("index", str(root), "--json")
    for command in (first, second):
        out, err = command.communicate(timeout=120)
        assert (command.returncode, json.loads(out)["files"]) == (0, 3_000), err
    assert len(workers_of(home)) <= 1


def test_a_search_indexes_by_the_settings(start: Start, home: Path, tmp_path: Path) -> None:
    """What the settings leave out is not indexed by a search or a question either."""
    home.mkdir(mode=0o700)
    (home / "settings.yaml").write_text("index:\n  exclude: ['private/']\n")
    files = {"a.py": "def open_thing(): ...\n", "private/b.py": "def private_thing(): ...\n"}
    root = write_tree(tmp_path / "small", files)
    for words in (
        ("index", str(root), "--explain", "a.py", "--json"),
        ("search", "thing", str(root), "--json"),
    ):
        command = start(*words)
        out, err = command.communicate(timeout=120)
        assert command.returncode == 0, err
        assert "private" not in out
    log = (home / "worker" / "worker.log").read_text()
    assert "Traceback" not in log


@pytest.mark.parametrize("words", [["index", "."], ["search", "x", "."]])
def test_a_home_that_cannot_be_used_is_said(start: Start, home: Path, words: list[str]) -> None:
    """One document, one message, what to set, and code 2."""
    home.write_text("a file where the folder should be")
    command = start(*words, "--json")
    out, err = command.communicate(timeout=60)
    error = json.loads(out)["error"]
    assert (command.returncode, "Traceback" in err) == (2, False)
    assert str(home) in error["message"]
    assert "VICTOR_HOME" in error["fix"]
