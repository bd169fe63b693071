"""Every error Victor raises on purpose.

VictorError
├── UsageError           the caller asked for something that cannot be done as asked
├── SettingsError        settings could not be read or hold something wrong
├── DocumentError        a document is not open, or the client's edits do not fit it
├── AuditFailed          what must be recorded could not be
└── Unavailable          a part that is needed does not answer

`kind` is the stable name seen by clients (`error.data.kind` over LSP, `error.kind` in `--json`), `fix` says what
to do next. The edges turn these into LSP errors and exit codes; anything else is a bug and is logged as one.
The index has its own tree in `victor_indexer.errors`, with the same three attributes.
"""


class VictorError(Exception):
    """Base of the tree. Attributes: `kind` (stable name), `message`, `fix` (what to do next, may be empty)."""

    kind = "error"

    def __init__(self, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


class UsageError(VictorError):
    """The caller asked for something that cannot be done as asked."""

    kind = "usage"


class SettingsError(VictorError):
    """Settings could not be read, or hold something wrong."""

    kind = "bad_settings"


class DocumentError(VictorError):
    """A document is not open, or the client's edits do not fit it."""

    kind = "bad_document"


class AuditFailed(VictorError):
    """What must be recorded could not be; what depends on the record has not happened."""

    kind = "audit_failed"


class Unavailable(VictorError):
    """A part that is needed does not answer."""

    kind = "unavailable"
