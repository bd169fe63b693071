"""What this person's edge has to tell the team's backend: kept on disk until it is known to have arrived."""

import contextlib
import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from victor_server.errors import HistoryFailed
from victor_server.settings.database import Format, open_database, transaction, translated

FILE_NAME = "outbox.db"
MAX_BYTES = 256_000_000
"""So much is kept for a backend that does not come back; then nothing more is taken, and what must be told must wait."""

EventKind = Literal["audit", "usage"]

_NAME = "What the team's backend is to be told"
_FORMAT = Format(
    _NAME,
    0x766F7574,
    1,
    """create table state (name text primary key, value text not null) strict;
create table events (seq integer primary key autoincrement, kind text not null, body text not null, n_bytes integer not null) strict;
create table aside (id integer primary key, kind text not null, body text not null, reason text not null, at_us integer not null) strict""",
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One event that has not arrived, as it is kept: `body` is JSON."""

    seq: int
    kind: EventKind
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much waits, and how much the backend did not take; `reasons` are the last of why."""

    n_events: int
    n_bytes: int
    n_aside: int
    reasons: tuple[str, ...] = ()


def read_backlog(home: Path) -> Backlog:
    """What waits in a home; nothing where there is no file, which looking does not make. Blocks."""
    if not (home / FILE_NAME).exists():
        return Backlog(0, 0, 0)
    outbox = Outbox(home / FILE_NAME)
    try:
        return outbox.backlog()
    finally:
        outbox.close()


class Outbox:
    """One file in VICTOR_HOME, which all of this person's processes add to. May be used from several threads.

    Everything raises `HistoryFailed` where the file cannot be read or written; then nothing of it has happened.
    """

    def __init__(self, file: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self._file = file
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._db = self._opened()
        self._is_open = True

    def append(self, kind: EventKind, body: Mapping[str, Any]) -> int:
        """Add an event; on disk when this returns. Returns its number. Blocks: call it in a thread."""
        return self.append_all([(kind, body)])

    def append_all(self, events: Sequence[tuple[EventKind, Mapping[str, Any]]]) -> int:
        """Add events one behind the other, all or none; returns the number of the last."""
        texts = [
            (kind, json.dumps(body, ensure_ascii=True, allow_nan=False, separators=(",", ":")))
            for kind, body in events
        ]
        n_bytes = sum(len(text) for _, text in texts)
        with self._alone():
            if self._n_bytes() + n_bytes > self._max_bytes:
                raise HistoryFailed(
                    f"{_NAME} ({self._file}): it holds as much as it may.",
                    "Connect to the backend (`victor status` says why it does not answer), or log out of it.",
                )
            last = 0
            for kind, text in texts:
                cursor = self._db.execute(
                    "insert into events (kind, body, n_bytes) values (?, ?, ?)", (kind, text, len(text))
                )
                last = int(cursor.lastrowid or 0)
            self._add_bytes(n_bytes)
            return last

    def next_batch(self, max_events: int, max_bytes: int) -> tuple[str, list[Waiting]]:
        """The install, and its oldest events: one at least if there is any, else as many as fit."""
        with self._alone():
            rows = self._db.execute(
                "select seq, kind, body, n_bytes from events order by seq limit ?", (max_events,)
            ).fetchall()
            install = self._install()
        batch: list[Waiting] = []
        for seq, kind, body, n_bytes in rows:
            max_bytes -= n_bytes
            if batch and max_bytes < 0:
                break
            batch.append(Waiting(seq, kind, body))
        return install, batch

    def arrived(self, install: str, acked: int, refused: Mapping[int, str]) -> None:
        """Forget what arrived; put aside what the backend did not take. What another install was told changes nothing."""
        with self._alone():
            if install != self._install():
                return
            for seq, reason in refused.items():
                if seq <= acked:
                    self._put_aside("seq = ?", (seq,), reason)
            self._forget("seq <= ?", (acked,))

    def put_aside(self, seq: int, reason: str) -> None:
        """Keep one event out of the way. Those after it are numbered anew, as a new install's: no number may be missing."""
        with self._alone():
            self._put_aside("seq = ?", (seq,), reason)
            self._forget("seq = ?", (seq,))
            self._renumber()

    def begin_again(self) -> None:
        """Number what waits from 1, as a new install's: the backend's count and ours do not fit each other."""
        with self._alone():
            self._renumber()

    def belong_to(self, backend: str) -> None:
        """From now on events are for `backend` (address, tenant, person); what waits for another one is put aside."""
        with self._alone():
            before = self._state("backend")
            if before == backend:
                return
            if before:
                self._put_aside("1", (), "it was for another backend, or for another person there")
                self._forget("1", ())
            self._set("backend", backend)
            self._renumber()

    def backlog(self) -> Backlog:
        """What waits."""
        with self._alone():
            n_events = self._db.execute("select count(*) from events").fetchone()[0]
            n_aside = self._db.execute("select count(*) from aside").fetchone()[0]
            reasons = self._db.execute("select reason from aside order by id desc limit 3").fetchall()
            return Backlog(n_events, self._n_bytes(), n_aside, tuple(row[0] for row in reasons))

    def install(self) -> str:
        """The name under which the backend counts these events."""
        with self._alone():
            return self._install() or self._renumber()

    def close(self) -> None:
        """Let go of the file; whoever adds to it after that opens it again, for some outlast a connection."""
        with self._lock:
            self._is_open = False
            self._db.close()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """All of a block or nothing of it, by one thread at a time and alone among all processes."""
        with self._lock:
            if not self._is_open:
                self._db, self._is_open = self._opened(), True
            with translated(self._file, _NAME), transaction(self._db):
                yield

    def _opened(self) -> sqlite3.Connection:
        db = open_database(self._file, _FORMAT)
        db.execute("pragma synchronous = full")
        return db

    def _put_aside(self, which: str, values: tuple[int, ...], reason: str) -> None:
        # `which` is one of the few conditions of this file, never text from outside.
        self._db.execute(
            f"insert into aside (kind, body, reason, at_us) select kind, body, ?, ? from events where {which}",  # noqa: S608
            (reason[:500], time.time_ns() // 1_000, *values),
        )
        self._db.execute("delete from aside where id <= (select max(id) from aside) - 1000")

    def _forget(self, which: str, values: tuple[int, ...]) -> None:
        gone = self._db.execute(
            f"select coalesce(sum(n_bytes), 0) from events where {which}",  # noqa: S608  # as above
            values,
        ).fetchone()[0]
        self._db.execute(f"delete from events where {which}", values)  # noqa: S608  # as above
        self._add_bytes(-gone)

    def _renumber(self) -> str:
        install = secrets.token_hex(16)
        self._set("install", install)
        rows = self._db.execute("select kind, body, n_bytes from events order by seq").fetchall()
        self._db.execute("delete from events")
        self._db.execute("delete from sqlite_sequence where name = 'events'")
        self._db.executemany("insert into events (kind, body, n_bytes) values (?, ?, ?)", rows)
        return install

    def _install(self) -> str:
        return self._state("install")

    def _n_bytes(self) -> int:
        return int(self._state("n_bytes") or 0)

    def _add_bytes(self, n_bytes: int) -> None:
        self._set("n_bytes", str(max(0, self._n_bytes() + n_bytes)))

    def _state(self, name: str) -> str:
        row = self._db.execute("select value from state where name = ?", (name,)).fetchone()
        return "" if row is None else str(row[0])

    def _set(self, name: str, value: str) -> None:
        self._db.execute("insert or replace into state values (?, ?)", (name, value))
