"""The table of chunks replaces files whole, finds them by their tokens, and stays level over many commits."""

import json
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from indexer_stored import parsed

from victor_indexer.errors import StoreUnreadable
from victor_indexer.model import FileStatus, ParsedFile
from victor_indexer.store import Store, open_store, remove_store
from victor_indexer.store.statistics import TokenCounts
from victor_indexer.tokens import query_terms

ODD_PATHS = [
    "it's.py",
    'a"b.py',
    "new\nline.py",
    "back\\slash.py",
    "\u00fcn\u00ef\u2028code.py",
    "100%_.py",
    "';--",
    "a b.py",
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "table")
    yield opened
    opened.close()


def found(store: Store, query: str, limit: int = 50) -> set[str]:
    """Return the paths that a query meets, as search would take them: table first, what is newer on top."""
    terms = query_terms(query)
    with store.snapshot() as snapshot:
        chunks, _ = snapshot.retrieve(terms, limit)
        fresh = snapshot.tail.matching(terms, lambda term: 1.0, limit)
        return {
            chunk.path for chunk in (*fresh, *(each for each in chunks if each.path not in snapshot.tail))
        }


@pytest.mark.parametrize("indexed", [False, True])
def test_finds_chunks_by_their_tokens(store: Store, indexed: bool) -> None:
    """Words of text, path and symbols lead to a chunk, with and without the full-text index."""
    store.replace(
        [parsed("net/http.py", "def fetchPage(): retry()"), parsed("b.py", "class Config: pass")], []
    )
    if indexed:
        store.optimize()
    assert store.indexed is indexed
    assert found(store, "retrying") == {"net/http.py"}
    assert found(store, "net") == {"net/http.py"}
    assert found(store, "fetch_page") == {"net/http.py"}
    assert found(store, "config") == {"b.py"}
    assert found(store, "nothing like it") == set()


def test_gives_back_what_was_stored(store: Store) -> None:
    """A retrieved chunk carries place, names and tokens; its text is there to be asked for."""
    store.replace([parsed("a/b.py", "x = 1", "class Deep:\n    def dive(self): return water")], [])
    store.optimize()
    with store.snapshot() as snapshot:
        (chunk,), statistics = snapshot.retrieve(("water",), 5)
    assert (chunk.path, chunk.ord, chunk.start_line, chunk.end_line) == ("a/b.py", 1, 1, 3)
    assert (chunk.symbol, chunk.kind, chunk.defines) == ("Deep", "class", ("Deep", "dive"))
    assert (chunk.path_tokens, chunk.symbol_tokens) == ("py", "deep deep dive")
    assert chunk.tokens == "class deep dive water"
    assert (statistics.chunks, statistics.chunks_with("water"), statistics.chunks_with("fire")) == (2, 1, 0)
    assert store.texts("a/b.py") == {0: "x = 1", 1: "class Deep:\n    def dive(self): return water"}


@pytest.mark.parametrize("path", ODD_PATHS)
def test_takes_any_path(store: Store, path: str) -> None:
    """A path with quotes, line ends or marks of the query language is replaced and removed like any other."""
    store.replace([parsed("other.py", "keep"), parsed(path, "one", "two")], [])
    store.optimize()
    store.replace([parsed(path, "three")], [])
    assert store.verify({"other.py": 1, path: 1}) == []
    with store.snapshot() as snapshot:
        assert [chunk.tokens for chunk in snapshot.chunks_of([path])] == ["three"]
    store.replace([], [path])
    assert store.paths() == {"other.py"}
    assert store.verify({"other.py": 1}) == []


@pytest.mark.parametrize("indexed", [False, True])
def test_a_replaced_file_leaves_no_trace(store: Store, indexed: bool) -> None:
    """After a save only the new text is found; after a removal none."""
    store.replace([parsed("a.py", "apple", "almond"), parsed("b.py", "banana")], [])
    if indexed:
        store.optimize()
    store.replace([parsed("a.py", "apricot")], ["b.py", "never-seen.py"])
    assert found(store, "apple almond banana") == set()
    assert found(store, "apricot") == {"a.py"}
    assert store.count() == 1


def test_a_file_without_chunks_is_a_removed_one(store: Store) -> None:
    """A file that became binary or empty loses its chunks."""
    store.replace([parsed("a.py", "apple")], [])
    store.replace([ParsedFile("a.py", FileStatus.SKIPPED, reason="binary")], [])
    assert store.verify({}) == []


