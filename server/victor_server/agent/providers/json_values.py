"""Takes values out of JSON that a server sent, whatever it holds."""

from collections.abc import Mapping
from typing import Any

_MOST = 1 << 40


def object_in(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the object under `name`, an empty one where there is none."""
    return json_object(parent.get(name))


def json_object(value: Any) -> Mapping[str, Any]:
    """Return an object, an empty one for everything else."""
    return value if isinstance(value, dict) else {}


def json_list(value: Any) -> list[Any]:
    """Return a list, an empty one for everything else."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """Return a string, "" for everything else."""
    return value if isinstance(value, str) else ""


def count(value: Any) -> int:
    """Return a number of things, 0 for everything that is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _MOST else 0


def one_line(value: Any, n_characters: int) -> str:
    """Return at most so many characters of a string, as a person may be shown them: printable, on one line."""
    words = "".join(c if c.isprintable() else " " for c in text(value)[: n_characters * 4]).split()
    return " ".join(words)[:n_characters]
