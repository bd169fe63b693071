"""The documents that the client has open, mirrored: each change replaces an immutable value, so a snapshot is free."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from victor_server.errors import DocumentError
from victor_server.lsp import uris
from victor_server.lsp.positions import Encoding
from victor_server.lsp.text import Edit, Text, edited, text_from

# What editors show beside the files themselves: old versions, logs, comparisons. Nobody edits them.
IGNORED_SCHEMES = frozenset({"diffview", "fugitive", "git", "gitlens", "gitsigns", "output"})

_SUFFIXES = {
    "c": ".c",
    "cpp": ".cpp",
    "csharp": ".cs",
    "go": ".go",
    "java": ".java",
    "javascript": ".js",
    "julia": ".jl",
    "markdown": ".md",
    "php": ".php",
    "powershell": ".ps1",
    "python": ".py",
    "r": ".r",
    "ruby": ".rb",
    "rust": ".rs",
    "shellscript": ".sh",
    "sql": ".sql",
    "typescript": ".ts",
}


@dataclass(frozen=True, slots=True)
class Document:
    """One open document at one moment.

    `path` is None for what is not a file. `saved` when the text is known to be the file's. `edited` once it is not the
    text any more that was opened: the index may not have read it yet, even if it was saved. `in_step` is False once
    an edit did not fit: the text is then not the client's any more, until the client sends it whole.
    """

    uri: str
    language_id: str
    version: int
    text: Text
    path: Path | None
    saved: bool = False
    edited: bool = False
    in_step: bool = True

    @property
    def name(self) -> str:
        """The path, or a bare name whose suffix tells the language, for what is not a file."""
        if self.path is not None:
            return str(self.path)
        if "." in (name := uris.name_of(self.uri)) and "notebook" not in uris.scheme(self.uri):
            return name
        return name.partition(".")[0] + _SUFFIXES.get(self.language_id, "")

    @property
    def place(self) -> Path:
        """The path; for what is not a file its name, in the folder that its URI says: that may be a private one."""
        return self.path or Path(uris.place_of(self.uri)).parent / self.name


@dataclass(frozen=True, slots=True)
class WholeText:
    """A change that brings the whole text anew."""

    text: str


Change = Edit | WholeText


class Documents:
    """Open documents by their URI, spelled as the client spells it."""

    def __init__(self, encoding: Encoding = "utf-16") -> None:
        self.encoding: Encoding = encoding
        self._open: dict[str, Document] = {}

    def __iter__(self) -> Iterator[Document]:
        return iter(list(self._open.values()))

    def get(self, uri: str) -> Document | None:
        """The document, None if it is not open or of a scheme that is ignored."""
        return self._open.get(uri)

    def at(self, path: Path) -> Document | None:
        """The open document of a file."""
        return next((document for document in self._open.values() if document.path == path), None)

    def open(self, uri: str, language_id: str, version: int, text: str) -> Document | None:
        """Mirror a document from now on; one that is open already starts anew. None if its scheme is ignored."""
        if uris.scheme(uri) in IGNORED_SCHEMES:
            return None
        path = uris.to_path(uri)
        document = Document(
            uri, language_id, version, text_from(text), Path(path) if path is not None else None
        )
        self._open[uri] = document
        return document

    def change(self, uri: str, version: int, changes: Iterable[Change]) -> Document | None:
        """Apply the changes in their order; None if the document is not open or of a scheme that is ignored.

        Raises DocumentError when a change does not fit, which leaves the document out of step.
        """
        if (document := self._open.get(uri)) is None:
            return None
        try:
            return self._put(_changed(document, version, list(changes), self.encoding), uri)
        except DocumentError:
            self.lose_step(uri)
            raise

    def lose_step(self, uri: str) -> Document | None:
        """Note that the mirror is not the client's text any more; None if the document is not open."""
        document = self._open.get(uri)
        return self._put(replace(document, in_step=False), uri) if document else None

    def mark_saved(self, uri: str, version: int | None = None) -> Document | None:
        """Note that the text is the file's: now, or only if it still has this version."""
        document = self._open.get(uri)
        if document is None or version not in (None, document.version):
            return document
        return self._put(replace(document, saved=True), uri)

    def close(self, uri: str) -> Document | None:
        """Forget a document; None if it was not open."""
        return self._open.pop(uri, None)

    def _put(self, document: Document, uri: str) -> Document:
        self._open[uri] = document
        return document


def _changed(document: Document, version: int, changes: list[Change], encoding: Encoding) -> Document:
    text, in_step = document.text, document.in_step
    wholes = [index for index, change in enumerate(changes) if isinstance(change, WholeText)]
    if wholes:
        # What came before a whole text is overwritten by it, be it right or wrong.
        last = changes[wholes[-1]]
        text, in_step, changes = text_from(last.text), True, changes[wholes[-1] + 1 :]
    if not in_step:
        return replace(document, version=version, saved=False, edited=True)
    text = edited(text, [change for change in changes if isinstance(change, Edit)], encoding)
    return replace(document, version=version, text=text, saved=False, edited=True, in_step=True)
