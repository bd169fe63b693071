"""What was found in each open document and what the client was told of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lsprotocol import types

from victor_server.lsp.text import Text
from victor_server.secrets.finding import Finding


@dataclass(frozen=True, slots=True)
class Checked:
    """The findings of one text."""

    text: Text
    findings: Sequence[Finding]


@dataclass(slots=True)
class DiagnosticState:
    """By document URI.

    `known` holds the fingerprints found when the document was last opened or saved: between saves only those are
    shown. `published` is what the client last got pushed. Documents in `pulled` are never pushed again.
    """

    checked: dict[str, Checked] = field(default_factory=dict)
    known: dict[str, frozenset[str]] = field(default_factory=dict)
    published: dict[str, list[types.Diagnostic]] = field(default_factory=dict)
    pulled: set[str] = field(default_factory=set)

    def forget(self, uri: str) -> None:
        """Drop what concerns a document that was closed."""
        self.checked.pop(uri, None)
        self.known.pop(uri, None)
        self.published.pop(uri, None)
        self.pulled.discard(uri)
