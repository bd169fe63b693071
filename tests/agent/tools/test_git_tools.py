"""git's tools: real repositories, nothing that they configure is run, and nothing private is shown."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from context_sources import MemoryEditor
from repositories import make_repository, run_git, write_tree
from tool_calls import call, scene_of, text_of

from victor_server.agent.context.git_history import commit_named
from victor_server.agent.context.git_program import git_program
from victor_server.agent.context.sources import Buffer
from victor_server.agent.tools.git import (
    MAX_CHARACTERS,
    git_blame_tool,
    git_diff_tool,
    git_log_tool,
    git_status_tool,
)
from victor_server.errors import SecretBlocked, UsageError

STATUS, DIFF, LOG, BLAME = git_status_tool(), git_diff_tool(), git_log_tool(), git_blame_tool()
CALLS: list[tuple[Any, dict[str, Any]]] = [
    (STATUS, {}),
    (DIFF, {}),
    (DIFF, {"scope": "staged"}),
    (DIFF, {"scope": "branch"}),
    (DIFF, {"commit": "HEAD"}),
    (LOG, {}),
    (LOG, {"path": "a.txt"}),
    (BLAME, {"path": "a.txt"}),
]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits."""
    files = {"a.txt": "one\n", "lib/b.txt": "two\n"}
    root = make_repository(tmp_path / "work", files, tracked=(".",))
    run_git(root, "commit", "-q", "-m", "Begin", "-m", "a body")
    write_tree(root, {"a.txt": "one\nmore\n"})
    run_git(root, "commit", "-q", "-am", "Add more")
    return root


async def test_status(repository: Path) -> None:
    """In words, with what the editor has not saved."""
    write_tree(repository, {"a.txt": "x\n", "new.txt": "", "staged.txt": "s"})
    run_git(repository, "add", "staged.txt")
    run_git(repository, "mv", "lib/b.txt", "lib/c.txt")
    editor = MemoryEditor(opened=[Buffer(repository / "open.py", "", edited=True)])
    text = await text_of(STATUS, scene_of(repository, editor))
    assert text.split("\n") == [
        "On main",
        "a.txt: changed (not staged)",
        "lib/c.txt: renamed (staged) from lib/b.txt",
        "staged.txt: added (staged)",
        "new.txt: new",
        "Not saved in the editor: open.py",
    ]


async def test_status_of_a_part_of_a_repository(repository: Path) -> None:
    """Only what lies in the workspace, by its path there."""
    write_tree(repository, {"a.txt": "x\n", "lib/b.txt": "x\n"})
    assert await text_of(STATUS, scene_of(repository / "lib")) == "On main\nb.txt: changed (not staged)"
    run_git(repository, "checkout", "-q", ".")
    assert await text_of(STATUS, scene_of(repository)) == "On main\nNothing differs."


async def test_diff(repository: Path) -> None:
    """All, of one path, or of a commit."""
    write_tree(repository, {"a.txt": "one\nchanged\n", "lib/b.txt": "x\n"})
    scene = scene_of(repository)
    both = await text_of(DIFF, scene)
    assert "+changed\n" in both
    assert "b/lib/b.txt" in both
    assert "a.txt" not in await text_of(DIFF, scene, path="lib")
    begun = await text_of(DIFF, scene, commit="HEAD~1")
    assert "Begin\n\na body\ndiff --git" in begun
    assert "+two" in begun
    added = await text_of(DIFF, scene, commit="main")
    assert "+more" in added
    assert "+one" not in added


async def test_a_large_diff_names_what_it_leaves_out(repository: Path) -> None:
    """So that it can be asked for."""
    write_tree(repository, {"a.txt": "some text\n" * MAX_CHARACTERS, "lib/b.txt": "x\n"})
    text = await text_of(DIFF, scene_of(repository))
    assert text.endswith("… changed as well, ask by path: a.txt")
    assert "+x" in text


async def test_a_deleted_file_can_be_asked_for(repository: Path) -> None:
    """It is in the past."""
    run_git(repository, "rm", "-q", "lib/b.txt")
    run_git(repository, "commit", "-q", "-m", "Remove b")
    scene = scene_of(repository)
    assert "-two" in await text_of(DIFF, scene, commit="HEAD", path="lib/b.txt")
    assert "Remove b" in await text_of(LOG, scene, path="lib/b.txt")


async def test_log(repository: Path) -> None:
    """A line for each commit, newest first."""
    lines = (await text_of(LOG, scene_of(repository))).split("\n")
    assert [line.split(" ", 2)[2] for line in lines] == ["t: Add more", "t: Begin"]
    assert (await text_of(LOG, scene_of(repository), path="lib")).endswith("t: Begin")
    assert len((await text_of(LOG, scene_of(repository), limit=1)).split("\n")) == 1
    assert await text_of(LOG, scene_of(repository), path="*.txt") == "There are no such commits."


async def test_blame(repository: Path) -> None:
    """Runs of lines, and what is not committed."""
    write_tree(repository, {"a.txt": "one\nmore\nnew\n"})
    editor = MemoryEditor(opened=[Buffer(repository / "a.txt", "", edited=True)])
    lines = (await text_of(BLAME, scene_of(repository, editor), path="a.txt")).split("\n")
    assert lines[0].startswith("1 ")
    assert lines[0].endswith(" t: Begin")
    assert lines[1].endswith(" t: Add more")
    assert lines[2] == "3 not committed yet"
    assert "newer text" in lines[3]
    done = await call(BLAME, scene_of(repository), path="a.txt", from_line=99)
    assert done.is_error


