"""What was found in each open document and what the client was told of it."""

import os
from dataclasses import dataclass, field

from lsprotocol import types

from victor_server.features.secrets_on_save.model import Check


@dataclass(slots=True)
class DiagnosticState:
    """By document URI.

    `known` holds the fingerprints found when the document was last opened or saved: between saves only those are
    shown. `published` is what the client last got pushed. `pulls` once the client has asked for anything: from then on
    it is pushed nothing more. `key` is this session's own: what is hashed with it tells nobody a weak password.
    """

    checked: dict[str, Check] = field(default_factory=dict)
    known: dict[str, frozenset[str]] = field(default_factory=dict)
    published: dict[str, list[types.Diagnostic]] = field(default_factory=dict)
    pulls: bool = False
    key: bytes = field(default_factory=lambda: os.urandom(32))

    def forget_text(self, uri: str) -> None:
        """Drop what was found in a text that is another one now; what the client shows of it is still to be mended."""
        self.checked.pop(uri, None)
        self.known.pop(uri, None)

    def forget(self, uri: str) -> None:
        """Drop what concerns a document that was closed."""
        self.forget_text(uri)
        self.published.pop(uri, None)
