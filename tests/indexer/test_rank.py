"""Ranking puts definitions before uses and source before tests, and explains every score."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from indexer_stored import parsed

from victor_indexer.model import Hit, Statistics, StoredChunk
from victor_indexer.rank import BODY_CHARACTERS, MAX_TERMS, path_prior, rank, read_query
from victor_indexer.store.rows import chunks_of_file

COMMON = Statistics(1_000, 20.0, lambda term: 3)


def ranked(query: str, *files: tuple[str, ...], k: int = 20) -> list[Hit]:
    """Rank files given as (path, text of chunk, …)."""
    chunks = [chunk for path, *texts in files for chunk in chunks_of_file(parsed(path, *texts))]
    return rank(read_query(query), chunks, COMMON, k)


def order(query: str, *files: tuple[str, ...]) -> list[str]:
    """Return the paths of the hits, best first."""
    return [hit.path for hit in ranked(query, *files)]


@pytest.mark.parametrize(
    "query", ["parseConfig", "parse_config", "parseconfig", "ParseConfig", "config.parse_config"]
)
def test_a_definition_comes_before_its_uses(query: str) -> None:
    """A name leads to the one chunk that defines it, even if others say the name more often."""
    uses = "parse_config() " * 8
    files = [("use.py", uses), ("defs.py", "x = 1", "def parse_config():\n    pass"), ("more.py", uses, uses)]
    assert order(query, *files)[0] == "defs.py"


def test_the_spelling_that_was_typed_wins() -> None:
    """Among definitions that differ by case or underscores, the one typed comes first."""
    files = [
        ("a.py", "class NamedTuple: pass"),
        ("b.py", "def namedtuple(): pass"),
        ("c.py", "def named_tuple(): pass"),
    ]
    for query, best in (("NamedTuple", "a.py"), ("namedtuple", "b.py"), ("named_tuple", "c.py")):
        assert order(query, *files)[0] == best


def test_the_enclosing_name_decides() -> None:
    """`Foo.bar` is the `bar` inside `Foo`."""
    files = [
        ("a.py", "class Other:\n    def close(self): pass"),
        ("z.py", "class Door:\n    def close(self): pass"),
    ]
    assert order("Door.close", *files)[0] == "z.py"
    assert order("Other::close", *files)[0] == "a.py"


@pytest.mark.parametrize(
    ("path", "factor"),
    [
        ("src/app.py", 1.0),
        ("tests/test_app.py", 0.3),
        ("src/app_test.go", 0.3),
        ("web/app.spec.ts", 0.3),
        ("src/test/java/AppTest.java", 0.3),
        ("src/latest.py", 1.0),
        ("src/contest/attest.py", 1.0),
        ("docs/app.py", 0.4),
        ("README.md", 0.4),
        ("examples/app.py", 0.4),
        ("vendor/lib/app.go", 0.3),
        ("node_modules/x/index.js", 0.3),
        ("api/app_pb2.py", 0.3),
        ("static/jquery.min.js", 0.3),
        ("src/compat.py", 0.7),
        ("src/legacy/app.py", 0.7),
        ("docs/tests/x.py", 0.3),
        ("deps/lua/lua.c", 0.3),
        ("locale/de/LC_MESSAGES/django.po", 0.1),
        ("uv.lock", 0.1),
        ("web/package-lock.json", 0.1),
        ("LICENSE", 0.1),
        ("deps/x/COPYING.txt", 0.1),
        ("src/licenses.py", 1.0),
        ("src/locale/format.py", 1.0),
        ("src/lock.py", 1.0),
    ],
)
def test_paths_that_are_rarely_meant(path: str, factor: float) -> None:
    """Tests, documents, vendored and compatibility code count for less; where two kinds meet, the lower factor."""
    assert path_prior(path, frozenset()) == factor


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("how is retry tested", set()),
        ("tests for retry", {"test"}),
        ("example of retry", {"docs"}),
        ("retry docs and tests", {"docs", "test"}),
        ("vendored retry", {"vendored"}),
        ("legacy retry", {"compat"}),
        ("where is retry in the translations", {"translation"}),
        ("which lockfile has retry", {"made"}),
        ("license of retry", {"licence"}),
        ("TestLoader", set()),
    ],
)
def test_a_query_may_ask_for_them(query: str, kinds: set[str]) -> None:
    """Words of a query switch a prior off; parts of a name do not."""
    assert read_query(query).asks_for == kinds
    for kind, path in {
        "test": "tests/x.py",
        "docs": "docs/x.py",
        "vendored": "vendor/x.py",
        "compat": "compat/x.py",
        "translation": "x.po",
        "made": "x.lock",
        "licence": "COPYING",
    }.items():
        assert (path_prior(path, read_query(query).asks_for) == 1.0) is (kind in kinds)


def test_source_comes_before_tests_unless_asked() -> None:
    """The same words count for less in a test, and for as much when tests are asked for."""
    files = [("tests/test_retry.py", "retry backoff"), ("net/client.py", "retry backoff with other words")]
    assert order("retry backoff", *files) == ["net/client.py", "tests/test_retry.py"]
    assert order("test retry backoff", *files) == ["tests/test_retry.py", "net/client.py"]


def test_file_name_and_folder_count() -> None:
    """Of two like texts the one in the file or folder that the query names is better."""
    text = "open and read lines"
    assert order("csv reading", ("a.py", text), ("csv.py", text))[0] == "csv.py"
    assert order("http reading", ("a/x.py", text), ("http/x.py", text))[0] == "http/x.py"


def test_a_file_that_answers_throughout_is_better() -> None:
    """Other chunks of the same file that answer too speak for it."""
    first = ranked("retry", ("a.py", "retry once"), ("b.py", "retry once", "retry twice"))[0]
    assert first.path == "b.py"
    assert first.why["coherence"] > 0


def test_the_best_chunk_of_each_file_comes_first() -> None:
    """One hit of each file, then the files' other chunks."""
    paths = order(
        "retry", ("a.py", "retry", "retry retry", "retry x"), ("b.py", "retry and much else besides this")
    )
    assert paths == ["a.py", "b.py", "a.py", "a.py"]


