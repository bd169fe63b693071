"""Search takes each file's newest text, wherever that is, and never fails on a query."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from indexer_stored import VERSIONS, open_both, parsed

from victor_indexer.errors import RequestCancelled
from victor_indexer.manifest import Manifest
from victor_indexer.model import FoundFile, ParsedFile, SearchResult
from victor_indexer.search import search
from victor_indexer.store import Store


class Index:
    """A small workspace, indexed."""

    def __init__(self, root: Path, store: Store, manifest: Manifest) -> None:
        self.root, self.store, self.manifest = root, store, manifest
        self.overlays: dict[str, ParsedFile] = {}
        self.pending: list[FoundFile] = []

    def save(self, *files: ParsedFile, removed: tuple[str, ...] = ()) -> None:
        self.store.replace(files, removed)
        self.manifest.record(files, removed, VERSIONS)

    def change_on_disk(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, "utf-8")
        self.pending.append(FoundFile(path, len(text), 2, 2))

    def search(self, query: str, k: int = 10) -> SearchResult:
        return search(
            query,
            k=k,
            root=self.root,
            store=self.store,
            manifest=self.manifest,
            overlays=self.overlays,
            pending=self.pending,
        )


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    yield from _index(tmp_path_factory.mktemp("shared"))


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    yield from _index(tmp_path)


def _index(folder: Path) -> Iterator[Index]:
    store, manifest = open_both(
        folder,
        parsed(
            "app/config.py",
            "class Config:\n    pass",
            "def parse_config(path):\n    return Config(read(path))",
        ),
        parsed("app/main.py", "from app.config import parse_config\nparse_config(argv)\nparse_config(argv)"),
        parsed(
            "app/retry.py",
            "def with_backoff(call):\n    # retry a request until it times out\n    return call()",
        ),
        parsed(
            "tests/test_retry.py",
            "def test_backoff():\n    # retry a request until it times out, retry, retry",
        ),
    )
    yield Index(folder, store, manifest)
    store.close()
    manifest.close()


def paths(result: SearchResult) -> list[str]:
    """Return the paths of the hits in order."""
    return [hit.path for hit in result.hits]


@pytest.mark.parametrize(
    "query", ["parse_config", "parseConfig", "PARSE_CONFIG", "config.parse_config", "parse_config()"]
)
def test_a_name_leads_to_its_definition(shared: Index, query: str) -> None:
    """However a name is spelled, its definition comes before its uses."""
    first = shared.search(query).hits[0]
    assert (first.path, first.symbol, first.start_line) == ("app/config.py", "parse_config", 2)


def test_words_lead_to_the_file(shared: Index) -> None:
    """Words in any form find the code before its tests; a query that asks for tests finds those first."""
    assert paths(shared.search("retrying requests"))[:2] == ["app/retry.py", "tests/test_retry.py"]
    assert paths(shared.search("test retrying requests"))[0] == "tests/test_retry.py"


def test_part_of_a_name_is_better_than_nothing(shared: Index) -> None:
    """Letters that are no word of their own still find the names they stand in."""
    result = shared.search("ackof")
    assert [(hit.path, hit.symbol, list(hit.why)) for hit in result.hits[:1]] == [
        ("app/retry.py", "with_backoff", ["part_of_name"])
    ]


@pytest.mark.parametrize(
    "query", ["", "   ", "\n", "()[]{}", "==", "'", '"', "\\", "*", "a.b.c.", "::", "..", "-- ;", "%"]
)
def test_odd_queries_are_no_errors(shared: Index, query: str) -> None:
    """Empty queries and bare punctuation have no answer, and no error either."""
    result = shared.search(query)
    assert (result.query, result.partial) == (query, False)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=300) | st.text(alphabet="parse_config.*+?()[]'\"\\ \n", max_size=80))
def test_no_query_is_an_error(shared: Index, query: str) -> None:
    """Any text at all is a query; hits are real, each once, and best files first."""
    result = shared.search(query, 5)
    assert len({(hit.path, hit.start_line) for hit in result.hits}) == len(result.hits) <= 5
    for hit in result.hits:
        assert hit.score == sum(hit.why.values())


def test_a_very_long_query_is_cut(shared: Index) -> None:
    """A pasted page is read as its title and its beginning."""
    assert paths(shared.search("retry backoff\n" + "config parse\n" * 50_000))[0] in {
        "app/retry.py",
        "app/config.py",
    }


def test_k_limits_the_hits(shared: Index) -> None:
    """No more hits than asked for; none for zero or less."""
    assert len(shared.search("config", 1).hits) == 1
    assert shared.search("config", 0).hits == shared.search("config", -3).hits == ()


def test_one_chunk_of_each_file_comes_first(index: Index) -> None:
    """The second chunk of a good file stands behind the first of every other file."""
    index.save(parsed("many.py", *["needle needle hay"] * 4), parsed("one.py", "needle and other things"))
    assert paths(index.search("needle"))[:3] == ["many.py", "one.py", "many.py"]


def test_a_save_is_found_at_once(index: Index) -> None:
    """What was committed after the full-text index counts, what it replaced does not."""
    index.save(
        parsed("app/retry.py", "def jitter(): pass"), parsed("new.py", "zebra"), removed=("app/main.py",)
    )
    assert paths(index.search("jitter")) == ["app/retry.py"]
    assert paths(index.search("zebra")) == ["new.py"]
    assert paths(index.search("backoff")) == ["tests/test_retry.py"]
    assert "app/main.py" not in paths(index.search("parse_config"))
    index.store.optimize()
    assert paths(index.search("jitter zebra")) == ["app/retry.py", "new.py"]


def test_an_unsaved_buffer_stands_before_its_file(index: Index) -> None:
    """A buffer's text is found, its file's is not, and a closed buffer gives the file back."""
    index.overlays["app/retry.py"] = parsed("app/retry.py", "def unsaved_idea(): pass")
    assert paths(index.search("unsaved idea")) == ["app/retry.py"]
    assert paths(index.search("with_backoff")) == ["tests/test_retry.py"]
    index.overlays.clear()
    assert paths(index.search("unsaved idea")) == []
    assert paths(index.search("with_backoff"))[0] == "app/retry.py"


def test_a_file_not_read_again_yet_is_scanned(index: Index) -> None:
    """A file that changed on disk is read as it is now; the result says that it is not the whole truth."""
    index.change_on_disk("app/retry.py", "one\n" * 100 + "x = freshlyTyped\n")
    result = index.search("freshlyTyped")
    assert [(hit.path, hit.start_line, hit.end_line) for hit in result.hits] == [("app/retry.py", 80, 102)]
    assert result.partial
    assert paths(index.search("with_backoff")) == ["tests/test_retry.py"]


def test_what_cannot_matter_is_not_called_partial(index: Index) -> None:
    """A changed file that was read in full and holds none of the words leaves the result complete."""
    index.change_on_disk("other.py", "nothing here")
    assert not index.search("parse_config").partial


def test_too_much_to_read_is_called_partial(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit into the time for a plain scan is left out, and said."""
    monkeypatch.setattr("victor_indexer.search._SCAN_BYTES", 10)
    index.change_on_disk("b.py", "something long enough")
    index.change_on_disk("c.py", "something else")
    assert index.search("parse_config").partial


