"""Writes findings into a baseline, in detect-secrets' format and without losing what others wrote into it."""

import json
import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from victor_server.errors import UsageError
from victor_server.secrets.allow.companion_file import COMPANION_CLASS, companion_beside, write_companion
from victor_server.secrets.allow.detect_secrets_view import entries_of, new_document
from victor_server.secrets.allow.entries import (
    Document,
    Entry,
    in_order,
    parse_document,
    plain_path,
    read_entry,
    write_entry,
)
from victor_server.secrets.allow.equivalents import value_hashes
from victor_server.secrets.allow.shared_file import change_file
from victor_server.secrets.finding import Finding, fingerprint

Found = tuple[str, Finding, str]
"""(path relative to the repository's root, finding, the text that was scanned)"""

Key = tuple[str, str]
"""(type, hash): what makes an entry another than the rest of its file's"""


def add_to_baseline(
    file: Path, entries: Sequence[Found], *, is_secret: bool | None, root: Path | None = None
) -> None:
    """Record findings in a baseline, which is made if there is none; what else stands in it stays.

    `is_secret` is what a person said of them, None if nobody did. `root` is where detect-secrets will be run, the
    baseline's folder if left out. Several programs may write at once. Raises `UsageError` if the file is no baseline
    or cannot be written; then it is as it was. See `companion.py` for the file that may be written beside it.
    """
    change_baseline(
        file,
        lambda text, companion: baseline_with(text, entries, is_secret=is_secret, companion=companion),
        root=root,
    )


def change_baseline(
    file: Path, change: Callable[[str | None, str | None], str], *, root: Path | None = None
) -> None:
    """Replace a baseline by what `change` makes of its text (None: there is none yet).

    It is also given the path of the file beside it that it may name, None if it may not. Raises `UsageError` as
    `change` and `change_file` do.
    """
    beside = companion_beside(file)
    companion = None if beside is None else os.path.relpath(beside, root or file.parent).replace(os.sep, "/")

    def change_both(text: str | None) -> str:
        changed = change(text, companion)
        if beside is not None and f'"file://{companion}"' in changed:
            write_companion(file, beside)
        return changed

    change_file(file, change_both)


def baseline_with(
    text: str | None, entries: Sequence[Found], *, is_secret: bool | None, companion: str | None = None
) -> str:
    """A baseline's text with some findings more; None makes a new one. The same text if that changes nothing.

    `companion` is the path of the file beside the baseline, from where detect-secrets is run, None if there is none.
    Raises `UsageError` if `text` is no baseline.
    """
    document = _document(text)
    before = json.dumps(document)
    _record(document, entries, is_secret, companion)
    return _written(document, text, before)


def baseline_of(
    text: str | None,
    entries: Sequence[Found],
    texts: Mapping[str, str | None],
    *,
    companion: str | None = None,
) -> str:
    """A baseline brought up to date with a scan: what is new comes in without a label, what is gone goes.

    `texts` holds what was scanned by path, None for a file that is gone; entries of other files stay, and so does
    each entry whose value still stands in its file, whoever found it. Raises `UsageError` if `text` is no baseline.
    """
    document = _document(text)
    before = json.dumps(document)
    results = document["results"]
    for name in list(results):
        if plain_path(name) in texts and isinstance(results[name], list):
            found = [finding for path, finding, _ in entries if plain_path(path) == plain_path(name)]
            _keep_what_stands(results[name], texts[plain_path(name)], found)
    _record(document, entries, None, companion)
    return _written(document, text, before)


def label_in(text: str, path: str, keys: Collection[Key], is_secret: bool | None) -> str:
    """A baseline in which the entries of a file with these keys have another label, None for none.

    Raises `UsageError` if `text` is no baseline.
    """
    document = _document(text)
    before = json.dumps(document)
    for name, items in document["results"].items():
        if plain_path(name) == plain_path(path) and isinstance(items, list):
            for item in items:
                entry = read_entry(item)
                if entry and (entry.type, entry.hash) in keys:
                    item.pop("is_secret", None)
                    item |= {} if is_secret is None else {"is_secret": is_secret}
    return _written(document, text, before)


