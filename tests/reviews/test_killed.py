"""A process that is killed while it writes files leaves each of them whole, and nothing behind for long."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from victor_server.features.edits.desk import Write
from victor_server.features.edits.disk_desk import write_one
from victor_server.features.edits.disk_files import remove_leftover

OLD, NEW = "old line\n" * 20_000, "new line, which is longer\n" * 20_000
SCRIPT = """
import itertools, sys, pathlib
from victor_server.features.edits.desk import Write
from victor_server.features.edits.disk_desk import write_one
old, new = "old line\\n" * 20_000, "new line, which is longer\\n" * 20_000
file = pathlib.Path(sys.argv[1])
print("begins", flush=True)
for before, after in itertools.cycle([(old, new), (new, None), (None, old)]):
    assert write_one(Write(file, before, after)).how == "written"
    print(".", end="", flush=True)
"""


def _kill_after(file: Path, n_writes: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-P", "-c", SCRIPT, str(file)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"begins"
        for _ in range(n_writes):
            assert process.stdout.read(1) == b"."
        process.kill()


def _check(folder: Path, n_writes: int) -> None:
    file, aside = folder / "a.txt", folder / ".a.txt.victor-removed"
    file.write_text(OLD)
    _kill_after(file, n_writes)
    assert {each.name for each in folder.iterdir()} <= {"a.txt", ".a.txt.victor", aside.name}
    was_going = aside.read_text() if aside.exists() else None
    remove_leftover(file)
    now = file.read_text() if file.exists() else None
    assert now in (OLD, NEW, None)
    assert was_going in (now, None)
    assert [each.name for each in folder.iterdir()] == ([] if now is None else ["a.txt"])
    assert write_one(Write(file, now, "next\n")).how == "written"
    assert [each.name for each in folder.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("n_writes", [0, 1, 4])
def test_a_killed_process_leaves_whole_files(tmp_path: Path, n_writes: int) -> None:
    """Old, new or none; what stands beside is removed, and what was being removed put back."""
    _check(tmp_path, n_writes)


@pytest.mark.torture
def test_a_hundred_kills(tmp_path: Path) -> None:
    """At any moment."""
    chance = random.Random(5)
    for _ in range(100):
        _check(tmp_path, chance.randrange(12))
