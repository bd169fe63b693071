"""A process that applies one edit after the other is killed at any moment: all of it can be taken back, exactly."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from victor_server.compose.checkpoints import checkpoints_of
from victor_server.features.checkpoints.restore import Restoring
from victor_server.features.edits.disk_desk import DiskDesk
from victor_server.features.edits.disk_files import name_aside, name_beside
from victor_server.history.checkpoints import Checkpoints
from victor_server.settings.resolved import CheckpointSettings, default_settings

ORIGINAL = "\ufeffone\r\ntwo\r\nthree"
WRITER = """
import asyncio, sys
from pathlib import Path
from victor_server.agent.tools.edits import EditOrigin
from victor_server.features.edits.disk_desk import DiskDesk
from victor_server.features.edits.hunks import hunks_of
from victor_server.features.edits.model import EditSet, FileEdit
from victor_server.features.edits.reviews import Reviews
from victor_server.history.checkpoints import Checkpoints
from victor_server.settings.resolved import CheckpointSettings

async def main(home, file):
    reviews = Reviews(DiskDesk(), Checkpoints(home, CheckpointSettings()))
    for n in range(10_000):
        text = (await reviews.desk.read(file)).text
        after = text.replace("two", f"two {n}\\r\\n" + f"line {n}\\r\\n" * 500)
        edit = FileEdit(file, "change", text, hunks_of(text, after, file))
        print(n, flush=True)
        await reviews.propose(EditSet(f"e{n}", EditOrigin("Edit", file.parent), (edit,), 0.0), apply=True)

asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
"""


def check(folder: Path, n_edits: int, n_bytes: int) -> None:
    """Kill a writer once it has begun its `n_edits`-th edit and its store has grown by about `n_bytes` since."""
    work, home = folder / "work", folder / "kept"
    work.mkdir()
    file = work.resolve() / "a.txt"
    file.write_bytes(ORIGINAL.encode())
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(home), str(file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert writer.stdout is not None
    for _ in range(n_edits):
        assert writer.stdout.readline()
    size = _size(home)
    while _size(home) < size + n_bytes and writer.poll() is None:
        pass
    writer.kill()
    writer.communicate()
    check_all_is_there(home, file, n_edits)


def check_all_is_there(home: Path, file: Path, n_edits: int) -> None:
    """The file is whole, the way back leads to the original, and from there forth again."""
    kept = Checkpoints(home, CheckpointSettings())
    found = kept.list()
    assert len(found) >= n_edits - 1
    now = file.read_bytes().decode()
    assert now in {
        text for each in found[:1] for made in kept.changes(each.id) for text in (made.before, made.after)
    }
    restoring = Restoring(kept, DiskDesk())
    done = asyncio.run(restoring.restore(found[-1].id, since=True))
    assert file.read_bytes().decode() == ORIGINAL
    for id_ in done.ids:
        asyncio.run(restoring.restore(id_))
        assert file.read_bytes().decode() == now
    kept.close()


def _size(home: Path) -> int:
    return sum(path.stat().st_size for path in home.glob("checkpoints.db*"))


ENDS_IN_THE_MIDDLE = """
import os, sys
from pathlib import Path
from victor_server.history.checkpoints import Checkpoints
from victor_server.history.checkpoints_model import Changed, CheckpointOrigin
from victor_server.settings.resolved import CheckpointSettings

home, going, changing = map(Path, sys.argv[1:4])
kept = Checkpoints(home / "checkpoints", CheckpointSettings())
changes = [Changed(going, "mine\\n", None), Changed(changing, "old\\n", "new\\n")]
kept.begin(going.parent, "Delete and edit", CheckpointOrigin(), changes)
going.rename(sys.argv[4])
Path(sys.argv[5]).write_text("ne")
os._exit(1)
"""


def test_the_next_start_puts_files_in_order(tmp_path: Path) -> None:
    """Whoever opens the store after a crash finds every file in its place, and nothing beside them."""
    work, home = tmp_path.resolve() / "work", tmp_path / "home"
    work.mkdir()
    going, changing = work / "a.txt", work / "b.txt"
    going.write_text("mine\n")
    changing.write_text("old\n")
    words = [home, going, changing, work / name_aside(going.name), work / name_beside(changing.name)]
    done = subprocess.run([sys.executable, "-c", ENDS_IN_THE_MIDDLE, *map(str, words)], check=False)
    assert done.returncode == 1
    assert not going.exists()
    kept = checkpoints_of(default_settings(home))
    (found,) = kept.list()
    kept.close()
    assert sorted(each.name for each in work.iterdir()) == ["a.txt", "b.txt"]
    assert (going.read_text(), changing.read_text()) == ("mine\n", "old\n")
    assert [each.state for each in found.files] == ["not_on_disk", "not_on_disk"]


def test_a_kill_while_it_writes(tmp_path: Path) -> None:
    """Right where the next checkpoint grows."""
    check(tmp_path, 3, 1)


@pytest.mark.torture
@pytest.mark.parametrize("n_edits", [2, 5, 12])
@pytest.mark.parametrize("n_bytes", [0, 1, 4_000, 5_000, 9_000, 13_000, 20_000, 40_000])
def test_many_kills_while_it_writes(tmp_path: Path, n_edits: int, n_bytes: int) -> None:
    """At many moments, between all steps."""
    check(tmp_path, n_edits, n_bytes)
