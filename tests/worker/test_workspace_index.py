"""The index as the event loop sees it: roots that come and go, requests that are taken back, a worker that is not there."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from worker.indexing import worker_command, write_tree

from victor_indexer.client import WorkerCommand
from victor_indexer.errors import IndexerError
from victor_indexer.model import Broken, Status
from victor_server.features import context_index
from victor_server.features.context_index import ContextIndex
from victor_server.features.workspace_index import IndexOptions, WorkspaceIndex

OPTIONS = IndexOptions(1_000_000, ())


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "root", {"a.py": "def first_thing(): ...\n"})


@pytest.fixture
async def index(home: Path) -> AsyncIterator[WorkspaceIndex]:
    index = WorkspaceIndex(home, worker_command(home, leave_after_s=0.5), OPTIONS, enabled=True)
    yield index
    await index.close()


async def until(condition: Callable[[], Any]) -> None:
    """Look again until `condition` holds."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - another process sets no event here
            await asyncio.sleep(0.01)


async def symbols(index: WorkspaceIndex, query: str) -> list[str]:
    found = await index.search(query, k=5, root=None)
    return [each.hit.symbol for each in found.hits]


async def until_found(index: WorkspaceIndex, name: str) -> None:
    async with asyncio.timeout(60):
        while name not in await symbols(index, name):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.05)


async def test_a_root_whose_opening_was_taken_back_can_be_opened(index: WorkspaceIndex, root: Path) -> None:
    """The request that happened to open a folder may be cancelled; the next one opens it all the same."""
    opening = asyncio.create_task(index.open(root))
    await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    await index.open(root)
    assert [status.root for status in await index.status()] == [str(root)]
    await until_found(index, "first_thing")


async def test_closing_a_root_takes_its_buffers_along(index: WorkspaceIndex, root: Path) -> None:
    """Nothing of a closed root is kept, or sent to a later worker."""
    await index.open(root)
    await index.overlay(root / "a.py", "def drafted(): ...\n", 1)
    await until_found(index, "drafted")
    await index.close_root(root)
    assert index._client._kept == {}
    await index.open(root)
    await until_found(index, "first_thing")
    assert "drafted" not in await symbols(index, "drafted")


async def test_a_buffer_belongs_to_the_innermost_root(index: WorkspaceIndex, root: Path) -> None:
    """A buffer that was laid over an outer root goes from there when an inner root takes it over."""
    inner = write_tree(root / "inner", {"b.py": "def inside(): ...\n"})
    await index.open(root)
    await index.overlay(inner / "b.py", "def drafted_outside(): ...\n", 1)
    await index.open(inner)
    await index.overlay(inner / "b.py", "def drafted_inside(): ...\n", 2)
    await until_found(index, "drafted_inside")
    assert "drafted_outside" not in await symbols(index, "drafted_outside")
    await index.overlay(inner / "b.py", None, 3)
    await until_found(index, "inside")
    assert index._client._kept.keys() == {("open", str(root)), ("open", str(inner))}


async def test_an_older_buffer_does_not_come_back(index: WorkspaceIndex, root: Path) -> None:
    """A buffer that is late is ignored, also when a newer one has been taken away since."""
    await index.open(root)
    await index.overlay(root / "a.py", "def second(): ...\n", 2)
    await index.overlay(root / "a.py", None, 3)
    await index.overlay(root / "a.py", "def first_draft(): ...\n", 1)
    await until_found(index, "first_thing")
    assert "first_draft" not in await symbols(index, "first_draft")


async def test_one_lost_root_does_not_keep_the_others_from_answering(
    index: WorkspaceIndex, root: Path, tmp_path: Path
) -> None:
    """The hits of the folders that are there come, and are said to be partial; with none left it is an error."""
    lost = tmp_path / "lost"
    await index.open(lost)
    with pytest.raises(IndexerError):
        await index.search("first_thing", k=5, root=None)
    await index.open(root)
    await until_found(index, "first_thing")
    found = await index.search("first_thing", k=5, root=None)
    assert found.partial
    assert [each.located.symbol.name for each in await index.workspace_symbols("first", limit=5)] == [
        "first_thing"
    ]


