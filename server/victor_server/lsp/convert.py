"""The only translation between LSP's values and the domain's."""

from collections.abc import Sequence
from pathlib import Path

from lsprotocol import types

from victor_indexer.model import Symbol
from victor_server.features.replacement import Replacement
from victor_server.features.secrets_on_save.model import Change as FixChange
from victor_server.features.workspace_files import FileChange
from victor_server.lsp import uris
from victor_server.lsp.documents import Change, Document, Documents, WholeText
from victor_server.lsp.positions import Encoding
from victor_server.lsp.text import Edit, Text, text_from
from victor_server.secrets.finding import Finding

_WHOLE_NEW_FILE = types.Range(types.Position(0, 0), types.Position(1, 0))
"""More than there is, which clients cut to size: without it Neovim ends the file with an empty line."""

_SYMBOL_KINDS = {
    "class": types.SymbolKind.Class,
    "constant": types.SymbolKind.Constant,
    "constructor": types.SymbolKind.Constructor,
    "enum": types.SymbolKind.Enum,
    "field": types.SymbolKind.Field,
    "function": types.SymbolKind.Function,
    "interface": types.SymbolKind.Interface,
    "macro": types.SymbolKind.Function,
    "method": types.SymbolKind.Method,
    "module": types.SymbolKind.Module,
    "namespace": types.SymbolKind.Namespace,
    "property": types.SymbolKind.Property,
    "prototype": types.SymbolKind.Function,
    "struct": types.SymbolKind.Struct,
    "trait": types.SymbolKind.Interface,
    "type": types.SymbolKind.Class,
    "variable": types.SymbolKind.Variable,
}


def from_lsp_changes(changes: Sequence[types.TextDocumentContentChangeEvent]) -> list[Change]:
    """The edits of one didChange, in order."""
    return [_from_lsp_change(change) for change in changes]


def _from_lsp_change(change: types.TextDocumentContentChangeEvent) -> Change:
    if isinstance(change, types.TextDocumentContentChangeWholeDocument):
        return WholeText(change.text)
    start, end = change.range.start, change.range.end
    return Edit(start.line, start.character, end.line, end.character, change.text)


def to_lsp_range(
    text: Text, start_line: int, start_column: int, end_line: int, end_column: int, encoding: Encoding
) -> types.Range:
    """Lines and code points as the client counts them."""
    return types.Range(
        types.Position(start_line, text.units(start_line, start_column, encoding)),
        types.Position(end_line, text.units(end_line, end_column, encoding)),
    )


def to_lsp_diagnostic(
    finding: Finding,
    message: str,
    text: Text,
    encoding: Encoding,
    *,
    page: str | None = None,
    data: object = None,
) -> types.Diagnostic:
    """A finding as the person sees it: its range is exactly the secret. `page` is where it is revoked."""
    certain = finding.tier == "certain"
    return types.Diagnostic(
        range=to_lsp_range(
            text, finding.line, finding.start_column, finding.end_line, finding.end_column, encoding
        ),
        message=message,
        severity=types.DiagnosticSeverity.Warning if certain else types.DiagnosticSeverity.Information,
        source="victor",
        code=finding.rule,
        code_description=types.CodeDescription(page) if page else None,
        data=data,
    )


def to_lsp_workspace_edit(
    document: Document, change: FixChange, documents: Documents, *, versioned: bool
) -> types.WorkspaceEdit:
    """A change of a document and of other files; open ones are named, and dated, as the client does."""
    encoding = documents.encoding
    own = _to_lsp_text_edits(document.text, change.replacements, encoding)
    edits: list[tuple[str, int | None, list[types.TextEdit]]] = [(document.uri, document.version, own)]
    created: list[str] = []
    for file in change.files:
        uri, version, text = _file_in_editor(file, documents)
        some = _to_lsp_text_edits(text, file.replacements, encoding)
        if file.before is None and version is None:
            created.append(uri)
            some = [types.TextEdit(_WHOLE_NEW_FILE, each.new_text) for each in some]
        edits.append((uri, version, some))
    edits = [each for each in edits if each[2]]
    if not versioned:
        return types.WorkspaceEdit(changes={uri: some for uri, _, some in edits})
    return types.WorkspaceEdit(
        document_changes=[
            *(
                types.CreateFile(uri=uri, options=types.CreateFileOptions(ignore_if_exists=True))
                for uri in created
            ),
            *(_to_lsp_document_edit(uri, version, some) for uri, version, some in edits),
        ]
    )