def _document(text: str | None) -> Document:
    if text is None or not text.strip():
        return new_document()
    document, problem = parse_document(text)
    if document is None:
        raise UsageError(f"The baseline {problem}.", "Name another file, or write a new one.")
    return document


def _record(
    document: Document, entries: Sequence[Found], is_secret: bool | None, companion: str | None
) -> None:
    """Each finding as detect-secrets knows it, so that neither reports it again."""
    plugins = document.setdefault("plugins_used", [])
    for path, finding, scanned in entries:
        known_as, is_found = entries_of(path, finding, scanned, plugins if isinstance(plugins, list) else [])
        if companion is not None and not is_found and isinstance(plugins, list):
            _name_companion(plugins, companion)
        for entry in known_as:
            _put(document, plain_path(path), replace(entry, is_secret=is_secret))


def _name_companion(plugins: list[Any], companion: str) -> None:
    """The file beside the baseline takes the place of a plugin; of one that is not used it brings nothing else."""
    named = next(
        (each for each in plugins if isinstance(each, dict) and each.get("name") == COMPANION_CLASS), None
    )
    if named is None:
        named = {"name": COMPANION_CLASS, "keyword_exclude": "."}
        plugins.append(named)
        plugins.sort(key=_by_name)
    named.setdefault("path", f"file://{companion}")


def _by_name(plugin: object) -> str:
    return str(plugin.get("name", "")).lower() if isinstance(plugin, dict) else ""


def _put(document: Document, path: str, entry: Entry) -> None:
    """A new entry, or the old one on its new line; a label is kept where nobody gives another."""
    results = document["results"]
    name = next((name for name in results if plain_path(name) == path), path)
    items = results.setdefault(name, [])
    if not isinstance(items, list):
        raise UsageError(
            f"The baseline is broken: `{name}` holds no list.", "Name another file, or write a new one."
        )
    if _is_slim(document):
        entry = replace(entry, line=0)
    for item in items:
        old = read_entry(item)
        if old and (old.type, old.hash) == (entry.type, entry.hash):
            item |= {field: value for field, value in _merged(old, entry).items() if field not in _OF_OTHERS}
            return
    items.append(write_entry(entry, name))


_OF_OTHERS = ("type", "filename", "hashed_secret", "is_verified")


def _merged(old: Entry, entry: Entry) -> Document:
    values = sorted({*old.values, *entry.values}) if old.values else ()
    label = old.is_secret if entry.is_secret is None else entry.is_secret
    return write_entry(replace(entry, is_secret=label, values=tuple(values)), "")


def _is_slim(document: Document) -> bool:
    """Written without line numbers, to keep differences small."""
    items = [item for items in document["results"].values() if isinstance(items, list) for item in items]
    return bool(items) and not any(isinstance(item, dict) and "line_number" in item for item in items)


def _keep_what_stands(items: list[Any], text: str | None, found: Sequence[Finding]) -> None:
    """Drop the entries whose value stands nowhere in the text, and write the lines of the others anew."""
    from victor_server.secrets.allow.companion import found_again

    entries = [(item, entry) for item in items if (entry := read_entry(item))]
    lines = {digest: each.line + 1 for each in reversed(found) for digest in value_hashes(each, text or "")}
    recorded: dict[str, list[tuple[str, int]]] = {}
    for _, entry in entries:
        if entry.hash not in lines:
            recorded.setdefault(entry.hash, []).append((entry.type, entry.line))
    again, is_whole = found_again(text or "", recorded) if recorded else ([], True)
    lines |= {fingerprint(value): line for _, value, line in again}
    for item, entry in entries:
        if entry.hash not in lines and is_whole:
            items.remove(item)
        elif entry.line and entry.hash in lines:
            item["line_number"] = lines[entry.hash]


def _written(document: Document, text: str | None, before: str) -> str:
    if text is not None and json.dumps(document) == before:
        return text
    results = document.pop("results")
    kept = {
        name: in_order(items) if isinstance(items, list) else items
        for name, items in results.items()
        if items
    }
    document["results"] = dict(sorted(kept.items()))
    if not _is_slim(document):
        document.pop("generated_at", None)
        document["generated_at"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return json.dumps(document, indent=2) + "\n"
