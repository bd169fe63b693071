"""CPU seconds per million lines by stage of taking files apart, over the standard library of the running Python.

Run: python tests/bench/parse_bench.py [FOLDER]
"""

import gc
import os
import resource
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from victor_indexer import chunk
from victor_indexer.ingest import MAX_FILE_BYTES, PARSE_BUDGET_S, parse_file
from victor_indexer.languages import language_of, refine
from victor_indexer.model import FileStatus, FoundFile, ParsedFile
from victor_indexer.source import RawFile, decode, read_file
from victor_indexer.syntax import parse
from victor_indexer.syntax.tags import symbols
from victor_indexer.tokens import token_line

_T = TypeVar("_T")


def measure(root: Path) -> dict[str, float]:
    """Return CPU seconds per million lines for each stage and for `parse_file` as a whole, and the peak memory."""
    files = list(_files(root))
    seconds: dict[str, float] = {}
    n_lines = 0
    for found in files:
        n_lines += _stages(root, found, seconds)
    whole_before = time.process_time()
    parsed = [_light(parse_file(root, found, lambda text, _path: text)) for found in files]
    seconds["parse_file"] = time.process_time() - whole_before
    report = {stage: spent / n_lines * 1e6 for stage, spent in seconds.items()}
    report["files"] = len(files)
    report["lines"] = n_lines
    report["n_chunks"] = sum(n_chunks for _, n_chunks, _ in parsed)
    report["n_symbols"] = sum(n_symbols for _, _, n_symbols in parsed)
    report["failed"] = sum(status is FileStatus.FAILED for status, _, _ in parsed)
    report["peak_rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return report


def _files(root: Path) -> Iterator[FoundFile]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in ("site-packages", "__pycache__"))
        for name in sorted(names):
            path = Path(folder, name)
            status = path.lstat()
            if language_of(path.as_posix()) and path.is_file() and not path.is_symlink():
                relative = path.relative_to(root).as_posix()
                yield FoundFile(relative, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _light(parsed: ParsedFile) -> tuple[FileStatus, int, int]:
    return parsed.status, len(parsed.chunks), len(parsed.symbols)


def _stages(root: Path, found: FoundFile, seconds: dict[str, float]) -> int:
    """Take one file apart step by step and add up what each step costs; return its lines."""
    raw = _timed(seconds, "read", lambda: read_file(root, found.path, MAX_FILE_BYTES))
    decoded = _timed(seconds, "decode", lambda: decode(raw.content)) if isinstance(raw, RawFile) else None
    language = language_of(found.path)
    if decoded is None or language is None:
        return 0
    text = decoded[0]
    refined = refine(language, text)
    tree = _timed(seconds, "tree", lambda: parse(text, refined, budget_s=PARSE_BUDGET_S))
    if tree is None:
        return 0
    defined = _timed(seconds, "symbols", lambda: symbols(tree))
    chunks = _timed(seconds, "chunks and tokens", lambda: chunk.cut(text, tree, defined))
    _timed(seconds, "tokens again", lambda: [token_line(each.text) for each in chunks])
    return text.count("\n") + 1


def _timed(seconds: dict[str, float], stage: str, work: Callable[[], _T]) -> _T:
    before = time.thread_time()
    result = work()
    seconds[stage] = seconds.get(stage, 0.0) + time.thread_time() - before
    return result


def main() -> None:
    gc.set_threshold(200_000)  # as in a parser child
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(sysconfig.get_paths()["stdlib"])
    for name, value in measure(root).items():
        print(f"{name:20} {value:12.2f}")


if __name__ == "__main__":
    main()
