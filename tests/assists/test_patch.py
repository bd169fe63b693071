"""Patches as git reads them."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from repositories import GIT, scratch_folder

from victor_server.features.assists.patch import patch_of, patch_of_edit
from victor_server.features.edits.hunks import whole_hunk
from victor_server.features.edits.model import FileEdit

LINES = st.lists(st.sampled_from(["a\n", "b\n", "  c\n", "\n", "d\r\n", "é\n"]), max_size=14)
ENDS = st.sampled_from(["", "end", "é"])


def applied(patch: str, before: str, name: str = "a.txt") -> dict[str, str]:
    """Every file of a folder after `git apply`."""
    with scratch_folder() as folder:
        (folder / name).write_bytes(before.encode())
        words = [GIT, "apply", "--whitespace=nowarn", "-"]
        subprocess.run(words, cwd=folder, input=patch.encode(), check=True, capture_output=True)
        return {each.name: each.read_bytes().decode() for each in sorted(folder.iterdir()) if each.is_file()}


@settings(deadline=None, max_examples=40)
@given(LINES, ENDS, LINES, ENDS)
def test_git_makes_of_it_what_was_meant(
    one: list[str], one_end: str, other: list[str], other_end: str
) -> None:
    """Line ends, missing last ones, changes far apart and near: byte for byte."""
    before, after = "".join(one) + one_end, "".join(other) + other_end
    patch = patch_of("a.txt", before, after)
    if before == after:
        assert patch == ""
    elif before and after:
        assert applied(patch, before) == {"a.txt": after}


def test_changes_far_apart() -> None:
    """Each has three lines around it; two that are near share theirs."""
    before = "".join(f"line {number}\n" for number in range(40))
    after = before.replace("line 3\n", "three\n").replace("line 8\n", "eight\n").replace("line 30\n", "")
    patch = patch_of("a.txt", before, after)
    assert [line for line in patch.splitlines() if line.startswith("@@")] == [
        "@@ -1,12 +1,12 @@",
        "@@ -28,7 +28,6 @@",
    ]
    assert applied(patch, before) == {"a.txt": after}


@pytest.mark.parametrize(
    ("kind", "base", "text", "expected"),
    [
        ("create", None, "x\ny\n", {"a.txt": "old\n", "new.txt": "x\ny\n"}),
        ("delete", "old\n", "", {}),
        ("move", "old\n", "old\n", {"to.txt": "old\n"}),
    ],
)
def test_whole_files(kind: str, base: str | None, text: str, expected: dict[str, str]) -> None:
    """Made, deleted, moved."""
    name = "new.txt" if kind == "create" else "a.txt"
    path = Path("/w") / name
    edit = FileEdit(path, kind, base, (whole_hunk(path, base or "", text),), Path("/w/to.txt"))  # type: ignore[arg-type]  # one of its kinds
    assert applied(patch_of_edit(edit, name, "to.txt"), "old\n") == expected