async def test_the_best_symbols_of_all_roots_come_first(
    index: WorkspaceIndex, root: Path, tmp_path: Path
) -> None:
    """A root with many poor matches does not push out another one's exact match."""
    write_tree(root, {f"{n}.py": f"def one_thing_{n}(): ...\n" for n in range(5)})
    other = write_tree(tmp_path / "other", {"b.py": "def thing(): ...\n"})
    for each in (root, other):
        await index.open(each)
    await until_found(index, "one_thing_4")
    await until(lambda: {known.status.state for known in index._roots.values()} == {"ready"})
    found = await index.workspace_symbols("thing", limit=3)
    assert "thing" in [each.located.symbol.name for each in found]


async def test_two_names_of_one_folder(index: WorkspaceIndex, root: Path, tmp_path: Path) -> None:
    """Closing a link to a folder that is open by its own name too closes the link only."""
    link = tmp_path / "link"
    link.symlink_to(root)
    await index.open(root)
    await index.open(link)
    await until_found(index, "first_thing")
    await index.close_root(link)
    assert index._client._kept.keys() == {("open", str(root))}
    await until_found(index, "first_thing")


async def test_pausing_is_seen_when_it_is_answered(index: WorkspaceIndex, root: Path) -> None:
    """The status that a request brings about is known by the time of its answer."""
    await index.open(root)
    await until_found(index, "first_thing")
    for _ in range(5):
        await index.pause()
        assert [status.state for status in await index.status()] == ["paused"]
        await index.resume()
        assert [status.state for status in await index.status()] != ["paused"]


async def test_a_long_text_is_parsed_by_the_worker(index: WorkspaceIndex) -> None:
    """No folder needs to be open for it."""
    context = ContextIndex(index)
    text = "x = 1\n" * 30_000
    assert await context.broken_in("src/long.py", text) == []
    assert await context.broken_in("src/long.py", f"{text}def f(:\n    pass\n") == [
        Broken(30_000, 30_000, ")")
    ]
    assert await context.broken_in("src/long.unknown", text) is None


async def test_nobody_to_parse_a_long_text(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a worker nothing is known of it, and a change does not fail for that."""
    monkeypatch.setattr(context_index, "PARSE_WAIT_S", 0.01)
    index = WorkspaceIndex(
        home, WorkerCommand([sys.executable, "-c", "raise SystemExit(3)"]), OPTIONS, enabled=True
    )
    assert await ContextIndex(index).broken_in("src/long.py", "x = 1\n") is None
    await index.close()


async def test_a_worker_that_cannot_be_had_is_a_status(home: Path, root: Path) -> None:
    """Each root says that it is served by nobody, and why."""
    command = WorkerCommand([sys.executable, "-c", "raise SystemExit(3)"])
    index = WorkspaceIndex(home, command, OPTIONS, enabled=True)
    told: list[Status] = []
    end = index.subscribe(told.append)
    try:
        await index.open(root)
        await until(lambda: told)
        assert {(status.root, status.state) for status in told} == {(str(root), "error")}
        assert "worker" in told[-1].detail
    finally:
        await index.close()
    end()
    end()


async def test_nothing_waits_for_a_worker_that_is_starting(home: Path, root: Path) -> None:
    """Opening, closing, buffers and the status answer at once while there is no worker yet."""
    waits = "import os, time\nparent = os.getppid()\nwhile os.getppid() == parent: time.sleep(0.05)"
    command = WorkerCommand([sys.executable, "-c", waits])  # no longer than the tests
    index = WorkspaceIndex(home, command, OPTIONS, enabled=True)
    async with asyncio.timeout(30):
        await index.open(root)
        await index.overlay(root / "a.py", "a = 1\n", 1)
        assert [status.state for status in await index.status()] == ["scanning"]
        await index.close_root(root)
        await index.close()


async def test_a_root_that_is_a_link_answers_by_its_real_path_too(
    index: WorkspaceIndex, root: Path, tmp_path: Path
) -> None:
    """Tools know a workspace by where it really is, an editor by how it was opened."""
    link = tmp_path / "link"
    link.symlink_to(root)
    await index.open(link)
    await until_found(index, "first_thing")
    real = root.resolve()  # noqa: ASYNC240 - a look at the disk is all there is to wait for
    (found,) = await index.find_symbols(real, "first_thing", limit=3)
    assert found.path == "a.py"


async def test_the_outline_of_a_text_that_is_no_file(index: WorkspaceIndex, root: Path) -> None:
    """Its name tells the language."""
    await index.open(root)
    outlined = await ContextIndex(index).outline("src/new.py", "class A:\n    def f(self): ...\n")
    assert [(each.kind, each.name) for each in outlined] == [("class", "A"), ("method", "f")]
