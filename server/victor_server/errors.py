"""Every error Victor raises on purpose.

VictorError
├── UsageError           the caller asked for something that cannot be done as asked
├── SettingsError        settings could not be read or hold something wrong
├── DocumentError        a document is not open, or the client's edits do not fit it
├── AuditFailed          what must be recorded could not be
├── HistoryFailed        chat sessions, receipts or the ledger could not be read or written
├── NotTrusted           the workspace's own word is needed, and nobody has said that it counts
├── OfflineBlocked       a connection that the policy does not allow; nothing was sent
├── SecretBlocked        a file that must not leave this machine was about to
├── BudgetExceeded       a budget does not hold what the call may cost; nothing was sent
├── NoModel              no model is set up that could do this
├── Unauthenticated      the backend does not know who asks
├── Forbidden            the role, the tenant's policy or its region does not allow it
├── NotFound             the backend has nothing of that name
├── Conflict             it is there already, or is something else by now
├── TooMany              a limit of the backend (`retry_after_s`)
├── StoreFailed          the backend's database could not be read or written
├── ProviderError        a model server did not do what was asked
│   ├── ProviderUnavailable   it does not answer, or breaks off
│   ├── RateLimited           it wants less of us (`retry_after_s`)
│   ├── ContextTooLong        the request does not fit the model's context
│   ├── Refused               the model or its provider declines
│   ├── Rejected              the server does not take the request as it is
│   ├── ProviderAuth          the key is missing, wrong, or not allowed this
│   └── BadResponse           what came is not what the protocol says
└── Unavailable          a part that is needed does not answer
    └── Draining              the backend is about to end, and takes no new calls (`retry_after_s`)

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


class Draining(Unavailable):
    """The backend is about to end, and takes no new calls; another one, or it itself, does soon."""

    kind = "draining"

    def __init__(self, message: str, fix: str = "", *, retry_after_s: float | None = None) -> None:
        super().__init__(message, fix)
        self.retry_after_s = retry_after_s


class HistoryFailed(VictorError):
    """Chat sessions, receipts or the ledger could not be read or written."""

    kind = "history_failed"


class NotTrusted(VictorError):
    """The workspace's own word is needed, and nobody has said that it counts."""

    kind = "not_trusted"


class OfflineBlocked(VictorError):
    """A connection that the policy does not allow. Nothing was sent; the message names destination and reason."""

    kind = "offline_blocked"


class SecretBlocked(VictorError):
    """A file that must not leave this machine was about to."""

    kind = "secret_blocked"


class BudgetExceeded(VictorError):
    """A budget does not hold what the call may cost. Nothing was sent; the message names the budget."""

    kind = "budget_exceeded"


class Unauthenticated(VictorError):
    """The backend does not know who asks: the token is missing, expired, revoked or not ours."""

    kind = "unauthenticated"


class Forbidden(VictorError):
    """The role, the tenant's policy or its region does not allow it."""

    kind = "forbidden"


class NotFound(VictorError):
    """The backend has nothing of that name, or nothing that the one who asks may see."""

    kind = "not_found"


class Conflict(VictorError):
    """It is there already, or is something else by now."""

    kind = "conflict"


class TooMany(VictorError):
    """A limit of the backend; `retry_after_s` says when to come again, None if it does not matter."""

    kind = "too_many"

    def __init__(self, message: str, fix: str = "", *, retry_after_s: float | None = None) -> None:
        super().__init__(message, fix)
        self.retry_after_s = retry_after_s


class StoreFailed(VictorError):
    """The backend's database could not be read or written; nothing of the transaction holds.

    `unknown`: it broke while the transaction was being made durable, so nobody can say whether it holds.
    """

    kind = "store_failed"

    def __init__(self, message: str, fix: str = "", *, unknown: bool = False) -> None:
        super().__init__(message, fix)
        self.unknown = unknown


class NoModel(VictorError):
    """No model is set up that could do this; `fix` says what to install or to set."""

    kind = "no_model"


class ProviderError(VictorError):
    """A model server did not do what was asked. Never holds a key, nor what was sent."""

    kind = "provider_error"


class ProviderUnavailable(ProviderError):
    """The model server does not answer, breaks off, or stays silent for too long."""

    kind = "provider_unavailable"


class ServerSilent(ProviderUnavailable):
    """It took the request and has sent nothing for too long. It may be at work on it still: asking again adds to that."""


class BrokeOff(ProviderUnavailable):
    """It took the request and then broke off, or failed at it: it may have worked on it, and may charge for that."""


class NotThere(ProviderUnavailable):
    """The server answers, and does not know what it was asked for: a model, or a part of its API."""


class RateLimited(ProviderError):
    """The model server wants less of us; `retry_after_s` is how long it asks to wait, None if it does not say."""

    kind = "rate_limited"

    def __init__(self, message: str, fix: str = "", *, retry_after_s: float | None = None) -> None:
        super().__init__(message, fix)
        self.retry_after_s = retry_after_s


class ContextTooLong(ProviderError):
    """The request does not fit the model's context; nothing of it was cut off in silence."""

    kind = "context_too_long"


class Refused(ProviderError):
    """The model or its provider declines to answer this."""

    kind = "refused"


class Rejected(ProviderError):
    """The model server does not take the request as it is, such as a parameter that it does not know."""

    kind = "request_rejected"


class ProviderAuth(ProviderError):
    """The key is missing, wrong, or not allowed this."""

    kind = "provider_auth"


class BadResponse(ProviderError):
    """What the model server sent is not what its protocol says."""

    kind = "bad_response"
