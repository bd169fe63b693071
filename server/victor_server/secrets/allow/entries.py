"""The entries of a baseline: what detect-secrets writes down of a secret, and reads again."""

import json
import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]
"""A baseline as JSON has it; whatever we do not know in it is kept as it is."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One secret in one file: its type as people read it, the SHA-1 of its value, its line (from 1, 0 unknown).

    Some types are hashed by how they begin: then `values` holds the SHA-1 of each value that is meant, as long as
    nobody else has written the baseline anew.
    """

    type: str
    hash: str
    line: int = 0
    is_secret: bool | None = None
    values: tuple[str, ...] = ()


def parse_document(text: str) -> tuple[Document | None, str]:
    """A baseline's JSON and what is wrong with it: one of them is set. Never raises."""
    try:
        document = json.loads(text)
    except RecursionError:
        return None, "is nested too deeply"
    except ValueError as error:
        return None, f"is not JSON: {error}"
    if not isinstance(document, dict) or not isinstance(document.get("results"), dict):
        return None, "is not a baseline: it has no `results`"
    return document, ""


def read_entries(document: Mapping[str, Any]) -> tuple[dict[str, list[Entry]], int]:
    """The entries by path, in the order in which they stand, and how many could not be read."""
    entries: dict[str, list[Entry]] = {}
    n_unreadable = 0
    for name, items in document["results"].items():
        if not isinstance(items, list):
            n_unreadable += 1
            continue
        read = [read_entry(item) for item in items]
        n_unreadable += read.count(None)
        entries.setdefault(plain_path(name), []).extend(entry for entry in read if entry)
    return entries, n_unreadable


def read_entry(item: object) -> Entry | None:
    """One entry; None if it is none."""
    if not isinstance(item, dict):
        return None
    kind, value, line, label = (
        item.get(key) for key in ("type", "hashed_secret", "line_number", "is_secret")
    )
    if not isinstance(kind, str) or not isinstance(value, str):
        return None
    number = line if isinstance(line, int) and not isinstance(line, bool) else 0
    values = item.get("values")
    meant = tuple(each for each in values if isinstance(each, str)) if isinstance(values, list) else ()
    return Entry(kind, value.lower(), number, label if isinstance(label, bool) else None, meant)


def write_entry(entry: Entry, path: str) -> Document:
    """The entry as detect-secrets writes it, its fields in its order."""
    item: Document = {"type": entry.type, "filename": path, "hashed_secret": entry.hash, "is_verified": False}
    if entry.line:
        item["line_number"] = entry.line
    if entry.is_secret is not None:
        item["is_secret"] = entry.is_secret
    if entry.values:
        item["values"] = list(entry.values)
    return item


def in_order(items: Iterable[Document]) -> list[Document]:
    """Sorted as detect-secrets sorts the entries of a file, so that a diff shows what changed and nothing else."""
    return sorted(items, key=_place)


def _place(item: Document) -> tuple[int, str, str]:
    entry = read_entry(item)
    return (entry.line, entry.hash, entry.type) if entry else (0, "", "")


def plain_path(path: str) -> str:
    """A path as we write it: `/` between its parts, without `./` before them."""
    return posixpath.normpath(path.replace("\\", "/"))
