"""The tool `glob`."""

import asyncio
import threading
from collections.abc import Callable, Sequence

from pydantic import Field

from victor_server.agent.tools.built_in import BuiltIn, ToolArguments, waiting
from victor_server.agent.tools.globs import path_matcher
from victor_server.agent.tools.listing import Listed, list_files
from victor_server.agent.tools.printable import printable
from victor_server.agent.tools.tool import Done, Prepared, Scene, Touched

MAX_PATHS = 200


class Glob(ToolArguments):
    """What is looked for."""

    pattern: str = Field(description="Like `src/**/*.{ts,tsx}`, or `*_test.go` for any folder")


def glob_tool(exclude: Sequence[str] = ()) -> BuiltIn[Glob]:
    """Finds files by their paths."""
    description = "Find files of the workspace by path; ignored ones are left out."
    return BuiltIn("glob", "search", description, Glob, lambda told, scene: _plan(told, scene, exclude))


def _plan(told: Glob, scene: Scene, exclude: Sequence[str]) -> Prepared:
    fits = path_matcher(told.pattern)
    touched = Touched(f"Find files {told.pattern[:100]}", (scene.root,))
    return waiting(touched, lambda: _done(scene, exclude, fits))


async def _done(scene: Scene, exclude: Sequence[str], fits: Callable[[str], bool]) -> Done:
    listed = await listed_files(scene, exclude)
    found = [path for path in sorted((*listed.files, *listed.others)) if fits(path)]
    if not found:
        return Done("No file fits. Ignored and private files are not looked at.")
    more = len(found) - MAX_PATHS
    told = "\n".join(map(printable, found[:MAX_PATHS]))
    return Done(told if more <= 0 else f"{told}\n… {more} more; narrow the pattern.")


async def listed_files(scene: Scene, exclude: Sequence[str]) -> Listed:
    """`list_files` in a thread, ended with whoever waits for it."""
    ended = threading.Event()
    try:
        return await asyncio.to_thread(list_files, scene, exclude, ended.is_set)
    finally:
        ended.set()