def test_words_with_which_people_ask_say_little() -> None:
    """ "Function" in a question weighs little beside the words that say what is sought."""
    files = [("a.py", "function function function method"), ("b.py", "retry backoff")]
    assert order("function that does retry with backoff", *files)[0] == "b.py"
    assert read_query("function that does retry backoff").telling_terms == ("retri", "backoff")
    assert read_query("function").telling_terms == ("function",)


def test_the_same_chunk_counts_once() -> None:
    """A chunk that two places brought is one hit."""
    chunk = chunks_of_file(parsed("a.py", "retry"))[0]
    assert len(rank(read_query("retry"), [chunk, chunk], COMMON, 10)) == 1


def test_long_queries_are_cut() -> None:
    """Of a pasted text the first line and 400 characters count, and no more than so many terms."""
    query = read_query("the title\n" + "a" * BODY_CHARACTERS + " unseen")
    assert "titl" in query.terms
    assert not any(term.startswith("unseen") for term in query.terms)
    assert (
        len(read_query(" ".join(f"{chr(97 + n % 26)}{chr(97 + n // 26)}q" for n in range(300))).terms)
        <= MAX_TERMS
    )


def test_nothing_matches_nothing() -> None:
    """Chunks without any of the words are no hits."""
    assert ranked("zebra", ("a.py", "apple")) == []
    assert ranked("", ("a.py", "apple")) == []
    assert rank(read_query("zebra"), [], Statistics(0, 0.0, lambda term: 0), 5) == []


WORDS = st.lists(
    st.sampled_from(["retry", "parse", "config", "Config", "parse_config", "test", "http"]), max_size=8
)
PATHS = st.sampled_from(["a.py", "tests/test_a.py", "http/config.py", "docs/x.md", "compat.py", "retry.py"])
CHUNKS = st.builds(
    StoredChunk,
    path=PATHS,
    ord=st.integers(0, 5),
    start_line=st.integers(0, 9),
    end_line=st.integers(10, 19),
    symbol=st.sampled_from(["", "Config", "Config.parse", "parse_config"]),
    kind=st.just("function"),
    defines=WORDS.map(tuple),
    path_tokens=WORDS.map(" ".join),
    symbol_tokens=WORDS.map(" ".join),
    tokens=WORDS.map(" ".join),
)


@settings(deadline=None, max_examples=150)
@given(
    chunks=st.lists(CHUNKS, max_size=12),
    query=WORDS.map(" ".join),
    holding=st.integers(0, 2_000),
    k=st.integers(-1, 15),
)
def test_contributions_add_up(chunks: list[StoredChunk], query: str, holding: int, k: int) -> None:
    """Every score is exactly the sum of its signals, in any order; only the prior may be negative; order holds."""
    hits = rank(read_query(query), chunks, Statistics(1_000, 12.5, lambda term: holding), k)
    assert len(hits) <= max(k, 0)
    assert len({(hit.path, hit.start_line, hit.end_line) for hit in hits}) <= len(hits)
    for hit in hits:
        assert hit.score == sum(hit.why.values()) == sum(reversed(hit.why.values())) > 0
        assert all(value > 0 or signal == "prior" for signal, value in hit.why.items())
    firsts = [hit.score for hit in hits[: len({hit.path for hit in hits})]]
    assert firsts == sorted(firsts, reverse=True)
