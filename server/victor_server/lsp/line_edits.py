"""Changes of whole lines as LSP's edits, so that editors which end files in their own way end up with the right text."""

from collections.abc import Iterable, Sequence

from lsprotocol import types

from victor_server.features.edits.hunks import hunks_of
from victor_server.features.edits.lines import bare, end_of
from victor_server.lsp.client_features import ClientFeatures
from victor_server.lsp.documents import Document
from victor_server.lsp.text import Text

LineChange = tuple[int, int, str]
"""Lines from the first up to the second become the third."""

_ANNOTATION = "victor"
_WHOLE_NEW_FILE = types.Range(types.Position(0, 0), types.Position(1, 0))
"""More than there is, which clients cut to size: without it Neovim ends the file with an empty line."""


def to_lsp_applied_edit(
    document: Document, after: str, label: str, features: ClientFeatures
) -> types.WorkspaceEdit:
    """What makes `after` of a document, as few lines as it takes. Blocks for some milliseconds."""
    hunks = hunks_of(document.text.whole, after)
    changes = [(hunk.start, hunk.end, hunk.after) for hunk in hunks]
    return to_lsp_line_edit(document, changes, label, features)


def to_lsp_line_edit(
    document: Document, changes: Iterable[LineChange], label: str, features: ClientFeatures
) -> types.WorkspaceEdit:
    """These changes of a document, for the version that it is now, annotated where the client knows that."""
    edits = [_to_lsp(document.text, change, features) for change in changes]
    if not features.document_changes:
        return types.WorkspaceEdit(changes={document.uri: edits})
    annotated: list[types.TextEdit | types.AnnotatedTextEdit | types.SnippetTextEdit] = [*edits]
    annotations = None
    if features.change_annotations:
        annotated = [types.AnnotatedTextEdit(_ANNOTATION, each.range, each.new_text) for each in edits]
        about = types.ChangeAnnotation(label, needs_confirmation=False, description="Victor")
        annotations = {_ANNOTATION: about}
    identifier = types.OptionalVersionedTextDocumentIdentifier(uri=document.uri, version=document.version)
    return types.WorkspaceEdit(
        document_changes=[types.TextDocumentEdit(identifier, annotated)], change_annotations=annotations
    )


def _to_lsp(text: Text, change: LineChange, features: ClientFeatures) -> types.TextEdit:
    start, end, new = change
    lines = text.lines
    if text.whole == "":
        return types.TextEdit(_WHOLE_NEW_FILE, new)
    if start == end == len(lines) - 1 and lines[-1] == "":
        return _behind_the_last(lines, start, new, text, features)
    return types.TextEdit(types.Range(_position(text, start, features), _position(text, end, features)), new)


def _behind_the_last(
    lines: Sequence[str], start: int, new: str, text: Text, features: ClientFeatures
) -> types.TextEdit:
    """Before the last line end: Neovim makes an empty line of what is put behind it."""
    end = end_of(lines[start - 1])
    if end_of(new) != end:
        place = types.Position(start, 0)
        return types.TextEdit(types.Range(place, place), new)
    content = bare(lines[start - 1])
    place = types.Position(start - 1, text.units(start - 1, len(content), features.encoding))
    return types.TextEdit(types.Range(place, place), end + new[: len(new) - len(end)])


def _position(text: Text, line: int, features: ClientFeatures) -> types.Position:
    """The start of a line; behind the last one the end of the text."""
    last = len(text.lines) - 1
    if line <= last:
        return types.Position(line, 0)
    return types.Position(last, text.units(last, len(text.content(last)), features.encoding))
