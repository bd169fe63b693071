"""What a person asked before, for the arrow keys: a file that only its owner can read, without secrets."""

import json
import logging
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from prompt_toolkit.history import History

from victor_server.settings.home import append_private

FILE_NAME = "prompts.jsonl"
_MAX_KEPT = 1000
_MAX_BYTES = 2_000_000

_log = logging.getLogger(__name__)


class PastPrompts(History):
    """One JSON string a line, the newest last. This run's own are as they were typed, in memory only.

    A file that cannot be read or written costs the history, not the chat. `own_keys` are secrets, whatever they look
    like.
    """

    def __init__(self, file: Path, own_keys: Sequence[str] = ()) -> None:
        super().__init__()
        self._file = file
        self._own_keys = own_keys
        self._writer = ThreadPoolExecutor(1, "victor-prompts")

    def load_history_strings(self) -> Iterable[str]:
        """What the file holds, the newest first; a file that became too long is cut to its newest."""
        lines = self._lines()
        if len(lines) > _MAX_KEPT:
            lines = lines[-_MAX_KEPT:]
            self._writer.submit(self._replace, lines)
        return reversed([text for text in map(_text_of, lines) if text])

    def store_string(self, string: str) -> None:
        """Write it behind the others, once its secrets are masked; returns before that is done."""
        self._writer.submit(self._write, string)

    def close(self) -> None:
        """Wait until all is written."""
        self._writer.shutdown()

    def _lines(self) -> list[str]:
        try:
            with self._file.open("rb") as file:
                file.seek(0, 2)
                start = max(0, file.tell() - _MAX_BYTES)
                file.seek(start)
                lines = file.read().decode("utf-8", "replace").splitlines()
        except OSError:
            return []
        return lines[1:] if start else lines

    def _write(self, string: str) -> None:
        from victor_server.secrets.redaction.session import RedactionSession

        with RedactionSession() as session:
            for key in self._own_keys:
                session.remember(key, "api-key")
            kept, _ = session.redact(string, "prompt.md")
        try:
            append_private(self._file, json.dumps(kept) + "\n")
        except OSError as error:
            _log.warning("%s: %s", self._file, error.strerror)

    def _replace(self, lines: list[str]) -> None:
        new = self._file.with_suffix(".new")
        try:
            new.unlink(missing_ok=True)
            append_private(new, "\n".join(lines) + "\n")
            new.replace(self._file)
        except OSError as error:
            _log.warning("%s: %s", self._file, error.strerror)


def _text_of(line: str) -> str:
    try:
        value = json.loads(line)
    except ValueError:
        return ""
    return value if isinstance(value, str) else ""
