"""`grep`: lines that match, of all that a person works on, and an end to every pattern."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from context_sources import MemoryEditor
from repositories import make_repository, write_tree
from secrets_samples import pem_key
from tool_calls import call, scene_of, text_of

from victor_server.agent.context.sources import Buffer
from victor_server.agent.tools.grep import MAX_LINES, MAX_LINES_OF_FILE, Limits, grep_tool
from victor_server.errors import SecretBlocked, UsageError

GREP = grep_tool()


async def test_lines_that_match(tmp_path: Path) -> None:
    """By file, with their numbers."""
    write_tree(tmp_path, {"a.py": "x = 1\ny = 2\nx = 3\n", "src/b.py": "import x\n", "c.py": "nothing\n"})
    text = await text_of(GREP, scene_of(tmp_path), pattern=r"\bx\b")
    assert text == "a.py\n1\tx = 1\n…\n3\tx = 3\n\nsrc/b.py\n1\timport x"


async def test_context_case_glob_and_path(tmp_path: Path) -> None:
    """What a person would give grep as options."""
    write_tree(tmp_path, {"a.py": "1\n2\nHIT\n4\n5\nhit\n", "a.md": "hit\n", "d/b.py": "hit\n"})
    scene = scene_of(tmp_path)
    text = await text_of(GREP, scene, pattern="hit", ignore_case=True, context=1, glob="*.py")
    assert text == "a.py\n2\t2\n3\tHIT\n4\t4\n5\t5\n6\thit\n\nd/b.py\n1\thit"
    assert await text_of(GREP, scene, pattern="hit", path="d") == "d/b.py\n1\thit"
    assert await text_of(GREP, scene, pattern="hit", path="a.md") == "a.md\n1\thit"
    assert await text_of(GREP, scene, pattern="miss") == "Nothing matches."


async def test_ignored_files_are_searched_only_by_name(tmp_path: Path) -> None:
    """As the index does, git's rules and ours."""
    files = {
        ".gitignore": "out/\n",
        ".victorignore": "gen.py\n",
        "out/a.py": "hit\n",
        "gen.py": "hit\n",
        "b.py": "hit\n",
    }
    scene = scene_of(make_repository(tmp_path / "r", files))
    assert await text_of(GREP, scene, pattern="hit") == "b.py\n1\thit"
    assert await text_of(GREP, scene, pattern="hit", path="out/a.py") == "out/a.py\n1\thit"
    assert "All of out is ignored" in await text_of(GREP, scene, pattern="hit", path="out")
    excluding = grep_tool(("b.py",))
    assert await text_of(excluding, scene, pattern="hit") == "Nothing matches."


async def test_unsaved_text_is_searched(tmp_path: Path) -> None:
    """In the place of the file's, and where there is no file yet."""
    write_tree(tmp_path, {"a.py": "old\n"})
    opened = [
        Buffer(tmp_path / "a.py", "new\n", edited=True),
        Buffer(tmp_path / "b.py", "new\n", edited=True),
    ]
    scene = scene_of(tmp_path, MemoryEditor(opened=opened))
    assert await text_of(GREP, scene, pattern="new") == "a.py\n1\tnew\n\nb.py\n1\tnew"
    assert await text_of(GREP, scene, pattern="old") == "Nothing matches."


async def test_many_matches_are_cut_and_counted(tmp_path: Path) -> None:
    """One file does not push the others out."""
    write_tree(tmp_path, {f"{name}.txt": "hit\n" * 60 for name in "abcdef"})
    done = await call(GREP, scene_of(tmp_path), pattern="hit")
    shown = [sum(end - start for start, end in each.shown) for each in done.excerpts]
    assert shown == [MAX_LINES_OF_FILE] * 3 + [MAX_LINES - 3 * MAX_LINES_OF_FILE]
    assert done.excerpts[0].note == "30 more matches here"
    assert done.text == f"… {360 - MAX_LINES} more matches in 6 files; narrow the search."


@pytest.mark.parametrize("pattern", ["(", "a{2,1}", "[z-a]", r"\p{L}", "(?P<a", "*" * 50])
async def test_what_is_no_pattern(tmp_path: Path, pattern: str) -> None:
    """The model is told what is wrong with it."""
    write_tree(tmp_path, {"a": "x"})
    done = await call(GREP, scene_of(tmp_path), pattern=pattern)
    assert done.is_error
    assert "not a regular expression" in done.text


