"""Records that what is set is not what it was: an auditor asks first who opened what, and when."""

import hashlib
import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from victor_server.audit.journal import Journal
from victor_server.errors import AuditFailed

FILE_NAME = "configuration.json"
ACTION = "configuration_changed"
_FORMAT = 1
_MAX_BYTES = 4_000_000
_KEY = "key "
"""What is kept of a key begins with this."""


def record_changes(
    home: Path, journal: Journal, settings: Mapping[str, str], keys: Mapping[str, str]
) -> None:
    """Record what differs from what held when this was called the last time, in any process.

    `settings` are values by name, in words: the old and the new one are recorded. `keys` are secrets by name: of them
    only that they changed. The first time, everything is recorded. Blocks. Raises `AuditFailed`; the next call tells
    the same again then.
    """
    file = home / FILE_NAME
    known = _read(file)
    salt = known.get("salt") or secrets.token_hex(16)
    now = {**settings, **{name: _digest(salt, key) for name, key in keys.items()}}
    before: Mapping[str, str] = known.get("values") or {}
    if before == now:
        return
    changed = {
        name: _change(before.get(name), now.get(name))
        for name in sorted({*before, *now})
        if before.get(name) != now.get(name)
    }
    journal.record(ACTION, changed=changed)
    try:
        _write(file, {"version": _FORMAT, "salt": salt, "values": now})
    except OSError as error:
        raise AuditFailed(
            f"{file}: {error.strerror or 'it could not be written'}.",
            "Make room on the disk, and let VICTOR_HOME be yours to write to.",
        ) from error


def _change(before: str | None, now: str | None) -> object:
    is_key = any(value is not None and value.startswith(_KEY) for value in (before, now))
    return "changed" if is_key else [before, now]


def _digest(salt: str, key: str) -> str:
    return _KEY + hashlib.blake2b(key.encode(), key=bytes.fromhex(salt)).hexdigest()


def _read(file: Path) -> dict[str, Any]:
    """What was written; what cannot be read counts as never written, and all is recorded again."""
    try:
        with file.open("rb") as opened:
            document = json.loads(opened.read(_MAX_BYTES))
        return document if document["version"] == _FORMAT and bytes.fromhex(document["salt"]) else {}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def _write(file: Path, document: Mapping[str, Any]) -> None:
    """All of it or nothing, for its owner's eyes only."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f"{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as opened:
            json.dump(document, opened)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
