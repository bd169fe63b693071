"""Patterns of paths as models write them, matched in time that no pattern can draw out."""

import re
from collections.abc import Callable

from victor_indexer.scan.gitignore import make_rules, parse_rule
from victor_server.errors import UsageError

MAX_CHARACTERS = 500
MAX_ALTERNATIVES = 64

_ODD = re.compile(r"[\0\n\ud800-\udfff]")


def path_matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a path relative to the workspace fits: `*` and `?` within a part, `**` over parts, `{a,b}`, `[abc]`.

    A pattern without a slash fits in every folder, one that ends in a slash everything below. Raises UsageError.
    """
    rules = make_rules(filter(None, (parse_rule(_as_rule(each), "", 0) for each in _alternatives(pattern))))
    if rules is None:
        raise UsageError("The pattern is empty.", "Write one like `src/**/*.py`.")
    return lambda path: rules.match(path, is_dir=False) is not None


def _as_rule(pattern: str) -> str:
    """As an ignore file has it, whose comments, negations and spaces at the end mean nothing here."""
    while pattern.startswith("./"):
        pattern = pattern[2:]
    if ".." in pattern.split("/"):
        raise UsageError("The pattern leads out of the workspace.", "Write one relative to the workspace.")
    if pattern.endswith("/"):
        pattern += "**"
    escaped = f"\\{pattern}" if pattern.startswith(("#", "!")) else pattern
    return escaped.encode().decode("latin-1")


def _alternatives(pattern: str) -> list[str]:
    """The pattern for each choice in its braces, innermost first."""
    if len(pattern) > MAX_CHARACTERS or _ODD.search(pattern):
        raise UsageError("The pattern is too long, or no pattern.", "Write one like `src/**/*.py`.")
    left, whole = [pattern], []
    while left:
        one = left.pop()
        braces = _innermost(one)
        if braces is None:
            whole.append(one)
            continue
        start, end = braces
        left += [f"{one[:start]}{choice}{one[end + 1 :]}" for choice in one[start + 1 : end].split(",")]
        if len(left) + len(whole) > MAX_ALTERNATIVES:
            raise UsageError("The pattern has too many choices.", "Use several patterns, one after another.")
    return whole


def _innermost(pattern: str) -> tuple[int, int] | None:
    """Where the first braces that hold no others open and close."""
    end = pattern.find("}")
    start = pattern.rfind("{", 0, max(end, 0))
    return None if end < 0 or start < 0 else (start, end)
