"""What the tests of storage and search put into an index: files written as one string each."""

import re
from pathlib import Path

from victor_indexer.manifest import Manifest, Versions, open_manifest
from victor_indexer.model import Chunk, FileStatus, ParsedFile, Symbol
from victor_indexer.store import Store, open_store
from victor_indexer.tokens import token_line

VERSIONS = Versions("parser-1", "chunker-1", "redaction-1")
_DEFINITION = re.compile(r"^( *)(def|class) (\w+)", re.MULTILINE)


def parsed(path: str, *texts: str, mtime_ns: int = 1) -> ParsedFile:
    """Return a parsed file with one chunk for each text; `def` and `class` at a line's start are its symbols."""
    chunks, symbols, line = [], [], 0
    for number, text in enumerate(texts):
        found = list(symbols_in(text, line))
        symbols += found
        end = line + text.count("\n") + 1
        name, kind = (_dotted(found[0]), found[0].kind) if found else ("", "code")
        defines = tuple(symbol.name for symbol in found)
        chunks.append(Chunk(number, line, end, name, kind, defines, text, token_line(text)))
        line = end
    size = sum(len(text) for text in texts)
    return ParsedFile(
        path,
        FileStatus.INDEXED,
        language="python",
        size=size,
        mtime_ns=mtime_ns,
        ctime_ns=mtime_ns,
        content_hash=f"hash-{hash(texts):x}",
        lines=line,
        symbols=tuple(symbols),
        chunks=tuple(chunks),
    )


def symbols_in(text: str, first_line: int) -> list[Symbol]:
    """Return the symbols of a text whose first line is `first_line`; an indented one stands in the class above."""
    found: list[Symbol] = []
    container = ""
    for match in _DEFINITION.finditer(text):
        indent, keyword, name = match.groups()
        line = first_line + text.count("\n", 0, match.start())
        kind = "class" if keyword == "class" else "method" if indent else "function"
        column = match.start(3) - match.start()
        place = (line, len(indent), line + 1, 0, line, column, column + len(name))
        found.append(Symbol(name, kind, container if indent else "", *place))
        container = container if indent else name
    return found


def open_both(folder: Path, *files: ParsedFile) -> tuple[Store, Manifest]:
    """Return a store and a manifest that hold `files`, with the full-text index built."""
    store, manifest = open_store(folder / "table"), open_manifest(folder / "manifest.db")
    store.replace(files, [])
    store.optimize()
    manifest.record(files, [], VERSIONS)
    return store, manifest


def _dotted(symbol: Symbol) -> str:
    return f"{symbol.container}.{symbol.name}" if symbol.container else symbol.name