def test_links_and_gone_files_are_passed_over(index: Index) -> None:
    """A pending file that became a link or vanished is not read, and nothing fails."""
    (index.root / "outside.txt").write_text("treasure", "utf-8")
    (index.root / "link.py").symlink_to(index.root / "outside.txt")
    index.pending += [
        FoundFile("link.py", 8, 1, 1),
        FoundFile("gone.py", 8, 1, 1),
        FoundFile("../up.py", 8, 1, 1),
    ]
    assert paths(index.search("treasure")) == []


def test_answers_before_there_is_a_table(index: Index) -> None:
    """While the table is still being opened, buffers and names are searched, and the result is partial."""
    result = search(
        "unsaved",
        k=5,
        root=index.root,
        store=None,
        manifest=index.manifest,
        overlays={"a.py": parsed("a.py", "unsaved words")},
    )
    assert (paths(result), result.partial) == (["a.py"], True)
    names = search("parse_con", k=5, root=index.root, store=None, manifest=index.manifest)
    assert (paths(names), names.partial) == (["app/config.py"], True)


def test_a_cancelled_search_ends(index: Index) -> None:
    """Nobody waits: the search stops with the error that says so."""
    with pytest.raises(RequestCancelled):
        search(
            "config", k=5, root=index.root, store=index.store, manifest=index.manifest, cancelled=lambda: True
        )


def test_code_is_found_under_any_number_of_translations(index: Index) -> None:
    """One text in a hundred languages does not keep the code that it belongs to from being looked at."""
    many = [parsed(f"locale/{number}/django.po", "msgid voucher validated voucher") for number in range(100)]
    code = "def check_it(self):\n    # a voucher\n" + "    other_words()\n" * 30
    index.save(*many, parsed("shop/voucher_form.py", code))
    hits = index.search("where is a voucher validated").hits
    assert hits[0].path == "shop/voucher_form.py"
    assert index.search("voucher validated translation").hits[0].path.endswith(".po")
