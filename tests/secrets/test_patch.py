"""Git's patches are read as git means them: checked against git itself on generated files and names."""

import os
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from repositories import run_git, scratch_folder
from secret_scans import commit, new_repository, stage

from victor_server.features.secret_scan.changes import DIFF_OPTIONS
from victor_server.features.secret_scan.patch import Change, read_changes, read_contents
from victor_server.features.secret_scan.repository import open_repository, output_of

LINES = st.lists(
    st.sampled_from(["a", "b", "+", "-", "@@ -1 +1 @@", "\\ x", " ", "", "é", "x\r", "\f"]), max_size=12
)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=6).filter(
    lambda name: name not in (".", "..") and ".git" not in name.lower()
)


def staged(root: Path, n_context: int) -> list[Change]:
    repository = open_repository(root)
    words = ("diff-index", "--cached", f"-U{n_context}", *DIFF_OPTIONS, "HEAD", "--")
    with output_of(repository, *words) as lines:
        return list(read_changes(lines))


def numbers(ranges: "tuple[range, ...] | None") -> list[int]:
    return [number for each in ranges or () for number in each]


@settings(max_examples=15, deadline=None)
@given(LINES, LINES, st.booleans(), st.integers(0, 3))
def test_added_lines(before: list[str], after: list[str], ends: bool, n_context: int) -> None:
    """The lines that are told as added, taken out of the new text, leave lines of the old one in their order."""
    old, new = ("\n".join(lines) + "\n" * ends for lines in (before, after))
    with scratch_folder() as root:
        new_repository(root, a_txt=old)
        stage(root, {"a.txt": new})
        changes = staged(root, n_context)
    if old == new:
        assert changes == []
        return
    added = numbers(changes[0].added) if changes else []
    lines = new.encode().split(b"\n")
    kept = [
        line for number, line in enumerate(lines, start=1) if number not in added and number <= len(lines)
    ]
    rest = iter(old.encode().split(b"\n"))
    assert all(line in rest for line in kept if line)


@settings(max_examples=15, deadline=None)
@given(st.sets(NAMES, min_size=1, max_size=4))
def test_names(names: set[str]) -> None:
    """Every name that the system takes comes back as it is, of text and of binary files."""
    with scratch_folder() as root:
        new_repository(root, a_txt="x\n")
        written: set[str] = set()
        for number, name in enumerate(sorted(names)):
            if (os.name == "nt" and any(char in name for char in '\\:*?"<>|')) or not name.isprintable():
                continue
            stage(root, {f"d {number}/{name}": b"\0" if number % 2 else b"x\ny\n"})
            written.add(f"d {number}/{name}")
        assert {change.path for change in staged(root, 0)} == written


@given(st.lists(st.one_of(st.binary(max_size=20), st.sampled_from([b"diff --git a/x b/x", b"@@ -1,3 +1,2 @@", b"@@@ -1 -1 +1 @@@", b"index 1..2", b"+x", b"-x", b"--x", b"Binary files ", b"commit a b", b'+++ "b/\\'])), max_size=12))  # fmt: skip
def test_what_is_no_patch(lines: list[bytes]) -> None:
    """Nothing makes the reader fail, or go on for ever."""
    for read in (read_changes, read_contents):
        for change in read(line + b"\n" for line in lines):
            assert change.path is not None


def test_a_merge_of_several(tmp_path: Path) -> None:
    """Lines are new to a merge if no parent has them; a binary file's contents are named for each parent."""
    patch = b"""\
diff --cc a b.txt
index 1111,2222,3333..4444
--- a/a b.txt
+++ b/a b.txt
@@@@ -1,3 -1,2 -1,2 +1,4 @@@@
   \x20same
+++new
- -gone
++ theirs
 ++ours
   \x20same
diff --cc "x\\303\\251.bin"
index 1111,2222..4444
Binary files differ
diff --cc sub
index 1111,2222..4444
--- a/sub
+++ b/sub
@@@ -1,1 -1,1 +1,1 @@@
- Subproject commit 1111
 -Subproject commit 2222
++Subproject commit 4444
""".replace(b"   \x20", b"    ")
    text, binary = read_changes(patch.splitlines(keepends=True))
    assert (text.path, text.old, text.new, text.added) == (
        "a b.txt",
        ("1111", "2222", "3333"),
        "4444",
        (range(2, 3),),
    )
    assert (binary.path, binary.added, binary.old) == ("xé.bin", None, ("1111", "2222"))


def test_contents() -> None:
    """In the raw format: what is new, of a merge too; deleted files and submodules hold nothing."""
    lines = b"""\
commit cafe 2026-01-02T03:04:05+00:00

:000000 100644 0000 1111 A\ta b.txt
:100644 000000 1111 0000 D\tgone
:100644 160000 1111 2222 T\tsub
::100644 100644 120000 1111 2222 3333 MM\t"q\\tx"
:100644 100644 1111
: x
"""
    changes = list(read_contents(lines.splitlines(keepends=True)))
    assert [(change.path, change.new, change.commit and change.commit.id) for change in changes] == [
        ("a b.txt", "1111", "cafe"),
        ("q\tx", "3333", "cafe"),
    ]


def test_commits_are_named(tmp_path: Path) -> None:
    """A change bears the commit that stands above it."""
    root = new_repository(tmp_path, a_txt="x\n")
    commit(root, {"b.txt": "y\n"})
    repository = open_repository(root)
    ids = run_git(root, "rev-list", "--reverse", "HEAD").decode().split()
    words = ("log", "--reverse", "--format=commit %H %aI", "-p", *DIFF_OPTIONS)
    with output_of(repository, *words) as lines:
        assert [(change.path, change.commit and change.commit.id) for change in read_changes(lines)] == [
            ("a.txt", ids[0]),
            ("b.txt", ids[1]),
        ]
