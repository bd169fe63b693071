"""`victor search`: the best places in a folder for some words or names."""

import json as jsonlib
import sys
from pathlib import Path

from victor_indexer import wire
from victor_indexer.errors import IndexerError
from victor_indexer.model import Hit, SearchResult
from victor_server.cli.index import update
from victor_server.cli.worker import (
    ask_and_wait,
    connect,
    follow_progress,
    load_settings,
    options_to_wire,
    real_root,
)
from victor_server.errors import UsageError


def run_search(query: str, path: Path, *, k: int, json: bool, now: bool) -> int:
    """Print the `k` best hits. The index is brought up to date first, unless the answer is wanted `now`."""
    if not query.strip():
        raise UsageError(
            "There is nothing to search for.", "Name a word or a definition: `victor search parse`."
        )
    root = real_root(path)
    settings = load_settings(root)
    asked = {"root": str(root), "query": query, "k": k, "options": options_to_wire(settings)}
    with follow_progress(root) as on_event, connect(settings, on_event) as client:
        if not now:
            try:
                update(client, settings, root, rebuild=False)
            except IndexerError as error:
                print(f"{error.message} The answer comes from what is there.", file=sys.stderr)
        answer = ask_and_wait(client, "search", **asked)
    result = wire.result_from_wire(answer)
    print(jsonlib.dumps(_document(result)) if json else _text(result))
    return 0


def _document(result: SearchResult) -> dict[str, object]:
    hits = [_hit_document(hit) for hit in result.hits]
    return {"query": result.query, "partial": result.partial, "hits": hits}


def _hit_document(hit: Hit) -> dict[str, object]:
    return {
        "path": hit.path,
        "start_line": hit.start_line + 1,
        "end_line": hit.end_line + 1,
        "symbol": hit.symbol,
        "kind": hit.kind,
        "score": hit.score,
        "why": hit.why,
    }


def _text(result: SearchResult) -> str:
    if not result.hits:
        return "nothing found" + (" yet: the index is still being built" if result.partial else "")
    lines = [
        f"{hit.path}:{hit.start_line + 1}-{hit.end_line}  {f'{hit.kind} {hit.symbol}'.strip()}  ({hit.score:.1f})"
        for hit in result.hits
    ]
    if result.partial:
        lines.append("the index is still being built: there may be better answers")
    return "\n".join(lines)
