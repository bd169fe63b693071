"""Says what somebody outside is told of an error: the one mapping, for WebSocket and HTTP."""

import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass

from victor_server.errors import (
    BadResponse,
    BudgetExceeded,
    Conflict,
    ContextTooLong,
    Forbidden,
    NoModel,
    NotFound,
    OfflineBlocked,
    ProviderAuth,
    RateLimited,
    Refused,
    Rejected,
    SecretBlocked,
    TooMany,
    Unauthenticated,
    UsageError,
    VictorError,
)

_log = logging.getLogger(__name__)

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
OURS = -32000
"""JSON-RPC's code of every error of ours but wrong params; `data.kind` says which."""


class TooLarge(UsageError):
    """What was sent is larger than what is taken."""

    kind = "too_large"


_STATUS: Mapping[type[VictorError], int] = {
    TooLarge: 413,
    UsageError: 400,
    ContextTooLong: 400,
    Refused: 400,
    Rejected: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    OfflineBlocked: 403,
    SecretBlocked: 403,
    BudgetExceeded: 403,
    NotFound: 404,
    NoModel: 404,
    Conflict: 409,
    TooMany: 429,
    RateLimited: 429,
    ProviderAuth: 503,
    BadResponse: 503,
}
"""HTTP's status of each; what is not here is 503: a part that is needed did not do its work."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What is told. `status` is HTTP's, `code` JSON-RPC's; `retry_after_s` None: nobody knows."""

    kind: str
    message: str
    fix: str
    status: int
    code: int
    retry_after_s: float | None = None


def failure_of(error: Exception) -> Failure:
    """What is told of `error`. One that is none of ours is a bug: logged by its place, told without its words."""
    if not isinstance(error, VictorError):
        return _bug(error)
    code = INVALID_PARAMS if isinstance(error, UsageError) else OURS
    retry = getattr(error, "retry_after_s", None)
    return Failure(error.kind, error.message, error.fix, _status(type(error)), code, retry)


def _status(kind: type[VictorError]) -> int:
    return next((_STATUS[base] for base in kind.__mro__ if base in _STATUS), 503)


def _bug(error: Exception) -> Failure:
    # Its message may quote what was asked: only where it struck is written down.
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = " < ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in reversed(frames))
    _log.error("a bug: %s at %s", type(error).__name__, places)
    return Failure(
        "bug",
        "This is a bug in the team's backend; the request was not carried out.",
        "Tell whoever runs it: its log says where it struck.",
        500,
        INTERNAL_ERROR,
    )
