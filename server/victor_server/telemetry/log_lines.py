"""The backend's log: one JSON object a line, without contents and without secrets."""

import json
import logging
import sys
import traceback
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, TextIO

from victor_server.secrets.redaction.stored import redact
from victor_server.telemetry.tracing import trace_id

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The request that is worked on, as its answer names it; set where requests come in."""

_LONGEST = 8_000
_FILE = "victor.log"


def start_log(
    level: str, form: Literal["json", "text"], output: str, labels: Mapping[str, str] | None = None
) -> Callable[[], None]:
    """Write the log of this process to stdout, stderr or a file. Call what is returned to end that.

    Lines of other libraries come from WARNING on: below, some of them quote what they send.
    """
    handler = _handler(output)
    handler.setFormatter(JsonLines(labels or {}) if form == "json" else TextLines())
    root, ours = logging.getLogger(), logging.getLogger("victor_server")
    before = (root.level, ours.level)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    ours.setLevel(level)

    def end() -> None:
        root.removeHandler(handler)
        root.setLevel(before[0])
        ours.setLevel(before[1])
        handler.close()

    return end


class TextLines(logging.Formatter):
    """Lines for people. Of an exception the way to it, not its message, which may quote a question or a key."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a line."""
        text = f"{_time(record)} {record.levelname} {record.name}: {_message(record)}"
        way = _way(record.exc_info)
        return "\n  ".join([text, *way])


class JsonLines(logging.Formatter):
    """Lines for machines: timestamp, level, logger, message, and where they are known trace_id, request_id, error."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        super().__init__()
        self._labels = labels

    def format(self, record: logging.LogRecord) -> str:
        """Return a line."""
        line: dict[str, object] = {
            "timestamp": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
        }
        way = _way(record.exc_info)
        known = {"trace_id": trace_id(), "request_id": request_id.get(), "error": way[-1] if way else ""}
        line |= {name: value for name, value in known.items() if value}
        if way:
            line["where"] = way[:-1]
        return json.dumps({**self._labels, **line}, ensure_ascii=False)


class _File(logging.FileHandler):
    """A file that only its owner can read."""

    def _open(self) -> TextIO:  # type: ignore[override]  # what open() returns
        file = Path(self.baseFilename)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        return file.open("a", encoding="utf-8", errors="backslashreplace")


def _handler(output: str) -> logging.Handler:
    if output == "stdout":
        return logging.StreamHandler(sys.stdout)
    return logging.StreamHandler(sys.stderr) if output == "stderr" else _File(output)


def _time(record: logging.LogRecord) -> str:
    at = datetime.fromtimestamp(record.created, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _message(record: logging.LogRecord) -> str:
    try:
        text = record.getMessage()
    except Exception:  # noqa: BLE001 - a line that was written wrongly must not cost the request that wrote it
        text = str(record.msg)
    return redact(text[:_LONGEST], _FILE)


_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None] | None


def _way(raised: _Raised) -> list[str]:
    """The places in the code, innermost last, then the kind of the exception."""
    if not raised or raised[0] is None:
        return []
    frames = traceback.extract_tb(raised[2])
    return [*(f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in frames), raised[0].__name__]
