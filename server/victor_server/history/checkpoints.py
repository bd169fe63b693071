"""Checkpoints on disk, for their owner's eyes only: every applied change, kept before anything of it is written."""

import json
import os
import sqlite3
import stat
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from threading import RLock
from typing import Any

from victor_server.errors import HistoryFailed, UsageError
from victor_server.history.checkpoints_database import CHECKPOINTS, open_checkpoints
from victor_server.history.checkpoints_model import (
    Changed,
    Checkpoint,
    CheckpointFile,
    CheckpointOrigin,
    FileState,
)
from victor_server.history.checkpoints_objects import Named, get_object, name_text, put_object
from victor_server.history.checkpoints_prune import prune
from victor_server.history.checkpoints_settle import settle
from victor_server.history.history import new_id
from victor_server.history.owners import Owner
from victor_server.settings.database import transaction, translated
from victor_server.settings.resolved import CheckpointSettings

FILE_NAME = "checkpoints.db"
PRUNE_EVERY = 50
_CHECKPOINTS = "select number, id, workspace, title, created, origin, owner, running from checkpoints"


def _left_alone(_: Path) -> None:
    """For who writes no files."""


class Checkpoints:
    """Blocking, safe between threads and windows; the file is opened when it is first needed.

    Every method raises HistoryFailed where the file cannot be read or written, and UsageError for a checkpoint that is
    not there. What has returned is on the disk. `clock` gives seconds since the epoch. `mend` puts in order what a program that
    ended in the middle of a change has left of a file; it never raises.
    """

    def __init__(
        self,
        folder: Path,
        limits: CheckpointSettings,
        clock: Callable[[], float] = time.time,
        *,
        mend: Callable[[Path], None] = _left_alone,
    ) -> None:
        self._file = folder / FILE_NAME
        self._limits = limits
        self._clock = clock
        self._mend = mend
        self._lock = RLock()
        self._owner = Owner(folder / "windows")
        self._db: sqlite3.Connection | None = None
        self._unfinished: set[str] = set()
        self._n_begun = 0
        self._closed = False

    @property
    def exists(self) -> bool:
        """Whether anything was ever kept: looking makes nothing."""
        return self._file.exists()

    def begin(self, workspace: Path, title: str, origin: CheckpointOrigin, changes: Sequence[Changed]) -> str:
        """Keep a change that is about to be made; only when this has returned may it be made. Returns its id.

        Raises UsageError where it changes nothing, or is larger than all that may be kept.
        """
        named = _named(changes)
        modes = [each.mode if each.mode is not None else _mode(each.path) for each in changes]
        made = new_id()
        with self._writing() as db:
            self._owner.hold()
            if sum(put_object(db, each) for each in named.values()) > self._limits.max_bytes:
                raise UsageError(
                    "The change is larger than all that is kept so that changes can be undone.",
                    "Raise `checkpoints.max_bytes` in settings.yaml, or change less at once.",
                )
            row = (made, os.fsencode(workspace), _storable(title), self._clock(), _to_json(origin))
            done = db.execute(
                "insert into checkpoints (id, workspace, title, created, origin, owner, running)"
                " values (?, ?, ?, ?, ?, ?, 1)",
                (*row, self._owner.token),
            )
            rows = [
                (done.lastrowid, ord_, *_file_row(each, named), mode, "pending")
                for ord_, (each, mode) in enumerate(zip(changes, modes, strict=True))
            ]
            db.executemany("insert into files values (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            self._unfinished.add(made)
        return made

    def finish(self, checkpoint_id: str, written: Collection[Path], unsure: Collection[Path] = ()) -> None:
        """Say which files were written, and which an editor may still write; the others were not. What cannot be said
        is found out at the next start."""
        states_of = {os.fsencode(path): "not_on_disk" for path in unsure}
        states_of |= {os.fsencode(path): "applied" for path in written}
        self._unfinished.discard(checkpoint_id)
        with self._writing() as db:
            number = _found(db, checkpoint_id)[0]
            rows = db.execute("select ord, path from files where number = ?", (number,)).fetchall()
            states = [(states_of.get(path, "not_applied"), number, ord_) for ord_, path in rows]
            db.executemany("update files set state = ? where number = ? and ord = ?", states)
            db.execute("update checkpoints set running = 0 where number = ?", (number,))
        self._n_begun += 1
        if self._n_begun % PRUNE_EVERY == 1:
            self.prune()

    def list(
        self, workspace: Path | None = None, *, path: Path | None = None, limit: int = 1000
    ) -> Sequence[Checkpoint]:
        """The last checkpoints, the youngest first: of one workspace or all, of one file or any.

        Those of which nothing was written are left out.
        """
        if not self.exists:
            return []
        where, values = ["exists (select 1 from files where files.number = checkpoints.number%s)"], []
        of_path = ""
        if path is not None:
            of_path = " and path = ?"
            values.append(os.fsencode(path))
        where[0] = where[0] % f" and state != 'not_applied'{of_path}"
        if workspace is not None:
            where.append("workspace = ?")
            values.append(os.fsencode(workspace))
        with self._reading() as db:
            rows = db.execute(
                f"{_CHECKPOINTS} where {' and '.join(where)} order by number desc limit ?", (*values, limit)
            ).fetchall()
            return [self._checkpoint(db, row) for row in rows]

    def workspaces(self) -> Collection[Path]:
        """The folders of which anything is kept."""
        if not self.exists:
            return []
        with self._reading() as db:
            rows = db.execute("select distinct workspace from checkpoints").fetchall()
        return [Path(os.fsdecode(workspace)) for (workspace,) in rows]

    def get(self, checkpoint_id: str) -> Checkpoint:
        """One checkpoint, without its texts."""
        with self._reading() as db:
            return self._checkpoint(db, _found(db, checkpoint_id))

    def find(self, beginning: str) -> Checkpoint:
        """The one checkpoint whose id begins so. Raises UsageError if there is none, or more than one."""
        if not self.exists or not beginning.isalnum():
            raise _no_such()
        with self._reading() as db:
            rows = db.execute(
                f"{_CHECKPOINTS} where substr(id, 1, ?) = ? limit 2", (len(beginning), beginning)
            ).fetchall()
            if len(rows) > 1:
                raise UsageError(f"Several checkpoints begin with {beginning}.", "Write more of its name.")
            if not rows:
                raise _no_such()
            return self._checkpoint(db, rows[0])

    def changes(self, checkpoint_id: str) -> Sequence[Changed]:
        """Each file with both its texts. Raises HistoryFailed where one of them is damaged."""
        with self._reading() as db:
            number = _found(db, checkpoint_id)[0]
            rows = db.execute(
                "select path, before, after, mode from files where number = ? order by ord", (number,)
            ).fetchall()
            return [
                Changed(Path(os.fsdecode(path)), get_object(db, before), get_object(db, after), mode)
                for path, before, after, mode in rows
            ]

    def since(self, checkpoint_id: str) -> Sequence[Checkpoint]:
        """This checkpoint and the younger ones of its workspace, the youngest first."""
        first = self.get(checkpoint_id)
        with self._reading() as db:
            rows = db.execute(
                f"{_CHECKPOINTS} where number >= ? and workspace = ? order by number desc",
                (first.number, os.fsencode(first.workspace)),
            ).fetchall()
            return [self._checkpoint(db, row) for row in rows]

    def prune(self) -> int:
        """Forget what is too old, then the oldest while there is too much. Returns how many were forgotten.

        Never what a window that is alive is about to write, nor the newest of a file that such a window has changed:
        that may be in review still.
        """
        if not self.exists:
            return 0
        with self._writing() as db:
            n_forgotten = prune(db, self._limits, self._clock(), self._owner.is_alive)
        if n_forgotten:
            with self._reading() as db:
                _give_back(db)
        return n_forgotten

    def close(self) -> None:
        """Let go of the file. Others see this window as gone."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None
            self._closed = True
            self._owner.close()

    def _checkpoint(self, db: sqlite3.Connection, row: Any) -> Checkpoint:
        number, id_, workspace, title, created, origin, owner, running = row
        is_ours = owner == self._owner.token
        is_running = id_ in self._unfinished if is_ours else bool(running) and self._owner.is_alive(owner)
        return Checkpoint(
            id_,
            number,
            Path(os.fsdecode(workspace)),
            title,
            created,
            _from_json(origin),
            _files(db, number),
            is_running,
        )

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, translated(self._file, CHECKPOINTS.name):
            yield self._opened()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, translated(self._file, CHECKPOINTS.name):
            db = self._opened()
            with transaction(db):
                yield db

    def _opened(self) -> sqlite3.Connection:
        if self._closed:
            raise HistoryFailed("The store of checkpoints is closed.", "Ask again.")
        if self._db is None:
            self._db = open_checkpoints(self._file)
            settle(self._db, self._owner.is_alive, self._mend)
        return self._db


def _named(changes: Sequence[Changed]) -> dict[str, Named]:
    if all(each.before == each.after for each in changes):
        raise UsageError("Nothing would be changed.", "Look at the file: it may be as it should be already.")
    texts = {text for each in changes for text in (each.before, each.after) if text is not None}
    return {text: name_text(text) for text in texts}


def _file_row(change: Changed, named: dict[str, Named]) -> tuple[Any, ...]:
    before = None if change.before is None else named[change.before]
    after = None if change.after is None else named[change.after]
    return (
        os.fsencode(change.path),
        before and before.hash,
        after and after.hash,
        before and len(before.content),
        after and len(after.content),
    )


def _mode(path: Path) -> int | None:
    """The permission bits of a file; never those that let it run as somebody else."""
    try:
        found = path.stat()
    except OSError:
        return None
    return stat.S_IMODE(found.st_mode) & 0o777 if stat.S_ISREG(found.st_mode) else None


def _give_back(db: sqlite3.Connection) -> None:
    """Shrink the file once most of it is empty. Another window that is at work is not waited for."""
    n_pages, n_free = (
        db.execute(f"pragma {name}").fetchone()[0] for name in ("page_count", "freelist_count")
    )
    if n_free > 2_000 and n_free * 2 > n_pages:
        try:
            db.execute("vacuum")
        except sqlite3.OperationalError:
            pass  # the room is used again by what is kept next


def _found(db: sqlite3.Connection, checkpoint_id: str) -> Any:
    row = db.execute(f"{_CHECKPOINTS} where id = ?", (checkpoint_id,)).fetchone()
    if row is None:
        raise _no_such()
    return row


def _no_such() -> UsageError:
    return UsageError("There is no such checkpoint.", "`victor checkpoints` lists them.")


def _files(db: sqlite3.Connection, number: int) -> tuple[CheckpointFile, ...]:
    rows = db.execute(
        "select path, before_bytes, after_bytes, state from files where number = ? order by ord", (number,)
    ).fetchall()
    return tuple(_to_file(*row) for row in rows)


def _to_file(path: bytes, before: int | None, after: int | None, state: FileState) -> CheckpointFile:
    return CheckpointFile(Path(os.fsdecode(path)), before, after, state)


def _storable(title: str) -> str:
    """One line that nothing can hide in, nor order a terminal about."""
    return "".join(each if each.isprintable() else "\ufffd" for each in " ".join(title.split()))


def _to_json(origin: CheckpointOrigin) -> str:
    return json.dumps({name: value for name, value in asdict(origin).items() if value})


def _from_json(text: str) -> CheckpointOrigin:
    data = json.loads(text)
    return replace(CheckpointOrigin(**data), restores=tuple(data.get("restores", ())))
