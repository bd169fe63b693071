"""`list_dir`: what lies in a folder, a bounded part of it."""

import os
from pathlib import Path

import pytest
from context_sources import MemoryEditor
from repositories import write_tree
from tool_calls import call, scene_of, text_of

from victor_server.agent.context.sources import Buffer
from victor_server.agent.tools.list_dir import MAX_ENTRIES, list_dir_tool
from victor_server.errors import SecretBlocked

LIST = list_dir_tool()


async def test_folders_then_files(tmp_path: Path) -> None:
    """What is no file says so; an unsaved document stands last."""
    write_tree(tmp_path, {"b.py": "", "a.py": "", "src/x": "", ".git/x": ""})
    (tmp_path / "link").symlink_to("/etc")
    os.mkfifo(tmp_path / "pipe")
    editor = MemoryEditor(opened=[Buffer(tmp_path / "new.py", "", edited=True)])
    text = await text_of(LIST, scene_of(tmp_path, editor))
    assert text.split("\n") == [
        ".git/",
        "src/",
        "a.py",
        "b.py",
        "link (link)",
        "pipe (pipe)",
        "new.py (not saved)",
    ]


async def test_many_entries_are_cut(tmp_path: Path) -> None:
    """And counted."""
    write_tree(tmp_path, {f"{number:04}": "" for number in range(MAX_ENTRIES + 5)})
    text = await text_of(LIST, scene_of(tmp_path), path=".")
    assert text.endswith("… 5 more; look for names with glob.")
    assert text.count("\n") == MAX_ENTRIES


async def test_what_cannot_be_listed(tmp_path: Path) -> None:
    """A file, an empty folder, a folder that is private as a whole."""
    write_tree(tmp_path, {"a.py": "", ".ssh/config": "", "empty/x/y": ""})
    (tmp_path / "empty/x/y").unlink()
    scene = scene_of(tmp_path)
    assert "Use read_file" in await text_of(LIST, scene, path="a.py")
    assert await text_of(LIST, scene, path="empty/x") == "It is empty."
    with pytest.raises(SecretBlocked):
        await call(LIST, scene, path=".ssh")


async def test_a_name_cannot_write_to_a_terminal(tmp_path: Path) -> None:
    """Names are somebody else's text."""
    (tmp_path / "a\x1b[2J\nb").write_text("")
    assert await text_of(LIST, scene_of(tmp_path)) == "a?[2J?b"


async def test_a_folder_that_has_become_a_link(tmp_path: Path) -> None:
    """Nobody leads the listing elsewhere after it was permitted."""
    write_tree(tmp_path, {"out/private": "", "work/a/b/x": ""})
    for swapped in ("a/b", "a"):
        prepared = LIST.prepare("1", {"path": "a/b"}, scene_of(tmp_path / "work"))
        place = tmp_path / "work" / swapped
        place.rename(tmp_path / f"old{len(swapped)}")
        place.symlink_to(tmp_path / "out")
        (tmp_path / "out/b").mkdir(exist_ok=True)
        (done,) = [each async for each in prepared.run(False)]
        assert getattr(done, "is_error", False)
        place.unlink()
        (tmp_path / f"old{len(swapped)}").rename(place)


async def test_outside_is_said_to_permissions(tmp_path: Path) -> None:
    """A folder outside is listed where that is permitted."""
    write_tree(tmp_path, {"out.txt": "", "work/a": ""})
    scene = scene_of(tmp_path / "work")
    assert LIST.prepare("1", {"path": ".."}, scene).touched.paths == (tmp_path,)
    assert await text_of(LIST, scene, path="..") == "work/\nout.txt"
