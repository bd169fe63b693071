"""Looks through files for a pattern: `python -m victor_server.agent.tools.grep_child`, to be killed when it takes too long.

A pattern may take for ever, and nothing can stop Python's engine but the end of its process. The job comes as one JSON
document on standard input; what is found goes to standard output, one JSON document a line.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from victor_indexer.source import RawFile, decode, normalise, read_file
from victor_server.agent.tools.grep_pattern import Lines, matching_lines
from victor_server.agent.tools.own_limits import limit_itself

AROUND = 60
"""Lines before and behind a match by which secrets in it are known."""

MAX_LINE = 5_000
"""Characters of a line that is handed on; of a longer one only how many it has."""

_CPU_S = 30
_MEMORY_BYTES = 1 << 30


def main() -> None:
    """Do the job on standard input."""
    limit_itself(_CPU_S, _MEMORY_BYTES)
    job = json.load(sys.stdin.buffer)
    try:
        lines = matching_lines(job["pattern"], ignore_case=job["ignore_case"])
    except (re.error, RecursionError, OverflowError, MemoryError) as error:
        _tell({"error": str(error)[:200]})
        return
    for found in search(job, lines):
        _tell(found)
    _tell({"end": True})


def search(job: Mapping[str, Any], lines: Lines) -> Iterator[Mapping[str, Any]]:
    """Each file with matches: how many, and while there are not too many the lines of some of them, with their text."""
    left = job["max_lines"]
    for path in job["paths"]:
        text = _text(Path(job["root"]), path, job["unsaved"], job["max_bytes"])
        if text is None:
            continue
        numbers = lines(text)
        shown = list(islice(numbers, min(left, job["max_lines_of_file"])))
        n_lines = len(shown) + sum(1 for _ in numbers)
        left -= len(shown)
        if n_lines:
            yield {"path": path, "n": n_lines, "lines": shown, **(_window(text, shown) if shown else {})}


def _text(root: Path, path: str, unsaved: Mapping[str, str], max_bytes: int) -> str | None:
    if path in unsaved:
        return normalise(unsaved[path])
    raw = read_file(root, path, max_bytes)
    decoded = decode(raw.content) if isinstance(raw, RawFile) else None
    return None if decoded is None else decoded[0]


def _window(text: str, shown: list[int]) -> Mapping[str, Any]:
    """The lines around all that is shown."""
    all_lines = text.removesuffix("\n").split("\n")
    first = max(0, shown[0] - AROUND)
    some = all_lines[first : shown[-1] + AROUND + 1]
    cut = [line if len(line) <= MAX_LINE else f"(a line of {len(line)} characters)" for line in some]
    return {"first": first, "text": "\n".join(cut)}


def _tell(found: Mapping[str, Any]) -> None:
    sys.stdout.write(f"{json.dumps(found)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
