"""Changes read out of a model's prose."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.agent.tools.edits import Block, ChangeFile, DeleteFile, FileChange, MoveFile, WriteFile
from victor_server.errors import UsageError
from victor_server.features.edits.from_answer import read_changes

_ROOT = Path("/w")
_BLOCK = "<<<<<<< SEARCH\nold\n=======\nnew\n>>>>>>> REPLACE\n"
_OLD_NEW = Block("old\n", "new\n")


def _resolve(name: str) -> Path:
    if name.startswith(("/", "..")):
        raise UsageError(f"{name} is outside.")
    return _ROOT / name


def _change(path: str, *blocks: Block) -> ChangeFile:
    return ChangeFile(_ROOT / path, blocks)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Nothing to do.\n", []),
        ("", []),
        ("See:\n```python\nx = 1\n```\n", []),
        (f"a.py\n{_BLOCK}", [_change("a.py", _OLD_NEW)]),
        (f"a.py\n```python\n{_BLOCK}```\n", [_change("a.py", _OLD_NEW)]),
        (f"```python a.py\n{_BLOCK}```\n", [_change("a.py", _OLD_NEW)]),
        (f"```python\na.py\n{_BLOCK}```\n", [_change("a.py", _OLD_NEW)]),
        (f"**src/a.py**\n\n{_BLOCK}", [_change("src/a.py", _OLD_NEW)]),
        (f"### `src/a.py`:\n{_BLOCK}", [_change("src/a.py", _OLD_NEW)]),
        (f"1. File: src/a.py\n{_BLOCK}", [_change("src/a.py", _OLD_NEW)]),
        (f"In `src/a b.py`:\n{_BLOCK}", [_change("src/a b.py", _OLD_NEW)]),
        (f"# src/a.py\n{_BLOCK}", [_change("src/a.py", _OLD_NEW)]),
        (f"Makefile\n{_BLOCK}", [_change("Makefile", _OLD_NEW)]),
        (f"a.py\n{_BLOCK}\nand\n\n{_BLOCK.replace('old', 'b')}", [_change("a.py", _OLD_NEW, Block("b\n", "new\n"))]),
        (f"a.py\n{_BLOCK}\nb.py\n{_BLOCK}", [_change("a.py", _OLD_NEW), _change("b.py", _OLD_NEW)]),
        (f"a.py\n{_BLOCK}b.py\n{_BLOCK}a.py\n{_BLOCK}", [_change("a.py", _OLD_NEW, _OLD_NEW), _change("b.py", _OLD_NEW)]),
        (f"a.py\n{_BLOCK}".replace("\n", "\r\n"), [_change("a.py", _OLD_NEW)]),
        ("a.py\n<<<<<<< SEARCH\n=======\nnew\n>>>>>>> REPLACE\n", [_change("a.py", Block("", "new\n"))]),
        ("a.py\n<<<<<<< SEARCH\nold\n=======\n>>>>>>> REPLACE\n", [_change("a.py", Block("old\n", ""))]),
        ("a.py\n<<<<< SEARCH\nold\n=====\nnew\n>>>>> REPLACE", [_change("a.py", _OLD_NEW)]),
        ("a.py\n------- SEARCH\nold\n=======\nnew\n+++++++ REPLACE\n", [_change("a.py", _OLD_NEW)]),
        ("a.md\n<<<<<<<< SEARCH\nT\n=======\nold\n========\nT\n=======\nnew\n>>>>>>>> REPLACE\n", [_change("a.md", Block("T\n=======\nold\n", "T\n=======\nnew\n"))]),
        ("a.md\n````\n<<<<<<< SEARCH\n```\nold\n```\n=======\n```\nnew\n```\n>>>>>>> REPLACE\n````\n", [_change("a.md", Block("```\nold\n```\n", "```\nnew\n```\n"))]),
        ("```python title=n/new.py\nx = 1\n```\n", [WriteFile(_ROOT / "n/new.py", "x = 1\n")]),
        ("n/new.py\n```python\nx = 1\n```\n", [WriteFile(_ROOT / "n/new.py", "x = 1\n")]),
        ("```n/new.py\nx = 1\n```\n", [WriteFile(_ROOT / "n/new.py", "x = 1\n")]),
        ("```python:n/new.py\nx = 1\n```\n", [WriteFile(_ROOT / "n/new.py", "x = 1\n")]),
        ('```py title="n/new.py:1-9"\nx = 1\n```\n', [WriteFile(_ROOT / "n/new.py", "x = 1\n")]),
        ("~~~ README.md\n```sh\nmake\n```\n~~~\n", [WriteFile(_ROOT / "README.md", "```sh\nmake\n```\n")]),
        ("```md README.md\n# T\n```sh\nmake\n```\nend\n```\n", [WriteFile(_ROOT / "README.md", "# T\n```sh\nmake\n```\nend\n")]),
        ("```python a.py\n```\n", [WriteFile(_ROOT / "a.py", "")]),
    ],
)  # fmt: skip
def test_blocks_and_files(text: str, want: list[FileChange]) -> None:
    """Search and replace blocks, and whole files between fences, with the file that is named beside them."""
    assert list(read_changes(text, _resolve)) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("```diff\n--- a/x.py\n+++ b/x.py\n@@ -1,3 +1,3 @@\n a\n-old\n+new\n b\n```\n", [_change("x.py", Block("a\nold\nb\n", "a\nnew\nb\n"))]),
        ("--- x.py\n+++ x.py\n@@ ... @@\n a\n-old\n+new\n", [_change("x.py", Block("a\nold\n", "a\nnew\n"))]),
        ("--- x.py\n+++ x.py\n@@ -99,1 +99,7 @@ def f\n a\n-old\n+new\n\nThat is all.\n", [_change("x.py", Block("a\nold\n", "a\nnew\n"))]),
        ("```diff\n--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-old\n+new\n@@ -9 +9 @@\n-b\n+c\n```\n", [_change("x.py", _OLD_NEW, Block("b\n", "c\n"))]),
        ("```diff\n--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-old\n+new\n--- a/y.py\n+++ b/y.py\n@@ -1 +1 @@\n-old\n+new\n```\n", [_change("x.py", _OLD_NEW), _change("y.py", _OLD_NEW)]),
        ("```diff\n--- a/x.sql\n+++ b/x.sql\n@@ -1,2 +1,2 @@\n--- old\n+-- new\n a\n```\n", [_change("x.sql", Block("-- old\na\n", "-- new\na\n"))]),
        ("```diff\n--- a/x.py\n+++ b/x.py\n@@ -1,3 +1,3 @@\n a\n\n-old\n+new\n```\n", [_change("x.py", Block("a\n\nold\n", "a\n\nnew\n"))]),
        ("```diff\n--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-old\n\\ No newline at end of file\n+new\n```\n", [_change("x.py", _OLD_NEW)]),
        ("```diff\n--- /dev/null\n+++ b/n.py\n@@ -0,0 +1,2 @@\n+a\n+b\n```\n", [WriteFile(_ROOT / "n.py", "a\nb\n")]),
        ("```diff\n--- a/n.py\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n```\n", [DeleteFile(_ROOT / "n.py")]),
        ("```diff\ndiff --git a/o.py b/n.py\nsimilarity index 100%\nrename from o.py\nrename to n.py\n```\n", [MoveFile(_ROOT / "o.py", _ROOT / "n.py")]),
        ("*** Begin Patch\n*** Update File: x.py\n@@ def f():\n a\n-old\n+new\n*** End Patch\n", [_change("x.py", Block("a\nold\n", "a\nnew\n"))]),
        ("*** Begin Patch\n*** Add File: n.py\n+a\n+b\n*** Delete File: d.py\n*** Update File: x.py\n-old\n+new\n*** End Patch", [WriteFile(_ROOT / "n.py", "a\nb\n"), DeleteFile(_ROOT / "d.py"), _change("x.py", _OLD_NEW)]),
    ],
)  # fmt: skip
def test_patches(text: str, want: list[FileChange]) -> None:
    """Diffs are read by what they say is there; their numbers count for nothing."""
    assert list(read_changes(text, _resolve)) == want


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a.py\n<<<<<<< SEARCH\nold\n", "ends in the middle"),
        ("a.py\n<<<<<<< SEARCH\nold\n=======\nnew\n", "ends in the middle"),
        ("a.py\n<<<<<<< SEARCH\nold\n>>>>>>> REPLACE\n", "ends in the middle"),
        (f"a.py\n<<<<<<< SEARCH\nold\n{_BLOCK}", "ends in the middle"),
        ("a.py\n<<<<<<< SEARCH\na\n=======\nb\n=======\nc\n>>>>>>> REPLACE\n", "ends in the middle"),
        (f"```python a.py\n{_BLOCK}", "ends in the middle"),
        ("```python a.py\nx = 1\n", "ends in the middle"),
        ("--- a.py\n+++ a.py\n@@ -1,9 +1,9 @@\n a\n-b\n+c", "ends in the middle"),
        ("*** Begin Patch\n*** Update File: x.py\n-old\n+new\n", "ends in the middle"),
        (_BLOCK, "which file"),
        (f"/etc/passwd\n{_BLOCK}", "is outside"),
        (f"../a.py\n{_BLOCK}", "is outside"),
        (f"a.py\n{_BLOCK}\n```python a.py\nx\n```\n", "as a whole and changes parts"),
    ],
)
def test_refused(text: str, says: str) -> None:
    """An answer that breaks off, names no file or contradicts itself changes nothing."""
    with pytest.raises(UsageError, match=says):
        read_changes(text, _resolve)


def test_default_file() -> None:
    """Blocks without a name belong to the file that was asked about; a fence without one is no file at all."""
    path = _ROOT / "asked.py"
    assert read_changes(f"Like this:\n{_BLOCK}", _resolve, path) == (ChangeFile(path, (_OLD_NEW,)),)
    assert read_changes("Like this:\n```python\nx\n```\n", _resolve, path) == ()


def test_whole_files_replace_only_if_asked_for() -> None:
    """A fence with a file's name may show a part of it: it takes a file's place only where whole files were asked for."""
    text = "```python a.py\nx\n```\n"
    assert read_changes(text, _resolve) == (WriteFile(_ROOT / "a.py", "x\n"),)
    assert read_changes(text, _resolve, replaces=True) == (WriteFile(_ROOT / "a.py", "x\n", replaces=True),)


_PIECES = st.sampled_from(
    ["a.py\n", "<<<<<<< SEARCH\n", "=======\n", ">>>>>>> REPLACE\n", "```\n", "```py a.py\n", "--- a.py\n", "+++ a.py\n", "@@\n", "+x\n", "-x\n", " x\n", "\n", "*** Update File: a.py\n", "*** Begin Patch\n", "*** End Patch\n", "text\n", "old\n", "rename from a\n", "rename to b\n"]
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.lists(_PIECES, max_size=40))
def test_any_answer(pieces: list[str]) -> None:
    """Whatever a model writes is read, or refused in words."""
    try:
        changes = read_changes("".join(pieces), _resolve)
    except UsageError:
        return
    assert len({change.path for change in changes}) == len(changes)


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 2**16), st.sampled_from([0, 1]))
def test_cut_anywhere(cut: int, fenced: int) -> None:
    """Of an answer that is cut, no block comes that is not whole."""
    body = "".join(f"<<<<<<< SEARCH\nold {n}\n=======\nnew {n}\n>>>>>>> REPLACE\n\n" for n in range(3))
    text = f"a.py\n```python\n{body}```\n" if fenced else f"a.py\n{body}"
    try:
        changes = read_changes(text[: cut % len(text)], _resolve)
    except UsageError:
        return
    for change in changes:
        assert isinstance(change, ChangeFile)
        assert all(block.search.replace("old", "new") == block.replace for block in change.blocks)
