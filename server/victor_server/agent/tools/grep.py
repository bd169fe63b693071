"""The tool `grep`."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from victor_server.agent.tools.built_in import BuiltIn, ToolArguments, waiting
from victor_server.agent.tools.file_text import MAX_FILE_BYTES, open_buffers
from victor_server.agent.tools.glob import listed_files
from victor_server.agent.tools.globs import path_matcher
from victor_server.agent.tools.killable import run_killable
from victor_server.agent.tools.tool import Done, Excerpt, Place, Prepared, Scene, Touched
from victor_server.agent.tools.workspace_paths import check_shown, name_in, resolve_in
from victor_server.errors import SecretBlocked, UsageError

MAX_LINES = 100
MAX_LINES_OF_FILE = 30
MAX_CONTEXT = 5
TIME_LIMIT_S = 20.0

_CHILD = "victor_server.agent.tools.grep_child"
_MAX_OUTPUT = 64_000_000
_MAX_PLACES = 20


class Grep(ToolArguments):
    """What is looked for, and where."""

    pattern: str = Field(max_length=2_000, description="Regular expression (Python's), matched line by line")
    path: str = Field(".", description="File or folder to search")
    glob: str = Field("", description="Only such files, like `*.py`")
    ignore_case: bool = False
    context: int = Field(0, ge=0, le=MAX_CONTEXT, description="Lines shown around each match")


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for one search."""

    time_s: float = TIME_LIMIT_S


def grep_tool(exclude: Sequence[str] = (), limits: Limits = Limits()) -> BuiltIn[Grep]:
    """Finds lines by a regular expression."""
    description = (
        f"Find lines in the workspace's files, {MAX_LINES} at most; ignored files only if `path` names them."
    )
    return BuiltIn(
        "grep", "search", description, Grep, lambda told, scene: _plan(told, scene, exclude, limits)
    )


def _plan(told: Grep, scene: Scene, exclude: Sequence[str], limits: Limits) -> Prepared:
    path = resolve_in(scene.root, told.path, must_exist=True)
    fits = path_matcher(told.glob) if told.glob else None
    if path.is_file():
        check_shown(scene.sources.private.why, scene.root, path, told.path)
    where = "" if path == scene.root else f" in {name_in(scene.root, path)}"
    touched = Touched(f"Search for {told.pattern[:100]!r}{where}", (path,), places=(Place(path),))

    async def done() -> Done:
        paths, n_private = await _paths(scene, path, exclude)
        chosen = [each for each in paths if fits is None or fits(each)]
        job = await asyncio.to_thread(_job, told, scene, chosen)
        found = await _searched(job, limits)
        return await asyncio.to_thread(_result, told, scene, found, n_private)

    return waiting(touched, done)


async def _paths(scene: Scene, path: Path, exclude: Sequence[str]) -> tuple[Sequence[str], int]:
    """The files to search, and how many are kept back."""
    name = name_in(scene.root, path)
    if await asyncio.to_thread(path.is_file):
        return [name], 0
    listed = await listed_files(scene, exclude)
    if path == scene.root:
        return listed.files, listed.n_private
    below = [each for each in listed.files if each.startswith(f"{name}/")]
    if not below and not any(each.startswith(f"{name}/") for each in listed.others):
        raise UsageError(
            f"All of {name} is ignored, private or empty.", "Name a single file of it as `path`."
        )
    return below, 0


def _job(told: Grep, scene: Scene, paths: Sequence[str]) -> bytes:
    wanted = set(paths)
    unsaved = {name_in(scene.root, path): buffer.text for path, buffer in open_buffers(scene).items()}
    job = {
        "root": str(scene.root),
        "pattern": told.pattern,
        "ignore_case": told.ignore_case,
        "paths": paths,
        "unsaved": {name: text for name, text in unsaved.items() if name in wanted},
        "max_bytes": MAX_FILE_BYTES,
        "max_lines": MAX_LINES,
        "max_lines_of_file": MAX_LINES if len(paths) == 1 else MAX_LINES_OF_FILE,
    }
    return json.dumps(job).encode()


@dataclass(frozen=True, slots=True)
class _Found:
    """What the child told before it ended, and why it ended too early, "" if it did not."""

    files: Sequence[Mapping[str, Any]]
    broken: str = ""


async def _searched(job: bytes, limits: Limits) -> _Found:
    """What a child of ours finds."""
    told = await run_killable(_CHILD, job, time_s=limits.time_s, max_output=_MAX_OUTPUT)
    stopped = (
        f"The search was stopped after {limits.time_s:g} s: narrow `path` or `glob`, or simplify the pattern."
    )
    return await asyncio.to_thread(_read, told.output, stopped if told.timed_out else "")


def _read(output: bytes, broken: str) -> _Found:
    lines = output.split(b"\n")[:-1]  # what no line end follows was cut
    told = [json.loads(line) for line in lines]
    last = told[-1] if told else {}
    if "error" in last:
        raise UsageError(
            f"The pattern is not a regular expression: {last['error']}.", "Write it as Python's `re`."
        )
    files = [each for each in told if "path" in each]
    if "end" not in last and not broken:
        broken = "The search broke off: simplify the pattern, or narrow `path` or `glob`."
    return _Found(files, broken)


def _result(told: Grep, scene: Scene, found: _Found, n_private: int) -> Done:
    excerpts: list[Excerpt] = []
    places: list[Place] = []
    n_more = n_more_files = 0
    for each in found.files:
        try:
            check_shown(scene.sources.private.why, scene.root, scene.root / each["path"])
        except SecretBlocked:
            n_private += 1
            continue
        hidden = each["n"] - len(each["lines"])
        n_more += hidden
        n_more_files += bool(hidden)
        if each["lines"]:
            excerpts.append(_excerpt(each, told.context, hidden))
            places.append(Place(scene.root / each["path"], each["lines"][0]))
    said = (_said(excerpts, n_more, n_more_files), _private(n_private), found.broken)
    return Done(
        " ".join(filter(None, said)),
        is_error=bool(found.broken) and not excerpts,
        excerpts=tuple(excerpts),
        places=tuple(places[:_MAX_PLACES]),
    )


def _excerpt(each: Mapping[str, Any], context: int, hidden: int) -> Excerpt:
    ranges: list[tuple[int, int]] = []
    for number in each["lines"]:
        start, end = max(0, number - context), number + context + 1
        if ranges and start <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], end)
        else:
            ranges.append((start, end))
    note = f"{hidden} more matches here" if hidden else ""
    return Excerpt(each["path"], each["text"], tuple(ranges), each["first"], note)


def _said(excerpts: Sequence[Excerpt], n_more: int, n_more_files: int) -> str:
    if not excerpts:
        return "Nothing matches."
    return f"… {n_more} more matches in {n_more_files} files; narrow the search." if n_more else ""


def _private(n_private: int) -> str:
    return f"{n_private} private files were not searched." if n_private else ""
