"""What git says has changed: nothing that a repository holds or configures is run, and every path is told right."""

import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from repositories import make_repository, run_git, scratch_folder, write_tree

from victor_server.agent.context import patches
from victor_server.agent.context.git import Diff, read_diff, read_subjects
from victor_server.agent.context.patches import split_patches
from victor_server.errors import UsageError


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit."""
    root = make_repository(tmp_path / "work", {"a.txt": "one\n", "lib/b.txt": "two\n"}, tracked=(".",))
    run_git(root, "commit", "-q", "-m", "Begin", "-m", "a body")
    return root


def test_staged_changes_come_first_and_without_any_all_of_them(repository: Path) -> None:
    """A commit with nothing staged is about everything."""
    write_tree(repository, {"a.txt": "one\nmore\n"})
    assert [
        (found.scope, each.path) for found in [read_diff(repository, "staged")] for each in found.files
    ] == [("changes", "a.txt")]
    run_git(repository, "add", "a.txt")
    write_tree(repository, {"lib/b.txt": "changed\n"})
    staged, changes = read_diff(repository, "staged"), read_diff(repository, "changes")
    assert [each.path for each in staged.files] == ["a.txt"]
    assert [each.path for each in changes.files] == ["a.txt", "lib/b.txt"]
    assert "+more\n" in staged.files[0].text


def test_a_branch_is_compared_with_what_it_left_from(repository: Path) -> None:
    """Its upstream; main where all of it is pushed, or it has none; nothing on main itself."""
    run_git(repository, "branch", "-M", "main")
    assert read_diff(repository, "branch") == Diff("branch", ())
    run_git(repository, "checkout", "-q", "-b", "topic")
    write_tree(repository, {"a.txt": "one\ntwo\n"})
    run_git(repository, "commit", "-q", "-a", "-m", "Go on")
    write_tree(repository, {"lib/b.txt": "not committed\n"})
    found = read_diff(repository, "branch")
    assert ([each.path for each in found.files], found.base) == (["a.txt"], "main")
    run_git(repository, "branch", "--set-upstream-to=main")
    assert read_diff(repository, "branch").base == "main"
    run_git(repository, "update-ref", "refs/remotes/origin/topic", "topic")
    run_git(repository, "config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*")
    run_git(repository, "config", "branch.topic.remote", "origin")
    run_git(repository, "config", "branch.topic.merge", "refs/heads/topic")
    assert read_diff(repository, "branch").base == "main"


def test_what_tools_write_hides_no_code(repository: Path) -> None:
    """A patch that is too large is told of, and those behind it are there, however much it would have been."""
    write_tree(repository, {"a.txt": "x" * 3_000_000 + "\n", "lib/b.txt": "changed\n"})
    write_tree(repository, {"aa.csv": "1.5\n" * 700_000, "lib/new.txt": "diff --git a/x b/x\n"})
    run_git(repository, "add", ".")
    found = read_diff(repository, "staged")
    assert [(each.path, each.too_large) for each in found.files] == [
        ("a.txt", True),
        ("aa.csv", True),
        ("lib/b.txt", False),
        ("lib/new.txt", False),
    ]
    assert not found.cut
    assert "+changed\n" in found.files[2].text
    assert found.files[0].text == ""


def test_a_folder_inside_sees_its_own_part(repository: Path) -> None:
    """Paths are relative to the folder that was asked about, and what lies beside it is not shown."""
    write_tree(repository, {"a.txt": "x\n", "lib/b.txt": "y\n"})
    assert [each.path for each in read_diff(repository / "lib", "changes").files] == ["b.txt"]


def test_before_the_first_commit_there_are_changes_too(tmp_path: Path) -> None:
    """What is added is new."""
    root = make_repository(tmp_path / "new", {"a.txt": "x\n"}, tracked=("a.txt",))
    assert [each.path for each in read_diff(root, "changes").files] == ["a.txt"]
    assert read_subjects(root, 5) == []


def test_subjects_are_the_first_lines_newest_first(repository: Path) -> None:
    """Without their bodies."""
    run_git(repository, "commit", "-q", "--allow-empty", "-m", "Go on")
    assert read_subjects(repository, 5) == ["Go on", "Begin"]


def test_without_a_repository_there_is_a_reason(tmp_path: Path) -> None:
    """A folder outside of any repository is no crash, and no comparison of unrelated files."""
    with pytest.raises(UsageError, match="cannot tell what has changed: the folder is in no repository"):
        read_diff(tmp_path, "changes")


@pytest.mark.skipif(sys.platform == "win32", reason="the traps are shell commands")
def test_nothing_that_a_repository_configures_is_run(repository: Path) -> None:
    """Filters, monitors, hooks, external diffs, pagers and text conversions: none of them leaves its mark."""
    mark = repository.parent / "mark"
    trap = f"sh -c 'touch {mark}; cat'"
    write_tree(repository, {".gitattributes": "* filter=ev=il diff=evil\n", "a.txt": "changed\n"})
    for name in ("filter.ev=il.clean", "filter.ev=il.smudge", "filter.ev=il.process"):
        run_git(repository, "config", name, trap)
    run_git(repository, "config", "filter.ev=il.required", "true")
    for name in ("diff.evil.command", "diff.evil.textconv", "diff.external", "core.fsmonitor", "core.pager"):
        run_git(repository, "config", name, trap)
    run_git(repository, "config", "core.hooksPath", str(repository / "hooks"))
    write_tree(repository, {"hooks/post-index-change": f"#!/bin/sh\ntouch {mark}\n"})
    (repository / "hooks/post-index-change").chmod(0o755)
    found = read_diff(repository, "changes")
    read_subjects(repository, 3)
    assert "a.txt" in [each.path for each in found.files]
    assert not mark.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="the traps are shell commands")
def test_the_trap_of_the_test_above_is_one(repository: Path) -> None:
    """Plain git does run a filter: without our care the mark would be there."""
    mark = repository.parent / "mark"
    write_tree(repository, {".gitattributes": "* filter=evil\n", "a.txt": "changed\n"})
    run_git(repository, "config", "filter.evil.clean", f"sh -c 'touch {mark}; cat'")
    run_git(repository, "diff", "HEAD")
    assert mark.exists()


def test_a_work_tree_elsewhere_is_not_shown(repository: Path) -> None:
    """A configuration that points at another folder brings nothing of it."""
    other = repository.parent / "other"
    write_tree(other, {"a.txt": "private\n"})
    run_git(repository, "config", "core.worktree", str(other))
    try:
        shown = "".join(each.text for each in read_diff(repository, "changes").files)
    except UsageError:
        shown = ""
    assert "private" not in shown


def test_a_diff_that_never_ends_is_cut(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only whole patches are shown of what was read."""
    monkeypatch.setattr(patches, "MAX_BYTES", 3000)
    write_tree(repository, {"a.txt": "x\n" * 100, "lib/b.txt": "y\n" * 5000})
    found = read_diff(repository, "changes")
    assert found.cut
    assert [each.path for each in found.files] == ["a.txt"]


