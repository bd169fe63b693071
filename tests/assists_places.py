"""Places for assists, written as text: `|` is the cursor, `«` and `»` are around what is selected."""

from pathlib import Path
from typing import Any

from victor_server.features.assists.definition import definition_around
from victor_server.features.assists.place import Lines, Place

ROOT = Path("/srv/project")


def place_in(text: str, name: str = "src/boxes.py", language: str = "python", **more: Any) -> Place:
    """The place in a document of a project."""
    start, end = text.find("«"), text.find("»")
    bare = text.replace("«", "").replace("»", "").replace("|", "", 1 if start < 0 else 0)
    lines = bare.splitlines(keepends=True)
    selected = None
    if start >= 0:
        first = text[:start].count("\n")
        last = text[:end].count("\n") + (0 if text[end - 1] == "\n" else 1)
        selected, line = Lines(first, last), first
    else:
        line = text[: text.index("|")].count("\n")
    given: dict[str, Any] = {
        "path": ROOT / name,
        "root": ROOT,
        "definition": definition_around(lines, line, language),
    }
    return Place(name, language, lines, line, selected, **{**given, **more})
