"""`victor index`: bring the index of a folder up to date, or say why a file is in it or not."""

import json as jsonlib
import os
from pathlib import Path
from typing import Any

from victor_indexer import wire
from victor_indexer.client import IndexClient
from victor_indexer.model import Explanation
from victor_server.cli.worker import (
    ask_and_wait,
    connect,
    follow_progress,
    load_settings,
    options_to_wire,
    real_root,
)
from victor_server.errors import UsageError
from victor_server.settings.resolved import Settings

_SHOWN_ERRORS = 10


def run_index(path: Path, *, json: bool, explain: str | None, rebuild: bool) -> int:
    """Index `path` and print what was done; with `explain`, only why that one file is in the index or not."""
    root = real_root(path)
    settings = load_settings(root)
    if explain is not None:
        return _explain(settings, root, _relative(root, explain), json=json)
    summary = index_now(settings, root, rebuild=rebuild)
    print(jsonlib.dumps(summary) if json else _summary_text(summary))
    return 0


def index_now(settings: Settings, root: Path, *, rebuild: bool) -> dict[str, Any]:
    """Bring the index of `root` up to date, with progress on stderr; returns the document of `victor index --json`."""
    with follow_progress(root) as on_event, connect(settings, on_event) as client:
        return update(client, settings, root, rebuild=rebuild)


def update(client: IndexClient, settings: Settings, root: Path, *, rebuild: bool) -> dict[str, Any]:
    """Have the index of `root` brought up to date over a connection that stays; returns the same document."""
    ask_and_wait(client, "ping")
    asked = {"root": str(root), "rebuild": rebuild, "pid": os.getpid(), "spawned": client.spawned}
    answer = ask_and_wait(client, "wait", **asked, options=options_to_wire(settings))
    return dict(answer)


def _explain(settings: Settings, root: Path, path: str, *, json: bool) -> int:
    with connect(settings) as client:
        asked = {"root": str(root), "path": path, "options": options_to_wire(settings)}
        explanation = wire.explanation_from_wire(ask_and_wait(client, "explain", **asked))
    if json:
        print(jsonlib.dumps({name: getattr(explanation, name) for name in Explanation.__slots__}))
    else:
        print(_explanation_text(explanation))
    return 0


def _relative(root: Path, path: str) -> str:
    """The path below `root`, for a path relative to it or to the working directory."""
    for base in (Path(path).absolute(), root / path):
        absolute = Path(os.path.normpath(base))
        real = Path(os.path.realpath(absolute.parent)) / absolute.name
        for candidate in (absolute, real):
            inside = candidate.is_relative_to(root) and candidate != root
            if inside and (os.path.lexists(candidate) or base == root / path):
                return candidate.relative_to(root).as_posix()
    raise UsageError(f"{path} is not inside {root}.", "Name a file of that folder.")


def _explanation_text(explanation: Explanation) -> str:
    if explanation.indexed:
        text = f"{explanation.path}: indexed, {explanation.chunks} chunks, {explanation.symbols} symbols"
    else:
        text = f"{explanation.path}: not indexed ({explanation.reason.replace('_', ' ')})"
    if explanation.rule:
        text += f"\n  decided by {explanation.rule}"
    if explanation.error:
        text += f"\n  {explanation.error}"
    return text


def _summary_text(summary: dict[str, Any]) -> str:
    lines = [
        "{root}: {files:,} files, {lines:,} lines, {chunks:,} chunks, {symbols:,} symbols".format_map(
            summary
        ),
        "took {wall_seconds:.1f} s ({cpu_seconds:.1f} s of CPU time) and {peak_rss_mb:.0f} MB".format_map(
            summary
        ),
        f"the index takes {summary['index_bytes'] / 1e6:.1f} MB on disk",
    ]
    if summary["skipped"]:
        left_out = ", ".join(
            f"{count:,} {reason.replace('_', ' ')}" for reason, count in summary["skipped"].items()
        )
        lines.append(f"left out: {left_out} (`victor index --explain FILE` says why)")
    errors = summary["errors"]
    lines += [f"{each['path']}: {each['error']}" for each in errors[:_SHOWN_ERRORS]]
    if len(errors) > _SHOWN_ERRORS:
        lines.append(f"and {len(errors) - _SHOWN_ERRORS} more files with a remark (see --json)")
    return "\n".join(lines)