async def test_before_the_first_commit_and_without_a_repository(tmp_path: Path) -> None:
    """Said, not failed."""
    root = make_repository(tmp_path / "empty", {"a.txt": "x\n"})
    assert await text_of(LOG, scene_of(root)) == "There are no such commits."
    assert await text_of(STATUS, scene_of(root)) == "On No commits yet on main\na.txt: new"
    write_tree(tmp_path, {"none/a.txt": ""})
    for tool, arguments in CALLS:
        done = await call(tool, scene_of(tmp_path / "none"), **arguments)
        assert done.is_error
        assert str(tmp_path) not in done.text


@pytest.mark.parametrize(
    "revision",
    ["--output=x", "-p", "HEAD..main", ":/Begin", "HEAD:a.txt", "nothing", "HEAD\n", "$(x)", "a b", ""],
)
def test_what_is_no_commit(repository: Path, revision: str) -> None:
    """Nothing that a model writes becomes an option or a range."""
    with pytest.raises(UsageError, match="no such commit"):
        commit_named(git_program(), repository, revision)


async def test_private_files_are_in_no_patch(repository: Path) -> None:
    """Neither by their name now nor by the one before."""
    write_tree(repository, {".env": "A=1\n", "drafts/x": "d\n"})
    run_git(repository, "add", "-f", ".")
    run_git(repository, "commit", "-q", "-m", "Add private")
    run_git(repository, "mv", ".env", "plain.txt")
    scene = scene_of(repository, private=("drafts/",))
    for arguments in ({"commit": "HEAD"}, {"scope": "changes"}):
        text = await text_of(DIFF, scene, **arguments)
        assert "A=1" not in text
        assert "+d" not in text
        assert "private files are not shown" in text
    for tool in (DIFF, BLAME, LOG):
        with pytest.raises(SecretBlocked):
            await call(tool, scene, path="drafts/x")


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "link/x"])
async def test_only_the_workspace(repository: Path, path: str) -> None:
    """Also where the repository is larger than it."""
    (repository / "lib/link").symlink_to("..")
    for tool in (DIFF, LOG, BLAME):
        with pytest.raises(UsageError, match="leads out"):
            await call(tool, scene_of(repository / "lib"), path=path)


@pytest.mark.skipif(sys.platform == "win32", reason="the traps are shell commands")
async def test_nothing_that_a_repository_configures_is_run(repository: Path) -> None:
    """Filters, monitors, hooks, external diffs, text conversions, pagers and signers leave no mark."""
    mark = repository.parent / "mark"
    trap = f"sh -c 'touch {mark}; cat'"
    write_tree(repository, {".gitattributes": "* filter=evil diff=evil\n", "a.txt": "changed\n"})
    keys = (
        "diff.evil.command",
        "diff.evil.textconv",
        "diff.external",
        "core.fsmonitor",
        "core.pager",
        "gpg.program",
    )
    filters = ("filter.evil.clean", "filter.evil.smudge", "filter.evil.process")
    for name in (*keys, *filters, "pager.log", "pager.blame", "pager.status", "interactive.diffFilter"):
        run_git(repository, "config", name, trap)
    for name in ("log.showSignature", "blame.showEmail", "status.submoduleSummary"):
        run_git(repository, "config", name, "true")
    write_tree(repository, {"hooks/post-index-change": f"#!/bin/sh\ntouch {mark}\n"})
    (repository / "hooks/post-index-change").chmod(0o755)
    run_git(repository, "config", "core.hooksPath", str(repository / "hooks"))
    run_git(repository, "branch", "main-before", "HEAD~1")
    run_git(repository, "config", "branch.main.remote", ".")
    run_git(repository, "config", "branch.main.merge", "refs/heads/main-before")
    for tool, arguments in CALLS:
        done = await call(tool, scene_of(repository), **arguments)
        assert not done.is_error, (tool.name, done.text)
        assert not mark.exists(), tool.name


@pytest.mark.skipif(sys.platform == "win32", reason="the trap is a shell command")
def test_the_trap_of_the_test_above_is_one(repository: Path) -> None:
    """Plain git does run what blame is told to."""
    mark = repository.parent / "mark"
    write_tree(repository, {".gitattributes": "* diff=evil\n"})
    run_git(repository, "config", "diff.evil.textconv", f"sh -c 'touch {mark}; cat $0'")
    run_git(repository, "blame", "a.txt")
    assert mark.exists()


async def test_no_file_is_read_by_way_of_a_configuration(repository: Path) -> None:
    """What git repeats of a file that is no list of commits is not told."""
    write_tree(repository.parent, {"private": "hunter2 hunter2\n"})
    run_git(repository, "config", "blame.ignoreRevsFile", str(repository.parent / "private"))
    done = await call(BLAME, scene_of(repository), path="a.txt")
    assert done.is_error
    assert "hunter2" not in done.text


async def test_a_pipe_in_the_place_of_a_file_is_refused(repository: Path) -> None:
    """Nobody waits for git that waits for a writer."""
    (repository / "a.txt").unlink()
    os.mkfifo(repository / "a.txt")
    with pytest.raises(UsageError):
        await call(BLAME, scene_of(repository), path="a.txt")
    assert "a.txt" in await text_of(STATUS, scene_of(repository))
