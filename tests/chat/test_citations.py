"""The places that an answer names: found however they are written, never outside the workspace, in linear time."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.agent.context.piece import Piece
from victor_server.agent.run_events import Cited
from victor_server.features.chat.citations import MAX_CITED, cited_in, is_file_in

PIECES = [
    Piece("file", "src/store/table.py", 10, 20, "mentioned", 5, ""),
    Piece("index_hit", "src/rank.py", 3, 9, "matches", 5, ""),
    Piece("index_hit", "lib/rank.py", 4, 8, "matches", 5, ""),
]
FILES = {"README.md", "src/rank.py", "src/store/table.py", "a-b/c_d.tsx", "Makefile"}


@pytest.mark.parametrize(
    ("answer", "cited"),
    [
        ("see README.md.", [Cited("README.md", 0, 0)]),
        ("`src/rank.py:12`", [Cited("src/rank.py", 11, 12)]),
        ("(src/rank.py:12-15)", [Cited("src/rank.py", 11, 15)]),
        ("[rank](src/rank.py#L12-L15)", [Cited("src/rank.py", 11, 15)]),
        (
            "src/rank.py:12\N{EN DASH}15, README.md:1",
            [Cited("src/rank.py", 11, 15), Cited("README.md", 0, 1)],
        ),
        ("src/rank.py lines", [Cited("src/rank.py", 3, 9)]),
        ("table.py does", [Cited("src/store/table.py", 10, 20)]),
        ("rank.py is two files", []),
        ("./a-b/c_d.tsx:7", [Cited("a-b/c_d.tsx", 6, 7)]),
        ("src\\rank.py:3", [Cited("src/rank.py", 2, 3)]),
        ("@README.md", [Cited("README.md", 0, 0)]),
        ("src/rank.py:5 and src/rank.py", [Cited("src/rank.py", 4, 5)]),
        ("src/rank.py:9-3", [Cited("src/rank.py", 8, 9)]),
        ("src/rank.py:0", [Cited("src/rank.py", 3, 9)]),
        ("https://example.org/README.md", []),
        ("missing.py, Makefile", []),
        ("../README.md /README.md", []),
        ("", []),
    ],
)
def test_cited(answer: str, cited: list[Cited]) -> None:
    """Paths with lines in the usual ways; a bare name counts where it is clear."""
    assert list(cited_in(answer, PIECES, FILES.__contains__)) == cited


def test_only_files_of_the_workspace(tmp_path: Path) -> None:
    """Folders, links that lead out, and odd names are no citations."""
    root = tmp_path / "root"
    (root / "sub.d").mkdir(parents=True)
    (tmp_path / "outside.py").write_text("")
    (root / "in.py").write_text("")
    (root / "link.py").symlink_to(tmp_path / "outside.py")
    is_file = is_file_in(root)
    assert [is_file(name) for name in ("in.py", "sub.d", "link.py", "a\0b.py", "no.py")] == [
        True,
        *[False] * 4,
    ]
    assert not is_file_in(None)("in.py")


def test_bounds() -> None:
    """An answer of nothing but names is looked through to a limit."""
    looked_up = []

    def is_file(path: str) -> bool:
        looked_up.append(path)
        return True

    answer = " ".join(f"f{number}.py" for number in range(10_000))
    assert len(cited_in(answer, [], is_file)) == MAX_CITED
    assert cited_in(" ".join(f"g{number}.py" for number in range(10_000)), [], lambda _: False) == []
    assert len(looked_up) == MAX_CITED


@pytest.mark.parametrize("unit", ["a", "a.", "a/", ":1", "a.py:1", "#L1-", "x://", "\\", "é."])
def test_hostile_text_takes_linear_time(unit: str) -> None:
    """A megabyte of what nearly is a citation is read at once; it would take for ever if it backtracked."""
    cited_in(unit * (1_000_000 // len(unit)), PIECES, FILES.__contains__)


@settings(deadline=None, max_examples=200)
@given(st.text(st.sampled_from("ab./:#L-019\n `@\\"), max_size=60))
def test_any_text(answer: str) -> None:
    """Lines are whole and in order, paths are known ones, no place comes twice."""
    cited = cited_in(answer, PIECES, lambda path: path in {"a.b", "a/b"})
    known = {"a.b", "a/b"} | {piece.path for piece in PIECES}
    assert all(each.path in known and 0 <= each.start_line <= each.end_line for each in cited)
    assert len(set(cited)) == len(cited)
