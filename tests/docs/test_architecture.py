"""What ARCHITECTURE.md points at is there, and every room stands in it."""

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
TEXT = (REPOSITORY / "ARCHITECTURE.md").read_text("utf-8")
SERVER, INDEXER = REPOSITORY / "server/victor_server", REPOSITORY / "indexer/victor_indexer"


def named() -> list[tuple[str, list[Path]]]:
    """Each path in the tables of where things are, and the files and folders that it may be."""
    found = []
    tables = TEXT.partition("### Where things are")[2].partition("### Invariants")[0]
    for row in (line for line in tables.splitlines() if line.startswith("| ")):
        folder = ""
        for path in re.findall(r"`([\w./-]+(?:\.py|/))`", row.split("|")[2]):
            places = [base / inner / path for base in (SERVER, INDEXER) for inner in ("", folder)]
            found.append((path, [*places, REPOSITORY / path]))
            folder = path if path.endswith("/") else folder
    return found


@pytest.mark.parametrize(("path", "places"), named(), ids=[path for path, _ in named()])
def test_a_path_is_there(path: str, places: list[Path]) -> None:
    """In one of the packages, or in the folder that its row has named."""
    assert any(place.exists() for place in places), path


@pytest.mark.parametrize("room", sorted(each.name for each in SERVER.iterdir() if each.is_dir()))
def test_every_room_stands_in_the_picture(room: str) -> None:
    """With a few words on what it holds."""
    if room != "__pycache__":
        picture = TEXT.partition("## Rooms")[2].partition("### Where")[0]
        assert re.search(rf"^ (?:\w+ │ )?{room}\b", picture, re.MULTILINE), room
