"""`make bench`: one table, every figure beside its peer, both measured in the same run.

    python -P tests/bench/bench.py [NAME …]      only the benches whose name holds one of the words

Wall times on a shared machine wander; what counts is the ratio to the peer, and CPU time. Bounds are what we promise.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import (
    actions_bench,
    answering,
    chat_bench,
    editing,
    edits_bench,
    indexing,
    model_bench,
    permissions_bench,
    reviews_bench,
    sandbox_bench,
    secret_scan,
    secrets_quality,
    secrets_typing,
    startup,
    tool_steps,
    vscode_bench,
)
from bench.figures import Figure, table

BENCHES: dict[str, Callable[[Path], list[Figure]]] = {
    "startup": startup.measure,
    "secrets": secret_scan.measure,
    "secrets-quality": secrets_quality.measure,
    "secrets-typing": secrets_typing.measure,
    "index": indexing.measure,
    "editing": editing.measure,
    "actions": actions_bench.measure,
    "edits": edits_bench.measure,
    "reviews": reviews_bench.measure,
    "answering": answering.measure,
    "tool-steps": tool_steps.measure,
    "model": model_bench.measure,
    "chat": chat_bench.measure,
    "permissions": permissions_bench.measure,
    "sandbox": sandbox_bench.measure,
    "vscode": vscode_bench.measure,
}


def main() -> int:
    """Run the benches and print the table; exit code 1 when a promised bound does not hold."""
    wanted = sys.argv[1:]
    figures: list[Figure] = []
    scratch = Path(tempfile.mkdtemp(prefix="victor-bench-"))
    try:
        for name, measure in BENCHES.items():
            if not wanted or any(word in name for word in wanted):
                print(f"measuring: {name} …", file=sys.stderr, flush=True)
                figures += measure(scratch / name)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    print(table(figures))
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
