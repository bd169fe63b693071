"""The tool `search_code`: the index's answer to a question, as text."""

import asyncio
from collections.abc import Sequence

from pydantic import Field

from victor_indexer.model import Hit, SearchResult
from victor_server.agent.context.sources import IndexSource
from victor_server.agent.tools.built_in import BuiltIn, ToolArguments, waiting
from victor_server.agent.tools.file_text import FileText, read_text
from victor_server.agent.tools.tool import Done, Excerpt, Place, Prepared, Scene, Touched
from victor_server.agent.tools.workspace_paths import resolve_in
from victor_server.errors import Unavailable, VictorError

MAX_HITS = 15
MAX_LINES_OF_HIT = 60
MAX_QUERY = 1_000


class SearchCode(ToolArguments):
    """What is searched for."""

    query: str = Field(min_length=1, max_length=MAX_QUERY, description="Words or names; a question will do")
    limit: int = Field(6, ge=1, le=MAX_HITS)


def search_code_tool() -> BuiltIn[SearchCode]:
    """Searches the index."""
    description = (
        "Search the workspace's index for the code that answers a query, best first. For exact text use grep."
    )
    return BuiltIn("search_code", "search", description, SearchCode, _plan)


def index_of(scene: Scene) -> IndexSource:
    """The index of this turn. Raises Unavailable where there is none."""
    if scene.sources.index is None:
        raise Unavailable("There is no index here.", "Use grep and glob.")
    return scene.sources.index


def _plan(told: SearchCode, scene: Scene) -> Prepared:
    index = index_of(scene)

    async def done() -> Done:
        await index.ready(scene.root)
        found = await index.search(scene.root, told.query, told.limit)
        return await asyncio.to_thread(_done, scene, found)

    return waiting(Touched(f"Search the code for {told.query[:100]!r}", (scene.root,)), done)


def _done(scene: Scene, found: SearchResult) -> Done:
    excerpts: list[Excerpt] = []
    places: list[Place] = []
    for hit in found.hits:
        file = _file(scene, hit.path)
        if file is not None and hit.start_line < len(file.lines):
            excerpts.append(_excerpt(file, hit))
            places.append(Place(file.path, hit.start_line))
    said = ["" if excerpts else "Nothing was found."]
    said.append("Some files are not indexed yet." if found.partial else "")
    return Done(" ".join(filter(None, said)), excerpts=tuple(excerpts), places=tuple(places))


def _file(scene: Scene, path: str) -> FileText | None:
    """The file of a hit as it stands now; None where it may not be shown, or is gone."""
    try:
        return read_text(scene, resolve_in(scene.root, path, must_exist=True))
    except VictorError:
        return None


def _excerpt(file: FileText, hit: Hit) -> Excerpt:
    end = min(hit.end_line, hit.start_line + MAX_LINES_OF_HIT, len(file.lines))
    return file.excerpt((hit.start_line, max(end, hit.start_line + 1)))


def shown_paths(scene: Scene, paths: Sequence[str]) -> frozenset[str]:
    """Those of some relative paths of the index that may be shown. Blocks."""
    why = scene.sources.private.why
    return frozenset(path for path in set(paths) if not why(path) and not why((scene.root / path).as_posix()))
