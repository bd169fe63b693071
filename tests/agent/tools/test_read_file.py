"""`read_file`: what a person sees, in parts, and nothing that they keep to themselves."""

import os
from pathlib import Path

import pytest
from context_sources import MemoryEditor
from repositories import write_tree
from tool_calls import call, scene_of, text_of

from victor_server.agent.context.sources import Buffer
from victor_server.agent.tools.read_file import MAX_CHARACTERS, MAX_LINES, read_file_tool
from victor_server.errors import SecretBlocked, UsageError

READ = read_file_tool()


async def test_a_whole_file(tmp_path: Path) -> None:
    """Lines with their numbers, nothing else."""
    write_tree(tmp_path, {"a.py": "one\r\ntwo\n"})
    assert await text_of(READ, scene_of(tmp_path), path="a.py") == "a.py\n1\tone\n2\ttwo"


async def test_a_part_of_a_file(tmp_path: Path) -> None:
    """With how much there is."""
    write_tree(tmp_path, {"a.py": "".join(f"{n}\n" for n in range(1, 31))})
    text = await text_of(READ, scene_of(tmp_path), path="a.py", from_line=10, to_line=11)
    assert text == "a.py\n10\t10\n11\t11\n\n30 lines in all."


async def test_the_cut_says_how_to_go_on(tmp_path: Path) -> None:
    """And going on so reads every line once."""
    n_lines = 2 * MAX_LINES + 7
    write_tree(tmp_path, {"a.py": "".join(f"{n}\n" for n in range(1, n_lines + 1))})
    scene, seen, start = scene_of(tmp_path), 0, 1
    while True:
        done = await call(READ, scene, path="a.py", from_line=start)
        ((first, end),) = done.excerpts[0].shown
        assert first == seen
        seen = end
        if "more lines" not in done.text:
            break
        start = int(done.text.rpartition(" ")[2].rstrip("."))
        assert f"{n_lines - end} more lines" in done.text
    assert seen == n_lines


async def test_long_lines_count(tmp_path: Path) -> None:
    """What is shown fits a model; one line always is."""
    write_tree(tmp_path, {"a.txt": ("word " * 100 + "\n") * 400, "b.txt": "word " * 100_000})
    scene = scene_of(tmp_path)
    assert len(await text_of(READ, scene, path="a.txt")) < MAX_CHARACTERS + 1_000
    one = await text_of(READ, scene, path="b.txt")
    assert "more characters" in one
    assert len(one) < 1_000


async def test_the_unsaved_text_is_read(tmp_path: Path) -> None:
    """Also of a document that has no file yet, and of one that was opened by a link."""
    write_tree(tmp_path, {"a.py": "old\n"})
    (tmp_path / "link.py").symlink_to("a.py")
    opened = [
        Buffer(tmp_path / "link.py", "new\r\n", edited=True),
        Buffer(tmp_path / "b.py", "b", edited=True),
    ]
    scene = scene_of(tmp_path, MemoryEditor(opened=opened))
    assert await text_of(READ, scene, path="a.py") == "a.py (not saved)\n1\tnew"
    assert await text_of(READ, scene, path="link.py") == "a.py (not saved)\n1\tnew"
    assert await text_of(READ, scene, path="b.py") == "b.py (not saved)\n1\tb"


async def test_what_is_no_text(tmp_path: Path) -> None:
    """Said, not shown."""
    write_tree(tmp_path, {"a.bin": b"\0\1\2" * 99, "empty.py": "", "d/x": "", "big.log": b"x" * 4_000_001})
    scene = scene_of(tmp_path)
    assert await text_of(READ, scene, path="a.bin") == "a.bin is no text: 297 bytes of something else."
    assert await text_of(READ, scene, path="empty.py") == "empty.py is empty."
    assert "Use list_dir" in await text_of(READ, scene, path="d")
    assert "with grep" in await text_of(READ, scene, path="big.log")
    assert (await call(READ, scene, path="big.log")).is_error


async def test_lines_that_are_not_there(tmp_path: Path) -> None:
    """The model learns how many there are."""
    write_tree(tmp_path, {"a.py": "1\n2\n"})
    done = await call(READ, scene_of(tmp_path), path="a.py", from_line=9)
    assert (done.is_error, done.text) == (True, "a.py has 2 lines.")
    assert (await call(READ, scene_of(tmp_path), path="a.py", from_line=2, to_line=1)).is_error


@pytest.mark.parametrize("written", [".env", "conf/../.env", "link", "keys/id_rsa", "drafts/x.md"])
async def test_private_files(tmp_path: Path, written: str) -> None:
    """Refused before anybody is asked, by whatever name."""
    write_tree(tmp_path, {".env": "A=1", "conf/x": "", "keys/id_rsa": "k", "drafts/x.md": "d"})
    (tmp_path / "link").symlink_to(".env")
    with pytest.raises(SecretBlocked):
        await call(READ, scene_of(tmp_path, private=("drafts/",)), path=written)


async def test_outside_is_said_to_permissions(tmp_path: Path) -> None:
    """What is touched is the real path."""
    write_tree(tmp_path, {"out.txt": "o\n", "work/a": ""})
    (tmp_path / "work/link").symlink_to("../out.txt")
    scene = scene_of(tmp_path / "work")
    for written in ("../out.txt", "link", str(tmp_path / "out.txt")):
        prepared = READ.prepare("1", {"path": written}, scene)
        assert prepared.touched.paths == (tmp_path / "out.txt",)
    assert "1\to" in await text_of(READ, scene, path="../out.txt")


@pytest.mark.parametrize("swapped", ["a.py", "folder"])
async def test_what_has_become_a_link_meanwhile(tmp_path: Path, swapped: str) -> None:
    """Between the permission and the reading, nobody can lead it elsewhere."""
    write_tree(tmp_path, {"out/b.py": "private\n", "work/a.py": "", "work/folder/b.py": "public\n"})
    scene = scene_of(tmp_path / "work")
    path = "a.py" if swapped == "a.py" else "folder/b.py"
    prepared = READ.prepare("1", {"path": path}, scene)
    (tmp_path / "work" / swapped).rename(tmp_path / "work/old")
    (tmp_path / "work" / swapped).symlink_to(tmp_path / ("out/b.py" if swapped == "a.py" else "out"))
    (done,) = [each async for each in prepared.run(False)]
    assert getattr(done, "is_error", False)
    assert "private" not in repr(getattr(done, "text", ""))
    assert not getattr(done, "excerpts", ())


async def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    """Also one that came in the place of a file."""
    write_tree(tmp_path, {"a.py": "", "out.txt": ""})
    prepared = READ.prepare("1", {"path": "a.py"}, scene_of(tmp_path))
    (tmp_path / "a.py").unlink()
    os.mkfifo(tmp_path / "a.py")
    (done,) = [each async for each in prepared.run(False)]
    assert getattr(done, "is_error", False)
    with pytest.raises(UsageError):
        await call(READ, scene_of(tmp_path), path="a.py")
