"""`kill -9` of anything at any moment: nothing lost, nothing double, and no message that a person must click away."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from editor import SERVER, Editor
from worker.indexing import assert_whole, connected, end_worker, index, until, workers_of, write_tree

from victor_indexer import scan

pytestmark = pytest.mark.e2e

N_FILES = 40
VICTIMS = ("worker", "worker", "parser", "server")
MOST_DEATHS = 3
"""Of workers of one server: it leaves one that dies five times within a minute alone, and says so."""


def test_twenty_kills_leave_the_index_whole(tmp_path: Path) -> None:
    """Worker, parser children and server are killed at random moments while files change."""
    kill_and_verify(tmp_path, n_kills=20, seed=random.randrange(10**6))


@pytest.mark.torture
def test_a_hundred_kills_leave_the_index_whole(tmp_path: Path) -> None:
    """The same, five times as long."""
    kill_and_verify(tmp_path, n_kills=100, seed=random.randrange(10**6))


def test_two_servers_and_a_command_on_one_workspace(tmp_path: Path) -> None:
    """Two windows and the command line work on the same folder at once: one worker, one whole index."""
    home, root = tmp_path / "home", write_tree(tmp_path / "root", tree_of(7))
    with Editor(root, home=home) as first, Editor(root, home=home) as second:
        commands = [start_command(home, "index", str(root), "--json") for _ in range(2)]
        for number in range(10):
            path = root / f"file{number}.py"
            text = f"def saved_by_{number % 2}_{number}(): ...\n"
            (first if number % 2 else second).open(path, text)
            (first if number % 2 else second).save(path, text)
        assert [command.wait(timeout=120) for command in commands] == [0, 0]
        for number in range(10):
            name = f"saved_by_{number % 2}_{number}"
            for editor in (first, second):
                until_found(editor, name)
        assert len(workers_of(home)) == 1
    verify(home, root)


def kill_and_verify(tmp_path: Path, *, n_kills: int, seed: int) -> None:
    """Change files, kill, go on; then look at every file. The seed stands in the output of a failed run."""
    dice = random.Random(seed)
    home, root = tmp_path / "home", write_tree(tmp_path / "root", tree_of(seed))
    editor = Editor(root, home=home)
    editor.initialize()
    messages: list[str] = []
    n_deaths = 0
    try:
        for number in range(n_kills):
            change_files(dice, root, editor, number)
            time.sleep(dice.random() * 0.4)  # the moment is the random thing here, nothing is waited for
            victim = dice.choice(VICTIMS) if n_deaths < MOST_DEATHS else "server"
            n_deaths += victim == "worker"
            if kill(victim, home, editor):
                n_deaths = 0
                messages += said(editor)
                editor = Editor(root, home=home)
                editor.initialize()
        for path in root.glob("*.py"):
            (name,) = [line.split("(")[0].removeprefix("def ") for line in path.read_text().splitlines()[:1]]
            until_found(editor, name)
        messages += said(editor)
    finally:
        editor.kill()
    assert messages == [], f"seed {seed}"
    verify(home, root)


def verify(home: Path, root: Path) -> None:
    """Everything on disk agrees, and every file is found by what it holds now."""
    with connected(home, leave_after_s=1) as client:
        summary = index(client, root)
        assert summary["files"] == len(scan.scan(root).files)
        assert summary["errors"] == []
        end_worker(client, home)
    assert_whole(home, root)


def change_files(dice: random.Random, root: Path, editor: Editor, number: int) -> None:
    """Save two files, sometimes behind the editor's back, and sometimes remove or add one."""
    for n in range(2):
        path = root / f"file{dice.randrange(N_FILES)}.py"
        path.write_text(source(f"version_{number}_{n}", dice), encoding="utf-8")
        if dice.random() < 0.5:
            with contextlib.suppress(ConnectionError):
                editor.notify("textDocument/didSave", {"textDocument": {"uri": path.as_uri()}})
    if dice.random() < 0.3:
        (root / f"file{dice.randrange(N_FILES)}.py").unlink(missing_ok=True)
    if dice.random() < 0.3:
        (root / f"extra{number}.py").write_text(source(f"extra_{number}", dice), encoding="utf-8")


def kill(victim: str, home: Path, editor: Editor) -> bool:
    """Kill one process; True if it was the server."""
    if victim == "server":
        editor.kill()
        return True
    pids = workers_of(home)
    if victim == "parser":
        pids = [child.pid for pid in pids for child in children_of(pid)]
    for pid in pids[:1]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return False


def children_of(pid: int) -> list[psutil.Process]:
    """The parser children of a worker, none if it is gone."""
    try:
        return psutil.Process(pid).children()
    except psutil.Error:
        return []


def said(editor: Editor) -> list[str]:
    """What the server put before the person's eyes."""
    shown = [*editor.received("window/showMessage"), *editor.received("window/showMessageRequest")]
    return [each["message"] for each in shown]


def until_found(editor: Editor, name: str) -> None:
    """Wait until a search for `name` finds its definition."""
    until(lambda: name in symbols_found(editor, name))


def symbols_found(editor: Editor, query: str) -> list[str]:
    """The symbols of the best hits."""
    return [hit["symbol"] for hit in editor.request("victor/search", {"query": query, "k": 5})["hits"]]


def tree_of(seed: int) -> dict[str, str]:
    """A tree of N_FILES small modules."""
    dice = random.Random(seed)
    return {f"file{n}.py": source(f"first_{n}", dice) for n in range(N_FILES)}


def source(name: str, dice: random.Random) -> str:
    """A module that defines `name` and some more."""
    more = "".join(
        f"\n\ndef helper_{dice.randrange(10**9)}():\n    return {n}\n" for n in range(dice.randrange(40))
    )
    return f"def {name}():\n    return 0\n{more}"


def start_command(home: Path, *words: str) -> "subprocess.Popen[bytes]":
    """Start a command of `victor`."""
    environment = {**os.environ, "VICTOR_HOME": str(home)}
    program = [*SERVER[:-1], *words]
    return subprocess.Popen(program, env=environment, stdout=subprocess.DEVNULL, stderr=sys.stderr)
