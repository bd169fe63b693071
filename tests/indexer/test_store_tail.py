"""The tail finds chunks in memory as a plain search through all of them would."""

from hypothesis import given, settings
from hypothesis import strategies as st
from indexer_stored import parsed

from victor_indexer.store.rows import chunks_of_file
from victor_indexer.store.tail import Tail

WORDS = ["apple", "banana", "cherry", "damson"]
PATHS = ["a.py", "b.py", "c.py"]
PUTS = st.tuples(st.sampled_from(PATHS), st.lists(st.lists(st.sampled_from(WORDS)).map(" ".join), max_size=3))


@settings(deadline=None, max_examples=150)
@given(
    puts=st.lists(PUTS, max_size=30),
    terms=st.lists(st.sampled_from(["appl", "banana", "cherri"]), unique=True),
)
def test_matches_what_a_plain_search_would(puts: list[tuple[str, list[str]]], terms: list[str]) -> None:
    """Only the newest chunks of a file count, and all that hold a term are found, most terms first."""
    tail, model = Tail(), dict[str, list[str]]()
    for path, texts in puts:
        tail.put(path, chunks_of_file(parsed(path, *texts)))
        model[path] = texts
    expected = {
        (path, number): len(set(terms) & set(chunk.tokens.split()))
        for path, texts in model.items()
        for number, chunk in enumerate(chunks_of_file(parsed(path, *texts)))
    }
    found = [(chunk.path, chunk.ord) for chunk in tail.matching(terms, lambda term: 1.0, 100)]
    assert sorted(found) == sorted(key for key, hits in expected.items() if hits)
    assert [expected[key] for key in found] == sorted((expected[key] for key in found), reverse=True)
    assert len(tail) == len(expected)
    assert [path for path in PATHS if path in tail] == [path for path in PATHS if path in model]


def test_stays_level_over_many_saves() -> None:
    """A file saved ten thousand times leaves no trail in memory, and its newest text is what is found."""
    tail = Tail(chunks_of_file(parsed("other.py", "banana")))
    for number in range(10_000):
        tail.put("a.py", chunks_of_file(parsed("a.py", f"apple word{number % 7}")))
    assert len(tail) == 2
    assert sum(map(len, tail._postings.values())) < 10_000
    found = tail.matching(["appl", "banana"], {"appl": 2.0, "banana": 1.0}.__getitem__, 9)
    assert [chunk.path for chunk in found] == ["a.py", "other.py"]


def test_forgets_a_path() -> None:
    """A forgotten path is not there at all; one without chunks is."""
    tail = Tail(chunks_of_file(parsed("a.py", "apple")))
    tail.put("a.py", ())
    assert ("a.py" in tail, tail.chunks_of("a.py"), len(tail)) == (True, [], 0)
    tail.forget("a.py")
    assert "a.py" not in tail
