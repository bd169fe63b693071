"""Run inside a mount namespace by test_full_disk: an index on a disk that fills up, and is emptied again."""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import pytest
from worker.indexing import assert_whole, connected, end_worker, found, index, write_tree

from victor_indexer.errors import DiskFull

N_FILES = 400


def main() -> None:
    """The scenario; raises AssertionError where it does not go as it should."""
    disk, root = Path(sys.argv[1]), Path(sys.argv[2])
    home = disk / "home"
    home.mkdir(mode=0o700)
    told: list[str] = []

    def on_event(name: str, params: dict[str, Any]) -> None:
        if params.get("state") == "error" and (not told or told[-1] != params["detail"]):
            told.append(params["detail"])

    write_tree(root, {"first.py": "def first_thing(): ...\n"})
    with connected(home, on_event) as client:
        index(client, root)
        write_tree(root, {f"file{n}.py": _source(n) for n in range(N_FILES)})
        filler = fill(disk)
        for _ in range(2):
            with pytest.raises(DiskFull, match="space"):
                index(client, root)
        assert found(client, root, "first_thing")[0] == "first_thing"
        assert len(set(told)) == 1, told
        filler.unlink()
        assert index(client, root)["files"] == N_FILES + 1
        assert found(client, root, f"thing_{N_FILES - 1}")[0] == f"thing_{N_FILES - 1}"
        end_worker(client, home)
    assert_whole(home, root)


def fill(disk: Path) -> Path:
    """Take all the space that is left."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        size = 1 << 20
        while size >= 512:
            try:
                file.write(b"\0" * size)
            except OSError:
                size //= 2
    return filler


def _source(number: int) -> str:
    return f"def thing_{number}():\n" + "".join(f"    value_{number}_{n} = {n}\n" for n in range(100))


if __name__ == "__main__":
    main()
