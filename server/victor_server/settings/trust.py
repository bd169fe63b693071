"""Which folders a person trusts: only in those a repository's own settings, AGENTS.md and rules count.

The answer is closed by default: a folder that nobody has named, a store that cannot be read or that others may write,
a folder that was moved, or put in the place of the one that was trusted, is not trusted.
"""

import json
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from victor_server.errors import SettingsError, UsageError
from victor_server.settings.home import create_home
from victor_server.settings.own_file import locked, read_own, replace_own

logger = logging.getLogger(__name__)

FILE_NAME = "trust.json"
_FORMAT = 1
_MAX_BYTES = 4_000_000
_FIX = "Mend or remove that file; then no folder is trusted until you say so again."


@dataclass(frozen=True, slots=True)
class TrustEntry:
    """What was said of one folder: `path` without links, `since` as ISO 8601 in UTC.

    `trusted` False takes a folder out of a trusted one around it. `number` is the folder's number in its file system
    when that was said, 0 where the system has none: another folder of the same name has another one.
    """

    path: str
    trusted: bool
    since: str
    number: int = 0


RESTRICTED = "not trusted: the editor restricts this folder, whatever was said of it before"


def trusts(home: Path, *, restricted: bool) -> Callable[[Path], bool]:
    """Says whether a folder is trusted; where the editor restricts what it has open, none is."""
    return _trusts_none if restricted else TrustStore(home).is_trusted


def _trusts_none(_: Path) -> bool:
    return False


class TrustStore:
    """The store in VICTOR_HOME. It is read at each question: another process may have changed it meanwhile."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._file = home / FILE_NAME

    def is_trusted(self, folder: Path) -> bool:
        """Whether a folder is trusted: what was last said of it, or of the nearest folder around it. Never raises."""
        return self.why(folder).startswith("trusted")

    def why(self, folder: Path) -> str:
        """The answer in words: "trusted since …", or the reason why not. Never raises."""
        try:
            entries = self._read()
        except SettingsError as error:
            logger.warning("no folder is trusted: %s", error.message)
            return f"not trusted: {error.message}"
        return _why(entries, os.path.realpath(folder))

    def set(self, folder: Path, trusted: bool) -> TrustEntry:
        """Note what a person says of a folder, and return what holds for it now.

        Raises UsageError for what is no folder, SettingsError if the store cannot be read or written.
        """
        path = os.path.realpath(folder)
        number = _number(path)
        if trusted:
            _check_may_be_trusted(Path(path))
        create_home(self._home)
        with locked(self._file):
            others = [entry for entry in self._read() if not _same(entry.path, path)]
            entry = TrustEntry(path, trusted, datetime.now(UTC).isoformat(timespec="seconds"), number)
            around = _why(others, path).startswith("trusted")
            kept = [entry] if trusted or around else []
            self._write(sorted([*others, *kept], key=lambda each: each.path))
        return entry

    def listed(self) -> Sequence[TrustEntry]:
        """Everything that was said, by path; a folder that was moved or replaced is `trusted` no more.

        Raises SettingsError if the store cannot be read.
        """
        return [replace(entry, trusted=entry.trusted and not _lost(entry)) for entry in self._read()]

    def _read(self) -> list[TrustEntry]:
        try:
            data = read_own(self._file, _MAX_BYTES)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise SettingsError(f"{self._file}: {error.strerror or 'it cannot be read'}.", _FIX) from error
        try:
            document = json.loads(data)
            if document["version"] != _FORMAT:
                raise SettingsError(
                    f"{self._file} has the format {document['version']!r}.", "Use a newer version of Victor."
                )
            return [_entry(each) for each in document["folders"]]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise SettingsError(f"{self._file} does not hold what it should.", _FIX) from error

    def _write(self, entries: Sequence[TrustEntry]) -> None:
        """Written aside and put in place at once: a reader sees the old or the new."""
        folders = [
            {"path": each.path, "trusted": each.trusted, "since": each.since, "number": each.number}
            for each in entries
        ]
        text = json.dumps({"version": _FORMAT, "folders": folders}, indent=1) + "\n"
        replace_own(self._file, text)


def _why(entries: Sequence[TrustEntry], path: str) -> str:
    """The word of the nearest folder at or around `path`."""
    spoken = {os.path.normcase(entry.path): entry for entry in entries}
    for place in (Path(path), *Path(path).parents):
        entry = spoken.get(os.path.normcase(str(place)))
        if entry is None:
            continue
        if not entry.trusted:
            return f"not trusted: that was taken back for {entry.path}"
        if _lost(entry):
            return f"not trusted: another folder stands where {entry.path} was when you trusted it"
        return f"trusted since {entry.since}" + ("" if place == Path(path) else f", as part of {entry.path}")
    return "not trusted: nobody has said that it is"


def _check_may_be_trusted(path: Path) -> None:
    if not path.is_dir():
        raise UsageError(f"{path} is not a folder.", "Name the folder of a workspace.")
    if path == path.parent:
        raise UsageError("The whole file system cannot be trusted.", "Name the folder of a workspace.")


def _same(one: str, other: str) -> bool:
    return os.path.normcase(one) == os.path.normcase(other)


def _lost(entry: TrustEntry) -> bool:
    """Whether the folder is gone, or another one by its number in the file system, where that has any."""
    return not Path(entry.path).is_dir() or (bool(entry.number) and _number(entry.path) != entry.number)


def _number(path: str) -> int:
    try:
        return Path(path).stat().st_ino
    except (OSError, ValueError):
        return 0


def _entry(document: Any) -> TrustEntry:
    entry = TrustEntry(document["path"], document["trusted"], document["since"], document["number"])
    shapes = ((entry.path, str), (entry.trusted, bool), (entry.since, str), (entry.number, int))
    if not all(type(value) is shape for value, shape in shapes):
        raise ValueError
    return entry
