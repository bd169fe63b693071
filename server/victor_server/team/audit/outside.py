"""What is kept of the logs outside of the database: signed heads and erasures, in files that only grow."""

import contextlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from victor_server.audit.encoding import canonical, to_base64
from victor_server.audit.head import is_signed
from victor_server.errors import AuditFailed
from victor_server.protocol import SignedHead

HEADS, ERASURES, CLOSED = "heads.jsonl", "erasures.jsonl", "closed"
LOCK_TIME_LIMIT_S = 10.0
TAIL_BYTES = 65_536
"""More than any line has."""

_LOG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_RESTORE = (
    "Find out who changed it. If you restored a backup yourself, run `victor audit accept-restored`:"
    " what came after the backup is then missing for good, and the log says so."
)


class Outside:
    """A folder with one folder for each log. Blocks: call it in a thread. Several replicas may share it.

    All of it raises `AuditFailed`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def logs(self) -> Sequence[str]:
        """The logs that were kept here and were not closed."""
        with _failures(self._folder):
            if not self._folder.is_dir():
                return ()
            folders = sorted(each for each in self._folder.iterdir() if (each / HEADS).is_file())
            return tuple(each.name for each in folders if not (each / CLOSED).exists())

    def keep_head(self, head: SignedHead) -> None:
        """On disk when this returns, unless a larger one is there already."""
        with _locked(self._place(head.log)) as folder:
            newest = _newest(folder / HEADS)
            if newest is None or newest.size < head.size:
                _append(folder / HEADS, {"head": head.model_dump()})

    def accept(self, head: SignedHead) -> None:
        """The log was restored from a backup, on an operator's word: `head` is what it is now."""
        with _locked(self._place(head.log)) as folder:
            _append(folder / HEADS, {"head": head.model_dump(), "restored": True})

    def newest_head(self, log: str) -> SignedHead | None:
        """The largest head since the last restore."""
        with _failures(self._place(log)):
            return _newest(self._place(log) / HEADS)

    def keep_erasure(self, log: str, pseudonym: str) -> None:
        """On disk when this returns."""
        with _locked(self._place(log)) as folder:
            _append(folder / ERASURES, {"erased": pseudonym})

    def erasures(self, log: str) -> Sequence[str]:
        """The pseudonyms of all who were erased."""
        with _failures(self._place(log)):
            return tuple(str(each["erased"]) for each in _lines(self._place(log) / ERASURES))

    def close(self, log: str) -> None:
        """The log's tenant was taken out: nothing is expected of it any more."""
        with _locked(self._place(log)) as folder:
            (folder / CLOSED).touch()
            _sync_folder(folder)

    def _place(self, log: str) -> Path:
        if not _LOG.fullmatch(log):
            raise AuditFailed("The name of an audit log is none.", "Restore the database from a backup.")
        return self._folder / log


def check_head(
    head: SignedHead, keys: Mapping[str, bytes], n_records: int, root: bytes | None = None
) -> None:
    """Raise `AuditFailed` unless a log of `n_records`, whose first `head.size` have `root`, goes on from `head`."""
    if not is_signed(head, keys):
        raise AuditFailed(
            f"The newest head that was kept of the audit log {head.log} is signed by nobody whom the database knows.",
            _RESTORE,
        )
    if n_records < head.size:
        raise AuditFailed(
            f"The audit log {head.log} has {n_records} records, and had {head.size} before:"
            " the database was cut off, or taken back to an older state.",
            _RESTORE,
        )
    if root is not None and to_base64(root) != head.root:
        raise AuditFailed(
            f"The first {head.size} records of the audit log {head.log} are not those that its head was made of.",
            _RESTORE,
        )


def _newest(file: Path) -> SignedHead | None:
    """The head of the last whole line: whoever wrote a half one was not told that it was kept."""
    try:
        with file.open("rb") as opened:
            end = opened.seek(0, os.SEEK_END)
            opened.seek(max(0, end - TAIL_BYTES))
            lines = opened.read().split(b"\n")[:-1]
    except FileNotFoundError:
        return None
    if not lines:
        return None
    try:
        return SignedHead.model_validate(_parsed(file, lines[-1]).get("head"))
    except ValidationError:
        raise _spoilt(file) from None


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    """All whole lines."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return
    for line in data.split(b"\n")[:-1]:
        yield _parsed(file, line)


def _parsed(file: Path, line: bytes) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except ValueError:
        raise _spoilt(file) from None
    if not isinstance(document, dict):
        raise _spoilt(file)
    return document


def _append(file: Path, document: Mapping[str, Any]) -> None:
    """One line more, on disk; what a crash left half written goes first."""
    is_new = not file.exists()
    with file.open("a+b") as opened:
        file.chmod(0o600)
        end = opened.seek(0, os.SEEK_END)
        begin = opened.seek(max(0, end - TAIL_BYTES))
        whole = begin + opened.read().rfind(b"\n") + 1
        if whole < end:
            opened.truncate(whole)
        opened.write(canonical(dict(document)) + b"\n")
        opened.flush()
        os.fsync(opened.fileno())
    if is_new:
        _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[Path]:
    from filelock import FileLock, Timeout  # loaded here: what only reads does without

    with _failures(folder):
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sync_folder(folder.parent)
        try:
            with FileLock(folder / ".lock", timeout=LOCK_TIME_LIMIT_S, mode=0o600):
                yield folder
        except Timeout:
            raise AuditFailed(f"Another process keeps {folder} locked.", "End that process.") from None


@contextlib.contextmanager
def _failures(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise AuditFailed(
            f"The kept heads of the audit log, {place}: {error.strerror or 'they cannot be used'}.",
            "Set audit.heads to a folder that may be written to, on a disk with room.",
        ) from error


def _spoilt(file: Path) -> AuditFailed:
    return AuditFailed(f"{file} holds a line that Victor never wrote.", "Restore the file from a backup.")