def test_survives_being_opened_again(tmp_path: Path) -> None:
    """What was committed is there for the next process, the part outside the full-text index included."""
    store = open_store(tmp_path)
    store.replace([parsed("a.py", "apple"), parsed("b.py", "banana")], [])
    store.optimize()
    store.replace([parsed("b.py", "blueberry"), parsed("c.py", "cherry")], [])
    store.close()
    again = open_store(tmp_path)
    assert again.fresh_count() == 2
    assert found(again, "apple blueberry cherry banana") == {"a.py", "b.py", "c.py"}
    assert found(again, "banana") == set()
    again.close()


def test_optimize_keeps_what_is_committed_meanwhile(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A save that lands while the next generation is written is in it, and in the tail."""
    store.replace([parsed("a.py", "apple"), parsed("b.py", "banana"), parsed("c.py", "cherry")], [])
    store.optimize()
    inside = store._swap

    def commit_first(*arguments: object) -> None:
        other = threading.Thread(target=lambda: store.replace([parsed("a.py", "apricot")], ["c.py"]))
        store._write_lock.release()
        other.start()
        other.join()
        store._write_lock.acquire()
        inside(*arguments)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(store, "_swap", commit_first)
    store.optimize()
    assert found(store, "apple apricot banana cherry") == {"a.py", "b.py"}
    assert found(store, "apple cherry") == set()
    assert store.verify({"a.py": 1, "b.py": 1}) == []
    assert store.fresh_count() == 1


def test_a_reader_keeps_its_generation(store: Store, tmp_path: Path) -> None:
    """A search under way goes on in the old generation, whose folder goes when the search ends."""
    store.replace([parsed("a.py", "apple")], [])
    store.optimize()
    with store.snapshot() as snapshot:
        store.optimize()
        assert len(list((tmp_path / "table").glob("g*"))) == 2
        assert [chunk.path for chunk in snapshot.retrieve(("appl",), 5)[0]] == ["a.py"]
    assert [entry.name for entry in (tmp_path / "table").glob("g*")] == ["g000002"]


def test_files_on_disk_stay_bounded(store: Store, tmp_path: Path) -> None:
    """Many small commits with an `optimize` now and then leave neither versions nor fragments behind."""
    store.replace([parsed(f"f{n}.py", f"word{n} common") for n in range(20)], [])
    store.optimize()
    first = sum(1 for _ in (tmp_path / "table").rglob("*"))
    for n in range(60):
        store.replace([parsed(f"f{n % 20}.py", f"{chr(97 + n % 26)}{chr(97 + n // 26)}zz common")], [])
        if n % 20 == 19:
            store.optimize()
            assert store.fresh_count() == 0
    assert sum(1 for _ in (tmp_path / "table").rglob("*")) <= first + 5
    assert store.count() == 20
    assert found(store, "hczz") == {"f19.py"}


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
def test_any_order_of_batches_ends_where_a_dict_ends(tmp_path: Path, seed: int) -> None:
    """Replacing, removing, optimizing and opening again in any order is what a plain dict would do."""
    random_ = random.Random(seed)
    folder = tmp_path / f"{seed}-{random_.getrandbits(64):x}"
    store, model = open_store(folder), dict[str, int]()
    for _ in range(8):
        names = random_.sample(ODD_PATHS, random_.randint(1, 4))
        files = [parsed(name, *["text"] * random_.randint(0, 3)) for name in names]
        removed = random_.sample(ODD_PATHS, random_.randint(0, 2))
        store.replace(files, removed)
        for name in removed:
            model.pop(name, None)
        model.update({file.path: len(file.chunks) for file in files})
        match random_.randint(0, 4):
            case 0:
                store.optimize()
            case 1:
                store.close()
                store = open_store(folder)
            case _:
                pass
        assert store.verify(model) == []
        assert store.paths() == {name for name, chunks in model.items() if chunks}
    store.close()
    remove_store(folder)


def test_says_when_to_optimize(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first index is due at once; later a pause is waited for, unless too much is waiting."""
    assert not store.optimize_due(idle_s=100)
    store.replace([parsed("a.py", "apple")], [])
    assert store.optimize_due(idle_s=0)
    store.optimize()
    assert not store.optimize_due(idle_s=100)
    monkeypatch.setattr("victor_indexer.store.MANY_FRESH_CHUNKS", 2)
    monkeypatch.setattr("victor_indexer.store.TOO_MANY_FRESH_CHUNKS", 3)
    store.replace([parsed("a.py", "one", "two")], [])
    assert store.optimize_due(idle_s=100)
    assert not store.optimize_due(idle_s=0)
    store.replace([parsed("b.py", "three")], [])
    assert store.optimize_due(idle_s=0)


@pytest.mark.parametrize(
    "current",
    ["", "{", "[]", "\udcff", json.dumps({"format": 99, "generation": "g000001"}), json.dumps({"format": 1})]
    + [json.dumps({"format": 1, "generation": name}) for name in ("../..", "g000007", 5, "")],
)
def test_refuses_what_it_does_not_know(tmp_path: Path, current: str) -> None:
    """A damaged or foreign folder is refused with the one error that makes the caller rebuild, and can be removed."""
    (tmp_path / "CURRENT").write_text(current, "utf-8", errors="surrogateescape")
    (tmp_path / "g000001").mkdir()
    with pytest.raises(StoreUnreadable):
        open_store(tmp_path)
    remove_store(tmp_path)
    open_store(tmp_path).close()


def test_refuses_damaged_tables(tmp_path: Path) -> None:
    """A table whose files are garbage or gone is refused when it is opened."""
    store = open_store(tmp_path)
    store.replace([parsed("a.py", "apple")], [])
    store.close()
    for manifest in (tmp_path / "g000001").rglob("*.manifest"):
        manifest.write_bytes(b"garbage")
    with pytest.raises(StoreUnreadable):
        open_store(tmp_path)


def test_leftovers_of_a_kill_are_removed(tmp_path: Path) -> None:
    """A generation that was never finished goes when the store is opened."""
    store = open_store(tmp_path)
    store.replace([parsed("a.py", "apple")], [])
    store.close()
    (tmp_path / "g000002" / "chunks.lance").mkdir(parents=True)
    (tmp_path / "CURRENT.new").write_text("{", "utf-8")
    again = open_store(tmp_path)
    assert again.paths() == {"a.py"}
    assert [entry.name for entry in tmp_path.glob("g*")] == ["g000001"]
    again.close()


def test_a_lost_statistics_file_is_counted_again(tmp_path: Path) -> None:
    """Token counts come from their file, or from the table when the file is damaged."""
    store = open_store(tmp_path)
    store.replace([parsed("a.py", "apple pear", "apple")], [])
    store.optimize()
    store.close()
    (tmp_path / "g000001" / "statistics").write_bytes(b"short")
    again = open_store(tmp_path)
    with again.snapshot() as snapshot:
        _, statistics = snapshot.retrieve(("appl",), 5)
    assert (statistics.chunks_with("appl"), statistics.chunks_with("pear"), statistics.average_length) == (
        2,
        1,
        1.5,
    )
    again.close()


def test_odd_text_keeps_no_batch_out(store: Store) -> None:
    """A lone surrogate in a text is replaced, and the rest of the batch stored as it is."""
    store.replace([parsed("a.py", "apple \udcff"), parsed("b.py", "banana")], [])
    assert store.verify({"a.py": 1, "b.py": 1}) == []
    assert store.texts("a.py") == {0: "apple ?"}


@pytest.mark.parametrize("resaved", [False, True])
def test_counts_made_while_building_are_those_of_the_table(tmp_path: Path, resaved: bool) -> None:
    """How rare a word is does not depend on whether a file was saved again before the index was made."""
    folder = tmp_path / "table"
    opened = open_store(folder)
    opened.replace([parsed("a.py", "alpha beta alpha", "beta"), parsed("b.py", "alpha gamma")], [])
    opened.replace([parsed("c.py", "beta delta")], [])
    if resaved:
        opened.replace([parsed("b.py", "gamma delta")], ["c.py"])
    opened.optimize()
    with opened.snapshot() as snapshot:
        made = snapshot.retrieve(query_terms("alpha"), 1)[1]
    opened.close()
    for path in folder.rglob("statistics*"):
        path.unlink()
    again = open_store(folder)
    with again.snapshot() as snapshot:
        counted = snapshot.retrieve(query_terms("alpha"), 1)[1]
    again.close()
    words = ("alpha", "beta", "gamma", "delta", "omega")
    tokens = [token for word in words for token in query_terms(word)]
    assert [made.chunks_with(token) for token in tokens] == [counted.chunks_with(token) for token in tokens]
    assert (made.chunks, made.average_length) == (counted.chunks, counted.average_length)
    assert made.chunks_with(tokens[0]) == (1 if resaved else 2)


def test_counts_of_a_large_index_are_near_enough() -> None:
    """Beyond the first chunks only some are looked at: common words come out within a tenth, lengths exactly."""
    lines = [f"common half{n % 2} rare{n % 100}" for n in range(12_000)]
    counts = TokenCounts()
    counts.add(lines)
    made = counts.statistics()
    assert (made.chunks, made.average_length) == (12_000, 3.0)
    assert made.chunks_with("common") == pytest.approx(12_000, rel=0.1)
    assert made.chunks_with("half0") + made.chunks_with("half1") == pytest.approx(12_000, rel=0.1)
    assert sum(made.chunks_with(f"rare{n}") for n in range(100)) == pytest.approx(12_000, rel=0.1)
