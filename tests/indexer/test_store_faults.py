"""The table stays whole through kills and a full disk."""

import contextlib
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from indexer_stored import parsed

from victor_indexer.errors import DiskFull
from victor_indexer.model import ParsedFile
from victor_indexer.store import Store, open_store

TESTS = Path(__file__).parents[1]
N_FILES = 12

WRITER = """
import sys
sys.path[:0] = sys.argv[1:3]
from pathlib import Path
from test_store_faults import batch
from victor_indexer.store import open_store
store = open_store(Path(sys.argv[3]))
for number in range(int(sys.argv[4]), 10_000):
    print(number, flush=True)
    store.replace(batch(number), [])
    if number % 4 == 3:
        store.optimize()
"""


def batch(number: int) -> list[ParsedFile]:
    """Return round `number` of all files: the number of chunks and their text tell the round."""
    return [
        parsed(f"f{file}.py", *[f"round{number} file{file} " * 20] * (1 + (number + file) % 3))
        for file in range(N_FILES)
    ]


def rounds_in(store: Store) -> set[int]:
    """Return the rounds that the stored texts are of."""
    texts = [text for file in range(N_FILES) for text in store.texts(f"f{file}.py").values()]
    return {int(text.split()[0].removeprefix("round")) for text in texts}


def kill_while_writing(folder: Path, first: int, random_: random.Random) -> int:
    """Let another process write from round `first` on, kill it at a random moment, return the round it had begun."""
    arguments = [
        sys.executable,
        "-P",
        "-c",
        WRITER,
        str(TESTS),
        str(Path(__file__).parent),
        str(folder),
        str(first),
    ]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, encoding="utf-8") as writer:
        assert writer.stdout is not None
        for _ in range(random_.randint(1, 12)):
            writer.stdout.readline()
        with contextlib.suppress(subprocess.TimeoutExpired):
            writer.wait(random_.random() * 0.05)
        writer.kill()
        last = first
        for line in writer.stdout:
            last = int(line)
    return last


def check_kills(folder: Path, n_kills: int, seed: int) -> None:
    random_ = random.Random(seed)
    following = 0
    for _ in range(n_kills):
        begun = kill_while_writing(folder, following, random_)
        store = open_store(folder)
        rounds = rounds_in(store)
        assert len(rounds) <= 1, "a batch was torn"
        last = max(rounds, default=-1)
        assert following - 1 <= last <= max(begun, following) + 12
        assert store.verify({file.path: len(file.chunks) for file in batch(last)} if rounds else {}) == []
        store.optimize()
        with store.snapshot() as snapshot:
            found, _ = snapshot.retrieve((f"round{last}",), 100)
        assert len(found) == store.count()
        store.close()
        following = last + 1


def test_a_kill_leaves_whole_batches(tmp_path: Path) -> None:
    """Killed at any moment, optimizing included, the table holds one round of all files: no chunk lost, none double."""
    check_kills(tmp_path, 4, seed=1)


@pytest.mark.torture
def test_many_kills_leave_whole_batches(tmp_path: Path) -> None:
    """The same a hundred times."""
    check_kills(tmp_path, 100, seed=2)


@pytest.fixture
def little_space() -> Iterator[None]:
    """Let no file grow beyond 32 KB: writing then fails as it does on a full disk."""
    resource = pytest.importorskip("resource", reason="only POSIX systems can limit the size of files")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (32_768, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def noise(random_: random.Random) -> str:
    """Return text that no compression makes small."""
    return "".join(chr(random_.randint(33, 126)) for _ in range(60_000))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path)
    opened.replace([parsed("a.py", "apple"), parsed("b.py", "banana")], [])
    opened.optimize()
    yield opened
    opened.close()


def test_a_full_disk_is_said_and_nothing_is_lost(store: Store, little_space: None) -> None:
    """A batch that does not fit raises DiskFull; the table and its tail are as before, and smaller batches go on."""
    random_ = random.Random(3)
    with pytest.raises(DiskFull):
        store.replace([parsed("a.py", noise(random_)), parsed("c.py", noise(random_))], ["b.py"])
    assert store.verify({"a.py": 1, "b.py": 1}) == []
    assert (store.fresh_count(), store.paths()) == (0, {"a.py", "b.py"})
    store.replace([parsed("a.py", "apricot")], [])
    assert store.texts("a.py") == {0: "apricot"}


def test_a_full_disk_while_optimizing_leaves_the_old_index(
    store: Store, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The next generation that does not fit is removed; the one before answers, and committing goes on."""
    random_ = random.Random(4)
    for name in "cdef":
        store.replace([parsed(f"{name}.py", noise(random_))], [])
    request.getfixturevalue("little_space")
    with pytest.raises(DiskFull):
        store.optimize()
    assert [entry.name for entry in tmp_path.glob("g*")] == ["g000001"]
    assert store.fresh_count() == 4
    store.replace([parsed("a.py", "apricot")], [])
    assert store.verify(dict.fromkeys(("a.py", "b.py", "c.py", "d.py", "e.py", "f.py"), 1)) == []