def _file_in_editor(file: FileChange, documents: Documents) -> tuple[str, int | None, Text]:
    """URI, version if it is open, and the text that the replacements count in."""
    document = documents.at(file.path)
    if document is not None:
        return document.uri, document.version, document.text
    return uris.from_path(str(file.path)), None, text_from(file.before or "")


def _to_lsp_document_edit(
    uri: str, version: int | None, edits: Sequence[types.TextEdit]
) -> types.TextDocumentEdit:
    identifier = types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=version)
    return types.TextDocumentEdit(text_document=identifier, edits=list(edits))


def _to_lsp_text_edits(
    text: Text, replacements: Sequence[Replacement], encoding: Encoding
) -> list[types.TextEdit]:
    return [
        types.TextEdit(
            range=to_lsp_range(text, *text.place(each.start), *text.place(each.end), encoding),
            new_text=each.text,
        )
        for each in replacements
    ]


def to_lsp_symbol_kind(kind: str) -> types.SymbolKind:
    """The nearest of LSP's kinds."""
    return _SYMBOL_KINDS.get(kind, types.SymbolKind.Variable)


def to_lsp_document_symbols(
    symbols: Sequence[Symbol], text: Text, encoding: Encoding
) -> list[types.DocumentSymbol]:
    """A tree: each definition lies under the nearest one that encloses it."""
    top: list[types.DocumentSymbol] = []
    around: list[tuple[Symbol, list[types.DocumentSymbol]]] = []
    for symbol in sorted(symbols, key=_outer_first):
        while around and not _encloses(around[-1][0], symbol):
            around.pop()
        converted = _to_lsp_document_symbol(symbol, text, encoding)
        (around[-1][1] if around else top).append(converted)
        children: list[types.DocumentSymbol] = []
        converted.children = children
        around.append((symbol, children))
    return top


def _outer_first(symbol: Symbol) -> tuple[int, int, int, int]:
    return symbol.start_line, symbol.start_column, -symbol.end_line, -symbol.end_column


def _encloses(outer: Symbol, inner: Symbol) -> bool:
    return (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)


def _to_lsp_document_symbol(symbol: Symbol, text: Text, encoding: Encoding) -> types.DocumentSymbol:
    whole = to_lsp_symbol_range(symbol, text, encoding)
    name = to_lsp_name_range(symbol, text, encoding)
    # Editors refuse the whole outline when a name lies outside of its definition, or is empty.
    inside = _key(whole.start) <= _key(name.start) and _key(name.end) <= _key(whole.end)
    return types.DocumentSymbol(
        name=symbol.name.strip() or "(unnamed)",
        kind=to_lsp_symbol_kind(symbol.kind),
        range=whole,
        selection_range=name if inside else types.Range(whole.start, whole.start),
    )


def _key(position: types.Position) -> tuple[int, int]:
    return position.line, position.character


def to_lsp_symbol_information(
    symbols: Sequence[Symbol], document: Document, encoding: Encoding
) -> list[types.SymbolInformation]:
    """A flat list, for clients that know no trees."""
    return [
        types.SymbolInformation(
            name=symbol.name.strip() or "(unnamed)",
            kind=to_lsp_symbol_kind(symbol.kind),
            location=types.Location(document.uri, to_lsp_symbol_range(symbol, document.text, encoding)),
            container_name=symbol.container or None,
        )
        for symbol in symbols
    ]


def to_lsp_symbol_range(symbol: Symbol, text: Text, encoding: Encoding) -> types.Range:
    """The whole definition."""
    return to_lsp_range(
        text, symbol.start_line, symbol.start_column, symbol.end_line, symbol.end_column, encoding
    )


def to_lsp_name_range(symbol: Symbol, text: Text, encoding: Encoding) -> types.Range:
    """The name alone."""
    line = symbol.name_line
    return to_lsp_range(text, line, symbol.name_column, line, symbol.name_end_column, encoding)


def to_lsp_lines(start_line: int, end_line: int) -> types.Range:
    """Whole lines, up to the start of the line `end_line`."""
    return types.Range(types.Position(start_line, 0), types.Position(max(start_line, end_line), 0))


def to_lsp_uri(path: Path, open_document: Document | None) -> str:
    """A file's URI; an open one's is spelled as the client spells it."""
    return open_document.uri if open_document is not None else uris.from_path(str(path))
