"""The tools `symbols` and `outline`: what is defined where."""

import asyncio
from collections.abc import Iterator, Sequence

from pydantic import Field

from victor_indexer.model import LocatedSymbol, Symbol
from victor_indexer.outline import Outline, outline
from victor_server.agent.tools.built_in import BuiltIn, ToolArguments, waiting
from victor_server.agent.tools.file_text import FileText, read_text
from victor_server.agent.tools.printable import printable
from victor_server.agent.tools.search_code import index_of, shown_paths
from victor_server.agent.tools.tool import Done, Place, Prepared, Scene, Touched
from victor_server.agent.tools.workspace_paths import check_shown, name_in, resolve_in

MAX_SYMBOLS = 50
MAX_OUTLINE = 400


class Symbols(ToolArguments):
    """Which definitions are looked for."""

    name: str = Field(
        min_length=1, max_length=200, description="Name or part of one, like `Session` or `Session.open`"
    )


class FileOutline(ToolArguments):
    """Whose definitions are listed."""

    path: str = Field(description="Relative to the workspace")


def symbols_tool() -> BuiltIn[Symbols]:
    """Finds definitions by name."""
    return BuiltIn(
        "symbols", "search", "Find where something is defined, by its name.", Symbols, _plan_symbols
    )


def outline_tool() -> BuiltIn[FileOutline]:
    """Lists the definitions of a file."""
    description = "List what a file defines, with line ranges: shorter than reading it."
    return BuiltIn("outline", "read", description, FileOutline, _plan_outline)


def _plan_symbols(told: Symbols, scene: Scene) -> Prepared:
    index = index_of(scene)

    async def done() -> Done:
        await index.ready(scene.root)
        found = await index.symbols(scene.root, told.name, MAX_SYMBOLS + 1)
        return await asyncio.to_thread(_found, scene, found)

    return waiting(Touched(f"Look for the definition of {told.name[:100]!r}", (scene.root,)), done)


def _found(scene: Scene, located: Sequence[LocatedSymbol]) -> Done:
    shown = shown_paths(scene, [each.path for each in located])
    found = [each for each in located if each.path in shown]
    lines = [
        f"{printable(each.path)}:{each.symbol.name_line + 1} {_said(each.symbol)}"
        for each in found[:MAX_SYMBOLS]
    ]
    if len(found) > MAX_SYMBOLS:
        lines.append("… more; give more of the name.")
    places = tuple(Place(scene.root / each.path, each.symbol.name_line) for each in found[:MAX_SYMBOLS])
    return Done("\n".join(lines) or "No definition has such a name. Try grep.", places=places)


def _said(symbol: Symbol) -> str:
    return f"{symbol.kind} {symbol.container}{symbol.container and '.'}{symbol.name}"


def _plan_outline(told: FileOutline, scene: Scene) -> Prepared:
    index = index_of(scene)
    path = resolve_in(scene.root, told.path, must_exist=True)
    check_shown(scene.sources.private.why, scene.root, path, told.path)

    async def done() -> Done:
        file = await asyncio.to_thread(read_text, scene, path)
        found = await index.outline(file.name, "\n".join(file.lines))
        return _listed(file, found)

    return waiting(Touched(f"Outline {name_in(scene.root, path)}", (path,), places=(Place(path),)), done)


def _listed(file: FileText, symbols: Sequence[Symbol]) -> Done:
    lines = list(_lines(outline(symbols), ""))
    if not lines:
        from victor_indexer.languages import language_of  # loads the parser

        why = "defines nothing" if language_of(file.name) else "is in no language that can be outlined"
        return Done(f"{file.name} {why}; it has {len(file.lines)} lines.")
    more = len(lines) - MAX_OUTLINE
    rest = f"\n… {more} more definitions; read the file from where these end." if more > 0 else ""
    head = f"{file.name} ({len(file.lines)} lines{', not saved' if file.unsaved else ''})"
    return Done("\n".join((head, *lines[:MAX_OUTLINE])) + rest)


def _lines(nodes: Sequence[Outline], indent: str) -> Iterator[str]:
    """Each definition with its lines, what stands inside of it below; no deeper than anybody reads."""
    for node in nodes:
        symbol = node.symbol
        last = symbol.end_line + (symbol.end_column > 0)
        span = (
            f"{symbol.start_line + 1}-{last}" if last > symbol.start_line + 1 else f"{symbol.start_line + 1}"
        )
        yield f"{indent}{span} {symbol.kind} {symbol.name}"
        if len(indent) < _DEEPEST:
            yield from _lines(node.children, f"{indent} ")


_DEEPEST = 8