async def test_a_pattern_that_never_ends_is_ended(tmp_path: Path) -> None:
    """With its process; what was found before is told."""
    write_tree(tmp_path, {"a.txt": "aaab\n", "b.txt": "a" * 60 + "!\n"})
    impatient = grep_tool(limits=Limits(time_s=1.5))
    done = await call(impatient, scene_of(tmp_path), pattern="(a|a|aa)+b$")
    assert "stopped after 1.5 s" in done.text
    assert [each.path for each in done.excerpts] == ["a.txt"]
    assert not _children()


async def test_a_cancel_ends_the_search(tmp_path: Path) -> None:
    """Nothing goes on behind the back of who took it back."""
    write_tree(tmp_path, {"b.txt": "a" * 60 + "!\n"})
    task = asyncio.create_task(call(GREP, scene_of(tmp_path), pattern="(a|a|aa)+b$"))
    while not _children():  # noqa: ASYNC110  # a process that begins tells nobody
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not _children()


def _children() -> list[psutil.Process]:
    """Searches of ours that run."""
    found = []
    for each in psutil.Process().children():
        with suppress(psutil.Error):  # it ends while it is looked at
            if "grep_child" in " ".join(each.cmdline()):
                found.append(each)
    return found


async def test_private_files_are_not_searched(tmp_path: Path) -> None:
    """Nor are links followed to them; that some were left out is said."""
    files = {".env": "hit=1\n", "drafts/a.txt": "hit\n", "a.txt": "hit\n", "keys/id_rsa": "hit\n"}
    write_tree(tmp_path, files)
    (tmp_path / "link.txt").symlink_to(".env")
    scene = scene_of(tmp_path, private=("drafts/",))
    assert await text_of(GREP, scene, pattern="hit") == "a.txt\n1\thit\n\n3 private files were not searched."
    for path in (".env", "link.txt"):
        with pytest.raises(SecretBlocked):
            await call(GREP, scene, pattern="hit", path=path)


async def test_a_workspace_in_a_private_folder(tmp_path: Path) -> None:
    """Everything in it is private, and the search says no line of it."""
    write_tree(tmp_path, {".ssh/work/a.txt": "hit\n"})
    assert "hit" not in await text_of(GREP, scene_of(tmp_path / ".ssh/work"), pattern="h.t")


async def test_a_secret_is_not_found_by_its_middle(tmp_path: Path) -> None:
    """The model sees that a line matches, not what the secret is."""
    key = pem_key(n_lines=20)
    write_tree(tmp_path, {"a.py": f"key = '''{key}'''\n"})
    text = await text_of(GREP, scene_of(tmp_path), pattern=key.split("\n")[9][:10].replace("+", "."))
    assert "a.py" in text
    assert not any(line in text for line in key.split("\n")[1:-1])


async def test_only_the_workspace_is_searched(tmp_path: Path) -> None:
    """Neither by a path nor by a link."""
    write_tree(tmp_path, {"out/a.txt": "hit\n", "work/b.txt": "hit\n"})
    (tmp_path / "work/link").symlink_to("../out")
    scene = scene_of(tmp_path / "work")
    assert await text_of(GREP, scene, pattern="hit") == "b.txt\n1\thit"
    for path in ("..", "link", "/etc", "link/a.txt"):
        with pytest.raises(UsageError, match="leads out"):
            await call(GREP, scene, pattern="hit", path=path)


async def test_odd_files(tmp_path: Path) -> None:
    """Pipes do not block, binary files are passed over, endless lines are counted."""
    write_tree(
        tmp_path,
        {"a.bin": b"\0hit\n", "long.js": "hit " * 5_000, "é.txt": "hit\n", "latin.txt": b"hit \xe9\n"},
    )
    os.mkfifo(tmp_path / "pipe")
    text = await text_of(GREP, scene_of(tmp_path), pattern="hit")
    assert text == "latin.txt\n1\thit é\n\nlong.js\n1\t(a line of 20000 characters)\n\né.txt\n1\thit"


async def test_names_with_line_ends(tmp_path: Path) -> None:
    """They are told in one line, each beside its own text."""
    write_tree(tmp_path, {"a\nb.txt": "hit one\n", "c.txt": "hit two\n"})
    text = await text_of(GREP, scene_of(tmp_path), pattern="hit")
    assert text == "a?b.txt\n1\thit one\n\nc.txt\n1\thit two"
