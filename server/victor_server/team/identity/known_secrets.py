"""Refuses to start with a secret that stands in examples: whoever reads those has it too."""

from collections.abc import Iterator, Mapping
from typing import Any

from victor_server.errors import SettingsError

_WORDS = frozenset(
    {
        *("changeme", "change-me", "change_me", "changeit", "secret", "mysecret", "password", "passw0rd"),
        *("admin", "default", "example", "insecure", "letmein", "test", "token", "todo", "xxx", "victor"),
        *("postgres", "root", "qwerty", "12345678", "123456789", "1234567890", "password123", "admin123"),
        *("sk-1234", "sk-12345", "sk-123456", "sk-1234567890", "sk-test", "sk-xxx", "sk-ant-xxx"),
        *("your-api-key", "your_api_key", "your-api-key-here", "your-secret-key", "api-key", "apikey"),
        *("supersecret", "super-secret", "s3cr3t", "hunter2", "please-change-me", "replace-me", "replaceme"),
    }
)
_SECRET_NAMES = ("key", "secret", "password", "passwd", "token", "pgpass")
_NOT_SECRET = ("file", "path", "url", "name", "id", "command", "variable", "claim")


def refuse_known_secrets(configuration: Mapping[str, Any], environment: Mapping[str, str]) -> None:
    """Raise `SettingsError` for the first one of the file as it was read, or of the environment; it is not repeated.

    Of the environment only variables count that Victor reads: what others find there is not ours to judge.
    """
    ours = {name: value for name, value in environment.items() if name.startswith("VICTOR_")}
    own = {name: environment[name] for name in _PROVIDERS if name in environment}
    for where, value in (*_leaves(configuration, ""), *_leaves({**ours, **own}, "")):
        if _is_secret(where) and is_known(value):
            raise SettingsError(
                f"{where} holds a secret that stands in examples.", "Put one there that nobody else knows."
            )


def is_known(value: str) -> bool:
    """Whether it is a secret that everybody knows, or no more than an `x` again and again."""
    word = value.strip().strip("\"'<>").lower()
    return word in _WORDS or (len(word) > 2 and set(word) <= set("x*.-"))


_PROVIDERS = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GOOGLE_API_KEY")


def _is_secret(where: str) -> bool:
    last = where.replace("[", ".").split(".")[-1].lower()
    words = last.replace("-", "_").split("_")
    return any(name in last for name in _SECRET_NAMES) and words[-1] not in _NOT_SECRET


def _leaves(value: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, f"{where}.{name}" if where else str(name))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{where}.{number}")
    elif isinstance(value, str):
        yield where, value
