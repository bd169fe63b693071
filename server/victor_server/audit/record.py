"""One entry of the audit log, and the line that it is written as."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FORMAT = 1
"""Stands in every record as `version`; a reader that does not know it must say so, not guess."""


@dataclass(frozen=True, slots=True)
class Record:
    """What somebody did, when, with what, and whether it succeeded. Never holds contents or secrets.

    `timestamp` bears a time zone; `details` are further fields of this kind of action, of what JSON knows, and
    replace none of the others.
    """

    timestamp: datetime
    user: str
    action: str
    session_id: str
    success: bool
    provider: str | None = None
    model: str | None = None
    tool_calls: Sequence[Mapping[str, Any]] = ()
    files_accessed: Sequence[str] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


def to_line(record: Record) -> bytes:
    """The record as one line of ASCII with the line end, whatever its names contain."""
    document = {
        **record.details,
        "version": FORMAT,
        "timestamp": record.timestamp.astimezone(UTC).isoformat(timespec="milliseconds"),
        "user": record.user,
        "action": record.action,
        "provider": record.provider,
        "model": record.model,
        "tool_calls": [dict(call) for call in record.tool_calls],
        "files_accessed": list(record.files_accessed),
        "success": record.success,
        "session_id": record.session_id,
    }
    return json.dumps(document).encode("ascii") + b"\n"


def read_records(file: Path) -> Iterator[dict[str, Any]]:
    """The records of one file, oldest first. A line that a crash cut off is passed over. Raises `OSError`."""
    with file.open("rb") as lines:
        for line in lines:
            try:
                document = json.loads(line)
            except ValueError:
                continue
            if isinstance(document, dict):
                yield document
