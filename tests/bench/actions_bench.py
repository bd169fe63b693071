"""How long an editor waits for the list of actions in a file of ten thousand lines."""

import random
import sysconfig
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.bare import BARE
from bench.figures import Figure, percentile
from editor import Editor

N_LINES = 10_000
N_LISTS = 300
BOUND_MS = 50


def measure(scratch: Path) -> list[Figure]:
    """List at places all over the file: with a selection and without, a keystroke before each."""
    tree, peer = scratch / "tree", scratch / "peer"
    tree.mkdir(parents=True)
    peer.mkdir()
    with Editor(tree, home=scratch / "home") as editor:
        first_ms, took = _list_all_over(editor, tree / "long.py")
    with Editor(peer, home=scratch / "peer-home", command=BARE) as bare:
        bare.open(peer / "long.py", _code())
        theirs = [_timed(lambda: bare.request("bench/ping", {})) for _ in range(N_LISTS)]
    return [
        Figure(
            f"list of actions in {N_LINES:,} lines, p95",
            percentile(took, 95),
            "ms",
            BOUND_MS,
            f"bare pygls answers nothing at all, p95: {percentile(theirs, 95):,.1f} ms",
        ),
        Figure("the first list, which loads what lists need", first_ms, "ms"),
    ]


def _list_all_over(editor: Editor, path: Path) -> tuple[float, list[float]]:
    """Milliseconds of the first list, and of each that follows a keystroke."""
    editor.open(path, _code())
    first = _timed(lambda: _listed(editor, path, 0, 0))
    dice, took = random.Random(7), []
    for number in range(N_LISTS):
        line = dice.randrange(N_LINES)
        place = {"line": line, "character": 0}
        change = {"range": {"start": place, "end": place}, "text": " "}
        identifier = {"uri": path.as_uri(), "version": number + 2}
        editor.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": [change]})
        end = line if number % 2 else min(N_LINES, line + dice.randrange(1, 60))
        took.append(_timed(partial(_listed, editor, path, line, end)))
    return first, took


def _listed(editor: Editor, path: Path, first: int, last: int) -> None:
    span = {"start": {"line": first, "character": 0}, "end": {"line": last, "character": 0}}
    asked = {"textDocument": {"uri": path.as_uri()}, "range": span, "context": {"diagnostics": []}}
    if not editor.request("textDocument/codeAction", asked):
        raise SystemExit("no action was listed")


def _timed(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def _code() -> str:
    """The first modules of the standard library, by name, until there are enough lines."""
    lines: list[str] = []
    for file in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        lines += file.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
        if len(lines) >= N_LINES:
            break
    return "".join(lines[:N_LINES])
