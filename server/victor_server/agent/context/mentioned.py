"""Context that the person names: `@file` and `@symbol`."""

import asyncio
from collections.abc import Sequence

from victor_indexer.model import LocatedSymbol
from victor_server.agent.context.files import Files, Text, Unreadable
from victor_server.agent.context.mentions import WORDS, Mention
from victor_server.agent.context.sources import Sources
from victor_server.agent.context.wish import Wish, Wishes, joined, left_out

FILE_SCORE = 95.0
SYMBOL_SCORE = 92.0
MAX_DEFINITIONS = 3
_LOOKED_AT = 20


async def wishes(mentions: Sequence[Mention], files: Files, sources: Sources) -> Wishes:
    """The files and definitions that are named; a name that is nothing's is left out, saying so."""
    named = [mention for mention in mentions if mention.kind not in WORDS]
    return joined([await _looked_up(mention, files, sources) for mention in named])


async def _looked_up(mention: Mention, files: Files, sources: Sources) -> Wishes:
    found: Wishes | None = None
    if mention.kind != "symbol":
        found = await _file(mention, files, sources)
    if found is None and mention.kind != "file":
        found = await _definitions(mention, files, sources)
    if found is not None:
        return found
    kind = {"file": "file", "symbol": "definition"}.get(mention.kind, "file or definition")
    return left_out("file", mention.name, f"there is no {kind} of this name")


async def _file(mention: Mention, files: Files, sources: Sources) -> Wishes | None:
    """The file of this path, else the only one of this name; None where there is none."""
    path = mention.name.replace("\\", "/").removeprefix("./")
    text = await asyncio.to_thread(files.read, path)
    if isinstance(text, Unreadable) and text.reason == _NO_FILE and sources.index is not None and files.root:
        near = await sources.index.paths(files.root, path, _LOOKED_AT)
        same = [each for each in near if each == path or each.endswith(f"/{path}")]
        if len(same) > 1:
            names = ", ".join(sorted(same)[:4])
            return left_out("file", mention.name, f"there are several: {names}")
        if same:
            path, text = same[0], await asyncio.to_thread(files.read, same[0])
    if isinstance(text, Text):
        return Wishes([_file_wish(mention, path, text)])
    return None if text.reason == _NO_FILE else left_out("file", path, text.reason)


_NO_FILE = "there is no such file"


def _file_wish(mention: Mention, path: str, text: Text) -> Wish:
    start, end = mention.lines or (0, len(text.lines))
    start = min(start, len(text.lines))
    reason = "mentioned, not saved" if text.unsaved else "mentioned"
    return Wish(*("file", path, start, text.lines[start:end], reason, FILE_SCORE), asked=True, cuttable=True)


async def _definitions(mention: Mention, files: Files, sources: Sources) -> Wishes | None:
    if sources.index is None or files.root is None:
        return None
    near = await sources.index.symbols(files.root, mention.name, _LOOKED_AT)
    same = [each for each in near if _bears(each, mention.name)]
    if not same:
        return None
    parts = [await asyncio.to_thread(_definition, each, files) for each in same[:MAX_DEFINITIONS]]
    if len(same) > MAX_DEFINITIONS:
        parts.append(left_out("symbol", mention.name, f"{len(same) - MAX_DEFINITIONS} more of this name"))
    return joined(parts)


def _bears(located: LocatedSymbol, name: str) -> bool:
    container, _, last = name.replace("::", ".").replace("#", ".").rpartition(".")
    symbol = located.symbol
    return symbol.name == last and (not container or f".{symbol.container}".endswith(f".{container}"))


def _definition(located: LocatedSymbol, files: Files) -> Wishes:
    text = files.read(located.path)
    if isinstance(text, Unreadable):
        return left_out("symbol", located.path, text.reason)
    symbol = located.symbol
    lines = text.lines[symbol.start_line : symbol.end_line + 1]
    reason = f"mentioned: {symbol.kind} {symbol.name}"
    return Wishes(
        [
            Wish(
                *("symbol", located.path, symbol.start_line, lines, reason, SYMBOL_SCORE),
                asked=True,
                cuttable=True,
            )
        ]
    )
