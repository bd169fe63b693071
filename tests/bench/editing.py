"""What a person feels at a million lines: asking, saving, and typing while everything is being indexed."""

import random
import shutil
import time
from pathlib import Path

from bench.bare import BARE
from bench.corpus import source_tree
from bench.figures import Figure, percentile
from editor import Editor

N_LINES = 1_000_000
N_SAVES = 1_000
N_KEYSTROKES = 500
QUERIES = [
    *(
        "parse an ISO 8601 date",
        "HTTPConnection",
        "read zip central directory",
        "asyncio event loop run until complete",
    ),
    *(
        "json decoder scan string",
        "unittest mock patch",
        "ThreadPoolExecutor submit",
        "email header encoding",
    ),
    *(
        "sqlite connection execute",
        "sort dictionary by value",
        "urlopen",
        "tokenize python source",
        "LRU cache",
    ),
    *(
        "regular expression compile flags",
        "socket timeout error",
        "test the csv reader",
        "path glob pattern match",
    ),
    *(
        "walk directory tree",
        "xml element tree parse",
        "subprocess communicate",
        "argument parser add_argument",
    ),
    *("decimal rounding context", "hash file sha256", "logging handler emit", "create temporary directory"),
]


def measure(scratch: Path) -> list[Figure]:
    """Type while the index is built, then ask, save 1,000 times, and ask again."""
    home = scratch / "home"
    tree = _copy_with_scratch_module(scratch)
    with Editor(tree, home=home) as editor:
        typing = _typing_figures(editor, tree, scratch)
        _wait_ready(editor, tree)
        fresh = _ask(editor)
        saves = [_save_until_found(editor, tree, number) for number in range(N_SAVES)]
        worn = _ask(editor)
    return [
        *typing,
        Figure("query at 1 M lines, p50", percentile(fresh, 50), "ms", 20),
        Figure("query at 1 M lines, p95", percentile(fresh, 95), "ms", 60),
        Figure(
            f"query after {N_SAVES:,} saves, p50 / fresh",
            percentile(worn, 50) / percentile(fresh, 50),
            "x",
            1.5,
        ),
        Figure(
            "save to searchable, p95",
            percentile(saves, 95),
            "ms",
            500,
            f"p50 {percentile(saves, 50):,.0f} ms",
        ),
    ]


def _typing_figures(editor: Editor, tree: Path, scratch: Path) -> list[Figure]:
    ours = _type(editor, tree / "long.py", "victor/status")
    was_indexing = _state(editor, tree) != "ready"
    peer_folder = scratch / "peer"
    peer_folder.mkdir()
    with Editor(peer_folder, home=scratch / "peer-home", command=BARE) as bare:
        theirs = _type(bare, peer_folder / "long.py", "bench/ping")
    name = "keystroke in 10,000 lines, p99" + (
        ", while indexing" if was_indexing else ", INDEX WAS READY TOO SOON"
    )
    bound = 20 if was_indexing else 0
    return [
        Figure(name, percentile(ours, 99), "ms", bound, f"bare pygls p99 {percentile(theirs, 99):,.1f} ms")
    ]


def _type(editor: Editor, path: Path, ping: str) -> list[float]:
    """Milliseconds from a keystroke until the server has taken it in and answers the next question."""
    text = "".join(f"value_{number} = {number}  # a line like any other\n" for number in range(10_000))
    editor.open(path, text)
    editor.request(ping, {})
    dice = random.Random(7)
    took = []
    for version in range(2, N_KEYSTROKES + 2):
        line = dice.randrange(10_000)
        place = {"line": line, "character": 3}
        started = time.perf_counter()
        editor.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": path.as_uri(), "version": version},
                "contentChanges": [{"range": {"start": place, "end": place}, "text": "x"}],
            },
        )
        editor.request(ping, {})
        took.append((time.perf_counter() - started) * 1000)
    editor.close(path)
    return took


def _ask(editor: Editor) -> list[float]:
    took = []
    for _ in range(4):
        for query in QUERIES:
            started = time.perf_counter()
            editor.request("victor/search", {"query": query, "k": 10})
            took.append((time.perf_counter() - started) * 1000)
    return took


def _save_until_found(editor: Editor, tree: Path, number: int) -> float:
    """Milliseconds from didSave until a search finds the new definition."""
    name = f"uncommon{number}word"
    path = tree / "saved" / f"module_{number % 100}.py"
    path.write_text(f"def {name}(amount):\n    return amount * {number}\n", encoding="utf-8")
    started = time.perf_counter()
    editor.notify("textDocument/didSave", {"textDocument": {"uri": path.as_uri()}})
    while not any(hit["symbol"] == name for hit in _hits(editor, name)):
        if time.perf_counter() - started > 60:
            raise SystemExit(f"{name} was never found")
        time.sleep(0.005)
    return (time.perf_counter() - started) * 1000


def _hits(editor: Editor, query: str) -> list[dict[str, object]]:
    hits: list[dict[str, object]] = editor.request("victor/search", {"query": query, "k": 3})["hits"]
    return hits


def _wait_ready(editor: Editor, tree: Path) -> None:
    while _state(editor, tree) != "ready":
        time.sleep(0.2)
    editor.request("victor/search", {"query": "warm", "k": 1})


def _state(editor: Editor, tree: Path) -> str:
    return str(editor.request("victor/index/status", {"root": tree.as_uri()})["index"]["state"])


def _copy_with_scratch_module(scratch: Path) -> Path:
    tree = scratch / "tree"
    shutil.copytree(source_tree(N_LINES), tree)
    (tree / "saved").mkdir()
    for number in range(100):
        (tree / "saved" / f"module_{number}.py").write_text("start = 1\n", encoding="utf-8")
    return tree
