"""The map of a workspace: what is leaned on comes first, seen from where the person is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from indexer_stored import VERSIONS, open_both, parsed

from victor_indexer.errors import RequestCancelled
from victor_indexer.manifest import Manifest
from victor_indexer.manifest.paths import match_paths
from victor_indexer.model import ParsedFile
from victor_indexer.repo_map import RepoMap, build_graph
from victor_indexer.store import Store

FILES = {
    "core/engine.py": "class Engine:\n    def start_engine(self): ...\n",
    "core/parts.py": "class Piston:\n    pass\n\ndef make_piston(): return Piston()\n",
    "web/page.py": "from core.engine import Engine\ndef show_page(): Engine().start_engine()\n",
    "web/form.py": "from core.engine import Engine\ndef show_form(): Engine()\n",
    "tool/press.py": "from core.parts import make_piston\ndef press_it(): make_piston()\n",
    "tests/test_all.py": "class Fixture_of_tests:\n    pass\n",
    "lone.py": "def nobody_calls_this(): ...\n",
}


class Stored:
    """A workspace in an index, and its map."""

    def __init__(self, folder: Path) -> None:
        self.store: Store
        self.manifest: Manifest
        self.store, self.manifest = open_both(folder, *(parsed(path, text) for path, text in FILES.items()))
        self.map = RepoMap()

    def names(self, *focus: str, limit: int = 50) -> list[str]:
        """The names on the map, best first."""
        found = self.map.ranked(self.store, self.manifest, focus, limit)
        assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
        return [each.located.symbol.name for each in found]

    def save(self, *files: ParsedFile) -> None:
        self.store.replace(files, [])
        self.manifest.record(files, [], VERSIONS)


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Stored]:
    """The files above."""
    made = Stored(tmp_path)
    yield made
    made.store.close()
    made.manifest.close()


def test_what_many_lean_on_comes_first(stored: Stored) -> None:
    """What nobody uses is not on the map."""
    names = stored.names()
    assert names[0] == "Engine"
    assert set(names) == {"Engine", "start_engine", "make_piston"}


def test_the_map_is_seen_from_the_files_in_focus(stored: Stored) -> None:
    """From the press, the piston is nearest; what the file in focus defines itself is not told again."""
    assert stored.names("tool/press.py")[0] == "make_piston"
    assert "make_piston" not in stored.names("core/parts.py")


def test_a_file_that_is_not_known_changes_nothing(stored: Stored) -> None:
    """A focus outside of the index is no focus."""
    assert stored.names("nowhere.py") == stored.names()


def test_the_limit_holds_and_cuts_the_least(stored: Stored) -> None:
    """The best stay."""
    assert stored.names(limit=1) == ["Engine"]
    assert stored.names(limit=0) == []


def test_a_changed_file_changes_the_map(stored: Stored) -> None:
    """Once the graph may be made anew."""
    stored.names()
    stored.save(parsed("new.py", "def call_it(): nobody_calls_this()\n"))
    stored.map._fresh_until = 0.0
    assert "nobody_calls_this" in stored.names()


def test_a_costly_graph_is_not_made_at_every_question(stored: Stored) -> None:
    """For a while the old one answers, so that the map never takes more than a small part of the time."""
    before = stored.names()
    stored.save(parsed("new.py", "def call_it(): nobody_calls_this()\n"))
    stored.map._fresh_until = float("inf")
    assert stored.names() == before


def test_nobody_waits_for_an_answer_any_more(stored: Stored) -> None:
    """The walk ends; the graph is kept for the next question."""
    with pytest.raises(RequestCancelled):
        stored.map.ranked(stored.store, stored.manifest, [], 5, lambda: True)
    assert stored.map._graph is not None


def test_names_that_tell_nothing_are_left_out() -> None:
    """Short ones, and those that many files define."""
    definitions = [("a.py", "go"), *((f"m{number}.py", "common_name") for number in range(9))]
    graph = build_graph(definitions, [("b.py", "go common_name")])
    assert not graph.names


def test_ordinary_words_count_where_the_file_says_whose_they_are() -> None:
    """By naming the file or its folder, or by lying beside it; in unrelated packages they are prose."""
    definitions = [("tools/sink.py", "allow"), ("tools/sink.py", "allow_host")]
    texts = [
        ("tools/beside.py", "allow"),
        ("web/page.py", "from tools.sink import allow"),
        ("web/form.py", "allow anybody, allow_host"),
    ]
    graph = build_graph(definitions, texts)
    told = {
        path: [name for (_, name), number in graph.names.items() if number in some]
        for path, some in zip(graph.paths, graph.uses, strict=True)
    }
    assert told == {
        "tools/sink.py": [],
        "tools/beside.py": ["allow"],
        "web/page.py": ["allow"],
        "web/form.py": ["allow_host"],
    }


def test_what_is_defined_again_for_each_machine_stands_once(stored: Stored) -> None:
    """The limit is for different names."""
    stored.save(parsed("core/engine.py", "class Engine: ...\nclass Engine: ...\nclass Engine: ...\n"))
    assert stored.names().count("Engine") == 1


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.text(min_size=1, max_size=6)), max_size=20),
    st.lists(st.tuples(st.sampled_from("abcde"), st.text(max_size=30)), max_size=20),
)
def test_a_graph_holds_only_uses_of_what_others_define(
    definitions: list[tuple[str, str]], texts: list[tuple[str, str]]
) -> None:
    """Whatever the names and texts are."""
    graph = build_graph(definitions, texts)
    assert len(graph.uses) == len(graph.paths)
    for file, some in enumerate(graph.uses):
        assert list(some) == sorted(set(some))
        assert all(file not in graph.defining[name] for name in some)


PATHS = [
    "src/app.py",
    "src/web/app_page.py",
    "tests/test_app.py",
    "app/readme.md",
    "a_long/path/p.py",
    "src/map.py",
]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("app.py", ["src/app.py", "tests/test_app.py"]),
        ("web/app", ["src/web/app_page.py"]),
        ("app", ["src/app.py", "src/web/app_page.py", "tests/test_app.py", "app/readme.md"]),
        ("SRC/APP.PY", ["src/app.py"]),
        ("./src/map", ["src/map.py"]),
        ("mp", ["src/map.py"]),
        ("zzz", []),
    ],
)
def test_paths_are_found_as_they_are_typed(query: str, expected: list[str]) -> None:
    """Names before folders, whole words before scattered letters."""
    assert match_paths(query, PATHS, 10)[: len(expected)] == expected
    assert expected or not match_paths(query, PATHS, 10)


def test_nothing_typed_yet_finds_the_shortest_paths() -> None:
    """A list to begin with."""
    assert match_paths("", PATHS, 2) == ["src/app.py", "src/map.py"]