ODD_NAMES = st.text(
    st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]), min_size=1, max_size=12
)


@pytest.mark.skipif(sys.platform == "win32", reason="such names cannot be made there")
@settings(deadline=None, max_examples=15)
@given(ODD_NAMES.filter(lambda name: name not in (".", "..") and name.lower() != ".git"), st.booleans())
@example('b "quoted"\tname', True)
@example(" b/x", False)
def test_every_path_is_told_right(name: str, renamed: bool) -> None:
    """Whatever a file is called: its patch bears its name, new, changed or renamed."""
    if "/" in name:
        name = name.replace("/", "_")
    with scratch_folder() as folder:
        root = make_repository(folder / "work", {"old": "one\ntwo\nthree\nfour\n"}, tracked=(".",))
        run_git(root, "commit", "-q", "-m", "x")
        if renamed:
            (root / "old").rename(root / name)
        write_tree(root, {name: "one\ntwo\nthree\nfour\nfive\n"})
        run_git(root, "--literal-pathspecs", "add", "-A", "--force")
        found = read_diff(root, "staged")
        assert found.unreadable == 0
        assert name in [each.path for each in found.files]


def test_contents_start_no_patch() -> None:
    """A line that looks like a patch's head is a content's when a mark stands before it."""
    patch = (
        "diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -1 +1,3 @@\n-diff --git a/.env b/.env\n"
        "+diff --git a/y b/y\n+--- a/y\n++++ b/y\n"
    )
    files, unreadable = split_patches(patch)
    assert [(each.path, each.text) for each in files] == [("x", patch)]
    assert unreadable == 0


def test_a_patch_without_a_path_is_counted_and_not_shown() -> None:
    """What cannot be told from a private file is not shown."""
    assert split_patches("diff --git nonsense\nBinary files differ\n") == ([], 1)
