"""Definitions in one document, and in the whole workspace."""

from collections.abc import Sequence
from pathlib import Path

from lsprotocol import types

from victor_indexer.model import Symbol
from victor_server.features.found import FoundSymbol
from victor_server.lsp.client_features import ClientFeatures
from victor_server.lsp.convert import (
    to_lsp_document_symbols,
    to_lsp_name_range,
    to_lsp_symbol_information,
    to_lsp_symbol_kind,
    to_lsp_uri,
)
from victor_server.lsp.documents import Document
from victor_server.lsp.positions import Encoding
from victor_server.lsp.session import Session
from victor_server.lsp.text import NO_TEXT, Text, text_from, without_surrogates

MAX_SYMBOLS = 200
MAX_FILE_BYTES = 4 * 1024 * 1024


async def document_symbol(
    session: Session, document: Document, _: types.DocumentSymbolParams
) -> list[types.DocumentSymbol] | list[types.SymbolInformation]:
    """A tree where the client knows trees, else a list."""
    index = await session.index()
    path = document.path or Path(document.name)
    symbols = await index.document_symbols(
        path, document.text.readable, document.language_id, unsaved=document.edited or not document.saved
    )
    return await session.pool.run_blocking(lambda: _outline(symbols, document, session.features))


def _outline(
    symbols: Sequence[Symbol], document: Document, client: ClientFeatures
) -> list[types.DocumentSymbol] | list[types.SymbolInformation]:
    if client.hierarchical_symbols:
        return to_lsp_document_symbols(symbols, document.text, client.encoding)
    return to_lsp_symbol_information(symbols, document, client.encoding)


async def workspace_symbol(
    session: Session, params: types.WorkspaceSymbolParams
) -> list[types.SymbolInformation]:
    """Definitions by name, best first. `SymbolInformation` is what every client takes."""
    index = await session.index()
    found = await index.workspace_symbols(without_surrogates(params.query), limit=MAX_SYMBOLS)
    open_documents = {document.path: document for document in session.documents if document.path is not None}
    encoding = session.features.encoding
    return await session.pool.run_blocking(lambda: _to_lsp(found, open_documents, encoding))


def _to_lsp(
    found: Sequence[FoundSymbol], open_documents: dict[Path, Document], encoding: Encoding
) -> list[types.SymbolInformation]:
    texts = {path: document.text for path, document in open_documents.items()}
    converted = []
    for each in found:
        path, symbol = each.root / each.located.path, each.located.symbol
        if path not in texts:
            texts[path] = _read(path) if encoding != "utf-32" else NO_TEXT
        text = texts[path]
        converted.append(
            types.SymbolInformation(
                name=symbol.name.strip() or "(unnamed)",
                kind=to_lsp_symbol_kind(symbol.kind),
                location=types.Location(
                    to_lsp_uri(path, open_documents.get(path)), to_lsp_name_range(symbol, text, encoding)
                ),
                container_name=symbol.container or None,
            )
        )
    return converted


def _read(path: Path) -> Text:
    try:
        if path.stat().st_size <= MAX_FILE_BYTES:
            return text_from(path.read_bytes().decode("utf-8", "replace"))
    except (OSError, ValueError):
        pass
    return NO_TEXT
