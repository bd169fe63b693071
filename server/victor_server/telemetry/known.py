"""Which values a label may have: whatever else comes is counted as `other`, so that no input makes a series."""

from collections.abc import Iterable

OTHER = "other"
PROVIDERS = (
    "anthropic",
    "embedded",
    "google",
    "lmstudio",
    "ollama",
    "openai",
    "openai-compatible",
    "scripted",
    "vllm",
)
ERROR_TYPES = (
    "provider_error",
    "tool_error",
    "budget_exceeded",
    "forbidden",
    "unauthenticated",
    "too_many",
    "usage",
    "conflict",
    "not_found",
    "secret_blocked",
    "offline_blocked",
    "no_model",
    "audit_failed",
    "store_failed",
    "unavailable",
    "bug",
)
_OF_PROVIDERS = (
    "provider_error",
    "provider_unavailable",
    "rate_limited",
    "context_too_long",
    "refused",
    "request_rejected",
    "provider_auth",
    "bad_response",
)
CALL_STATES = ("done", "failed", "cancelled", "interrupted", "refused")
MAX_TEAMS = 100
MAX_MODELS = 200
MAX_ROUTES = 100


class Known:
    """Values that a label takes: those named at first, and others as they come, while there are few enough."""

    def __init__(self, values: Iterable[str] = (), *, most: int = 0) -> None:
        self._values = {*values, OTHER}
        self._most = most

    def add(self, values: Iterable[str]) -> None:
        """Take values in, as far as there is room."""
        for value in values:
            if len(self._values) < self._most:
                self._values.add(value)

    def of(self, value: str) -> str:
        """The value where it is known."""
        return value if value in self._values else OTHER

    def taken(self, value: str) -> str:
        """The value, which is taken in if there is room."""
        self.add((value,))
        return self.of(value)


def error_type(kind: str) -> str:
    """What an error is counted as, by the `kind` that clients see."""
    if kind in _OF_PROVIDERS:
        return "provider_error"
    return kind if kind in ERROR_TYPES else OTHER
