"""Any file and any change: nothing raises, and what is not changed stays as it is."""

import time
from contextlib import suppress
from pathlib import Path

import pytest
from edit_cases import PATH, after
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.agent.tools.edits import Block, ChangeFile, WriteFile
from victor_server.errors import UsageError
from victor_server.features.edits.apply import make_file_edit
from victor_server.features.edits.from_answer import read_changes
from victor_server.features.edits.hunks import text_with
from victor_server.features.edits.lines import split_lines
from victor_server.features.edits.model import FileEdit, Refusal

_PARTS = st.sampled_from(
    ["a", "b", "abc", " ", "\t", "\n", "\r\n", "\r", "\ufeff", "\u00a0", "\u2028", "\f", "é", "e\u0301", "...", "…", "# ...", "1\t", "-", "+", "```", "\ud800", "\0", "'", "}", "[REDACTED:x]"]
)  # fmt: skip
_TEXTS = st.lists(_PARTS, max_size=25).map("".join)


@settings(deadline=None, max_examples=500)
@given(_TEXTS, st.lists(st.tuples(_TEXTS, _TEXTS), max_size=4), st.booleans())
def test_blocks(base: str, pairs: list[tuple[str, str]], whole: bool) -> None:
    """Blocks of any text, parts of the file itself among them: hunks that fit the file, or a reason in a sentence."""
    if whole:
        lines = split_lines(base)
        pairs = [("".join(lines[: len(lines) // 2]), new) for _, new in pairs]
    _check(base, make_file_edit(base, ChangeFile(PATH, tuple(Block(*pair) for pair in pairs))))


@settings(deadline=None, max_examples=200)
@given(st.none() | _TEXTS, _TEXTS)
def test_whole_files(base: str | None, text: str) -> None:
    """A whole file of any text."""
    _check(base, make_file_edit(base, WriteFile(PATH, text, replaces=True)))


def _check(base: str | None, result: FileEdit | Refusal) -> None:
    if isinstance(result, Refusal):
        assert result.why.endswith(".")
        return
    lines = split_lines(base or "")
    assert result.hunks
    assert all("".join(lines[hunk.start : hunk.end]) == hunk.before for hunk in result.hunks)
    assert text_with(base or "", result.hunks, ()) == (base or "")
    assert after(result) != base


_LONG = 20_000


@pytest.mark.parametrize(
    ("base", "search", "replace"),
    [
        ("x\n" * _LONG, "x\n" * (_LONG // 2), "y\n"),
        ("x\n" * _LONG, "y\n" * (_LONG // 2), "x\n" * (_LONG // 2)),
        ("x" * _LONG, "x", "x" * _LONG),
        (f"a {'x' * _LONG}", "a", "a" * _LONG),
        (" " * _LONG, " " * (_LONG // 2), "x"),
        ("a b\n" * _LONG, "a  b\n", "c\n"),
        ("a\n}\n" * _LONG, "a\n}\nb\n}\n" * 50, "c\n"),
        ("# " * _LONG, "# " * 90 + "...", "c\n"),
        ("a\nb\n" * _LONG, "a\nb\n" * 150 + "c\na\n", "c\n"),
        ("word " * _LONG, "word word\nnothing\n", "c\n"),
    ],
    ids=range(10),
)
def test_hostile_blocks(base: str, search: str, replace: str) -> None:
    """No block makes the search quadratic, whatever repeats in it and in the file."""
    started = time.thread_time()
    make_file_edit(base, ChangeFile(Path("/w/a.py"), (Block(search, replace),)))
    assert time.thread_time() - started < 20  # quadratic work would take minutes


@pytest.mark.parametrize(
    "piece",
    ["--- " + " " * 200, "```\n", "```a\n", "<<<<<<< SEARCH\n", "--- a\n+++ b\n@@\n", "\n", "> ", "*** Update File: " + " " * 100, "@@ -1 +1 @@\n", "a.py\n", "`a` ", "=======\n"],
)  # fmt: skip
def test_hostile_answers(piece: str) -> None:
    """Nor does an answer of one thing twenty thousand times make reading it quadratic."""
    started = time.thread_time()
    with suppress(UsageError):
        read_changes("--- a\n+++ a\n@@ -1 +1 @@\n-a\n+b\n" + piece * 20_000, Path("/w").joinpath)
    assert time.thread_time() - started < 20  # as above
