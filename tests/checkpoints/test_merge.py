"""Three-way merge of lines: what each side changed is there, git agrees, and nothing takes long."""

import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from victor_server.features.checkpoints.merge import Conflict, merge3
from victor_server.features.edits.lines import split_lines

LINE = st.sampled_from(["a", "b", "c", "", "}", "\u2028x", "\x0c"])
END = st.sampled_from(["\n", "\r\n", "\r"])
MIXED = st.lists(st.tuples(LINE, END), max_size=12).map(
    lambda rows: "".join(line + end for line, end in rows)
)
TEXT = st.one_of(MIXED, MIXED.map(lambda text: text.rstrip("\r\n")), MIXED.map(lambda text: "\ufeff" + text))


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "merged"),
    [
        ("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", "A\nb\nC\n"),
        ("a\nb\nc\n", "a\nc\n", "a\nb\nC\n", "a\nC\n"),
        ("a\nb\n", "a\nb\nmine\n", "b\n", "b\nmine\n"),
        ("a\nnew\nb\n", "a\nnew\nmine\nb\n", "a\nb\n", "a\nmine\nb\n"),
        ("a\nnew\nb\n", "a\nmine\nnew\nb\n", "a\nb\n", "a\nmine\nb\n"),
        ("a\r\nb\r\n", "A\r\nb\r\n", "a\nb\n", "A\nb\n"),
        ("a\nb\n", "A\nb\n", "\ufeffa\nb\n", "\ufeffA\nb\n"),
        ("\ufeffa\r\nb", "\ufeffa\r\nb\r\n", "\ufeffA\r\nb", "\ufeffA\r\nb\r\n"),
        ("a\nb\n", "a\nb\n", "", ""),
        ("", "mine\n", "", "mine\n"),
        ("a\n", "a\n", "a", "a"),
    ],
)
def test_what_only_one_side_changed_is_taken(base: str, mine: str, theirs: str, merged: str) -> None:
    """Lines, line ends, the byte order mark and the last line's end each go with the side that changed them."""
    assert merge3(base, mine, theirs).text == merged
    assert merge3(base, mine, theirs).conflicts == ()


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "conflict"),
    [
        ("a\nb\nc\n", "a\nmine\nc\n", "a\ntheirs\nc\n", Conflict(1, 2, "mine\n", "theirs\n")),
        ("a\nb\nc\n", "a\nb2\nc\n", "a\nc\n", Conflict(1, 2, "b2\n", "")),
        ("a\nc\n", "a\nmine\nc\n", "a\ntheirs\nc\n", Conflict(1, 2, "mine\n", "theirs\n")),
        ("a\r\nb\r\n", "a\r\nmine\r\n", "a\r\ntheirs\r\n", Conflict(1, 2, "mine\r\n", "theirs\r\n")),
        ("a\nb\n", "a\nX", "a\nb\nc\n", Conflict(1, 2, "X", "b\nc\n")),
    ],
)
def test_what_both_sides_changed_is_a_conflict(base: str, mine: str, theirs: str, conflict: Conflict) -> None:
    """Both sides are named as they are, and the text keeps mine; lines never grow together."""
    merged = merge3(base, mine, theirs)
    assert merged.conflicts == (conflict,)
    assert merged.text == mine
    assert merged.wished == theirs


@given(TEXT, TEXT, TEXT)
@settings(deadline=None, max_examples=300)
@example("a\n", "a\nm", "a\nt\n")
@example("a\n", "a\ra\n", "\n")
def test_no_line_that_only_mine_has_is_lost(base: str, mine: str, theirs: str) -> None:
    """Each line that mine has and the base has not is in the merged text; taking theirs is what each conflict says."""
    merged = merge3(base, mine, theirs)
    own = {line for line in _contents(mine) if line not in _contents(base)}
    assert own <= set(_contents(merged.text))
    new = {line for line in _contents(theirs) if line not in _contents(base)}
    assert new <= set(_contents(merged.wished))
    if not merged.conflicts:
        assert merged.text == merged.wished


@given(TEXT, TEXT)
@settings(deadline=None, max_examples=150)
def test_merging_with_an_unchanged_side_is_the_other_side(base: str, other: str) -> None:
    """A restore without edits of one's own gives the exact text, and one that is done already changes nothing."""
    assert merge3(base, base, other).text == other
    assert merge3(base, other, base).text == other
    assert merge3(base, other, other).text == other


@st.composite
def three_texts(draw: st.DrawFn) -> tuple[str, str, str]:
    """A text of lines that all differ, and two changes of it: so there is one way to see what was changed."""
    base = [f"line {index}\n" for index in range(draw(st.integers(1, 12)))]
    return "".join(base), draw(_changed(base, "mine")), draw(_changed(base, "theirs"))


@st.composite
def _changed(draw: st.DrawFn, base: list[str], who: str) -> str:
    lines: list[str] = []
    for index, line in enumerate(base):
        what = draw(st.sampled_from(["keep"] * 6 + ["change", "drop", "before"]))
        lines += [f"{who} {index}\n"] if what in ("change", "before") else []
        lines += [line] if what in ("keep", "before") else []
    return "".join(lines)


@given(three_texts())
@settings(deadline=None, max_examples=60)
def test_git_merges_the_same(tmp_path_factory: pytest.TempPathFactory, texts: tuple[str, str, str]) -> None:
    """What `git merge-file` can merge comes out alike, and where this sees a conflict git sees one."""
    merged = merge3(*texts)
    theirs = _by_git(tmp_path_factory.mktemp("merge"), *texts)
    assert theirs is None or merged.text == theirs
    assert not merged.conflicts or theirs is None


@pytest.mark.parametrize(
    "lines",
    [
        [f"    value_{index} = {index}\n" for index in range(10_000)],
        [("}\n", "\n", "x\n")[index % 3] for index in range(10_000)],
    ],
)
def test_ten_thousand_lines_are_merged_at_once(lines: list[str]) -> None:
    """Also where no line stands alone: a gap that cannot be looked through is taken as one change."""
    mine, theirs = list(lines), list(lines)
    mine[10:12] = ["mine\n"]
    theirs[9_000:9_500] = [f"theirs {index}\n" for index in range(400)]
    begun = time.process_time()
    merged = merge3("".join(lines), "".join(mine), "".join(theirs))
    assert time.process_time() - begun < 2
    assert not merged.conflicts
    assert merged.text == "".join([*theirs[:10], "mine\n", *theirs[12:]])


def _contents(text: str) -> list[str]:
    return [line.rstrip("\r\n") for line in split_lines(text.removeprefix("\ufeff"))]


def _by_git(folder: Path, base: str, mine: str, theirs: str) -> str | None:
    for name, text in (("base", base), ("mine", mine), ("theirs", theirs)):
        (folder / name).write_text(text)
    done = subprocess.run(
        ["git", "merge-file", "-p", "mine", "base", "theirs"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout if done.returncode == 0 else None
