"""The first question about a folder waits for its index, for a while and once."""

import asyncio
import sys
from pathlib import Path

import pytest

from victor_indexer.client import WorkerCommand
from victor_server.errors import Unavailable
from victor_server.features import context_index
from victor_server.features.context_index import ContextIndex
from victor_server.features.workspace_index import IndexOptions, WorkspaceIndex


class Building(WorkspaceIndex):
    """An index that is never built; `asked` counts who waits for it."""

    asked = 0
    trouble: Unavailable | None = None

    async def settled(self, root: Path) -> None:
        self.asked += 1
        if self.trouble is not None:
            raise self.trouble
        await asyncio.Event().wait()


@pytest.fixture
def building(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Building:
    """It starts no worker."""
    monkeypatch.setattr(context_index, "READY_WAIT_S", 0.01)
    return Building(tmp_path, WorkerCommand((sys.executable,), {}), IndexOptions(1000, ()), enabled=True)


async def test_one_question_waits_and_not_for_ever(building: Building, tmp_path: Path) -> None:
    """The next one takes what there is; another folder is waited for by itself."""
    index = ContextIndex(building)
    await index.ready(tmp_path)
    await index.ready(tmp_path)
    assert building.asked == 1
    await index.ready(tmp_path / "other")
    assert building.asked == 2


async def test_trouble_is_left_to_the_search(building: Building, tmp_path: Path) -> None:
    """Waiting never fails a question."""
    building.trouble = Unavailable("That folder is not open.")
    await ContextIndex(building).ready(tmp_path)


async def test_no_question_begins_to_index_a_whole_home(building: Building, tmp_path: Path) -> None:
    """The folder that holds all of a person's files, or one around it, is left alone; a repository there is not."""
    home = tmp_path / "home" / "ada"
    (home / "project").mkdir(parents=True)
    index = ContextIndex(building, opens=True, user_folder=home)
    for root in (home, home.parent, Path("/")):
        with pytest.raises(Unavailable, match="all of your files"):
            await index.search(root, "x", 3)
    await index.ready(home.parent)
    assert building.asked == 0
    await index.ready(home / "project")
    (home / ".git").mkdir()
    await index.ready(home)
    assert building.asked == 2
    await index.close()
