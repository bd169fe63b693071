"""Chat sessions and receipts on disk, for its owner's eyes only: placeholders are kept, never secrets."""

import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from victor_server.errors import HistoryFailed, UsageError
from victor_server.history.database import HISTORY, open_history
from victor_server.history.model import (
    INTERRUPTED,
    PROMPT,
    ChatSession,
    StoredEvent,
    StoredReceipt,
    StoredTurn,
)
from victor_server.history.owners import Owner
from victor_server.settings.database import transaction, translated

EMPTY_KEPT_S = 7 * 24 * 3600.0
Event = tuple[str, Mapping[str, Any]]
_SESSIONS = (
    "select id, workspace, title, created, updated, owner,"
    " (select count(*) from turns where turns.session_id = sessions.id) from sessions"
)
_RECEIPTS = "select id, session_id, turn_id, created, data from receipts"


class History:
    """Blocking, safe between threads; the file is opened when it is first needed.

    Every method raises HistoryFailed where the file cannot be read or written, and UsageError for a session or receipt
    that is not there. What has returned is committed: a kill of the process takes nothing of it. Writing the same
    session, turn, event or receipt twice changes nothing, so what failed may simply be repeated.

    Only the window that took a session writes its turns. `clock` gives seconds since the epoch.
    """

    def __init__(self, file: Path, clock: Callable[[], float] = time.time) -> None:
        self._file = file
        self._clock = clock
        self._lock = RLock()
        self._owner = Owner(file.with_name(f"{file.stem}.windows"))
        self._db: sqlite3.Connection | None = None
        self._closed = False

    def create(self, workspace: str, title: str = "", *, session_id: str = "") -> ChatSession:
        """A new session, which belongs to this window. `workspace` is a path, "" without one."""
        now = self._clock()
        made = ChatSession(session_id or new_id(), workspace, title, now, now)
        with self._writing() as db:
            self._owner.hold()
            row = (made.id, workspace, title, now, now, self._owner.token)
            db.execute("insert or ignore into sessions values (?, ?, ?, ?, ?, ?)", row)
        return made

    def sessions(self, workspace: str | None = None) -> Sequence[ChatSession]:
        """The sessions with at least one turn, the one used last first; of one workspace or of all."""
        where = "" if workspace is None else " where workspace = ?"
        with self._reading() as db:
            rows = db.execute(
                f"{_SESSIONS}{where} order by updated desc, id", () if workspace is None else (workspace,)
            ).fetchall()
        alive = {owner: self._is_elsewhere(owner) for owner in {row[5] for row in rows if row[6]}}
        return [_to_session(row, alive[row[5]]) for row in rows if row[6]]

    def session(self, session_id: str) -> ChatSession:
        """One session."""
        with self._reading() as db:
            row = _found(db, session_id)
        return _to_session(row, self._is_elsewhere(row[5]))

    def take(self, session_id: str) -> ChatSession:
        """Own the session, until `release`, `close` or the end of the process. Taking twice is taking once.

        Turns that run although nobody owned the session any more were cut off: they are marked as interrupted, with an
        event of that kind. Raises UsageError while another window owns it.
        """
        with self._reading() as db:
            owner = _found(db, session_id)[5]
        if self._is_elsewhere(owner):
            raise UsageError(
                "This chat is open in another window.", "Go on there, close it there, or fork it."
            )
        with self._writing() as db:
            self._owner.hold()
            done = db.execute(
                "update sessions set owner = ? where id = ? and owner is ?",
                (self._owner.token, session_id, owner),
            )
            if not done.rowcount:
                raise UsageError("This chat has just been opened in another window.", "Go on there.")
            if owner != self._owner.token:
                _interrupt(db, session_id)
        return self.session(session_id)

    def release(self, session_id: str) -> None:
        """Let others own the session. Those that never had a turn are forgotten after EMPTY_KEPT_S."""
        with self._writing() as db:
            db.execute(
                "update sessions set owner = null where id = ? and owner = ?", (session_id, self._owner.token)
            )
            db.execute(
                "delete from sessions where owner is null and updated < ?"
                " and not exists (select 1 from turns where session_id = sessions.id)",
                (self._clock() - EMPTY_KEPT_S,),
            )

    def begin_turn(
        self, session_id: str, turn_id: str, prompt_data: Mapping[str, Any], *, seq: int | None = None
    ) -> StoredEvent:
        """A turn begins with the person's question, an event of kind `prompt`; `seq` as in `append`."""
        with self._writing() as db:
            self._check_owned(db, session_id)
            values = {"session": session_id, "turn": turn_id}
            db.execute(
                "insert or ignore into turns select :session, :turn, coalesce(max(ord), 0) + 1, 'running', ''"
                " from turns where session_id = :session",
                values,
            )
            db.execute("update sessions set updated = ? where id = ?", (self._clock(), session_id))
            return _append(db, session_id, turn_id, [(PROMPT, prompt_data)], seq)[0]

    def append(
        self, session_id: str, turn_id: str, events: Sequence[Event], *, first_seq: int | None = None
    ) -> Sequence[StoredEvent]:
        """Add events, all or none. `first_seq` is the number of the first where the caller counts: then those that
        are there already are left as they are."""
        with self._writing() as db:
            self._check_owned(db, session_id)
            return _append(db, session_id, turn_id, events, first_seq)

    def end_turn(self, session_id: str, turn_id: str, reason: str) -> None:
        """The turn is over; `reason` is one of `agent.run_events.TurnEnd`."""
        with self._writing() as db:
            self._check_owned(db, session_id)
            db.execute(
                "update turns set state = 'ended', reason = ? where session_id = ? and turn_id = ?",
                (reason, session_id, turn_id),
            )
            db.execute("update sessions set updated = ? where id = ?", (self._clock(), session_id))

    def events(self, session_id: str, after_seq: int = 0) -> Sequence[StoredEvent]:
        """What was told in a session, in order, after this number."""
        with self._reading() as db:
            _found(db, session_id)
            rows = db.execute(
                "select seq, turn_id, kind, data from events where session_id = ? and seq > ? order by seq",
                (session_id, after_seq),
            ).fetchall()
        return [StoredEvent(seq, turn, kind, json.loads(data)) for seq, turn, kind, data in rows]

    def turns(self, session_id: str) -> Sequence[StoredTurn]:
        """The turns of a session, in order."""
        with self._reading() as db:
            _found(db, session_id)
            rows = db.execute(
                "select turn_id, state, reason from turns where session_id = ? order by ord", (session_id,)
            ).fetchall()
        return [StoredTurn(*row) for row in rows]

    def fork(self, session_id: str, up_to_turn: str | None = None) -> ChatSession:
        """A new session of this window with the turns of another one, up to and with `up_to_turn`."""
        new = new_id()
        with self._writing() as db:
            self._owner.hold()
            row = _found(db, session_id)
            last = _last_ord(db, session_id, up_to_turn)
            now = self._clock()
            db.execute(
                "insert into sessions values (?, ?, ?, ?, ?, ?)",
                (new, row[1], row[2], now, now, self._owner.token),
            )
            _copy_turns(db, session_id, new, last)
            _interrupt(db, new)
        return self.session(new)

    def rename(self, session_id: str, title: str) -> None:
        """Give a session another title."""
        with self._writing() as db:
            _found(db, session_id)
            db.execute("update sessions set title = ? where id = ?", (title, session_id))

    def delete(self, session_id: str) -> None:
        """Forget a session, its receipts included. Raises UsageError while another window owns it."""
        if self.session(session_id).open_elsewhere:
            raise UsageError("This chat is open in another window.", "Close it there first.")
        with self._writing() as db:
            db.execute("delete from sessions where id = ?", (session_id,))
            for table in ("turns", "events", "receipts"):
                db.execute(f"delete from {table} where session_id = ?", (session_id,))  # noqa: S608 - our names

    def put_receipt(self, receipt: StoredReceipt) -> None:
        """Keep a receipt; one under the same id stays as it is."""
        values = (receipt.id, receipt.session_id, receipt.turn_id, receipt.created, _to_json(receipt.data))
        with self._writing() as db:
            db.execute("insert or ignore into receipts values (?, ?, ?, ?, ?)", values)

    def receipts(self, session_id: str | None = None, limit: int = 50) -> Sequence[StoredReceipt]:
        """Receipts, the youngest first; of one session or of all."""
        where = "" if session_id is None else " where session_id = ?"
        values = (limit,) if session_id is None else (session_id, limit)
        with self._reading() as db:
            rows = db.execute(f"{_RECEIPTS}{where} order by created desc, id limit ?", values).fetchall()
        return [_to_receipt(row) for row in rows]

    def receipt(self, receipt_id: str) -> StoredReceipt:
        """One receipt."""
        with self._reading() as db:
            row = db.execute(f"{_RECEIPTS} where id = ?", (receipt_id,)).fetchone()
        if row is None:
            raise UsageError("There is no such receipt.", "`victor receipts` lists them.")
        return _to_receipt(row)

    def close(self) -> None:
        """Let go of every session and of the file."""
        with self._lock:
            if self._db is not None:
                self._let_go(self._db)
                self._db.close()
                self._db = None
            self._closed = True
            self._owner.close()

    def _let_go(self, db: sqlite3.Connection) -> None:
        try:
            rows = db.execute("select id from sessions where owner = ?", (self._owner.token,)).fetchall()
            for (session_id,) in rows:
                self.release(session_id)
        except (sqlite3.Error, HistoryFailed):
            pass  # without its lock this window counts as gone all the same

    def _is_elsewhere(self, owner: str | None) -> bool:
        return owner is not None and owner != self._owner.token and self._owner.is_alive(owner)

    def _check_owned(self, db: sqlite3.Connection, session_id: str) -> None:
        row = db.execute("select owner from sessions where id = ?", (session_id,)).fetchone()
        if row is None:
            _found(db, session_id)
        elif row[0] != self._owner.token:
            raise UsageError("This chat belongs to another window.", "Load it again.")

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, translated(self._file, HISTORY.name):
            yield self._opened()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, translated(self._file, HISTORY.name):
            db = self._opened()
            with transaction(db):
                yield db

    def _opened(self) -> sqlite3.Connection:
        if self._closed:
            raise HistoryFailed("The chat history is closed.", "Ask again.")
        if self._db is None:
            self._db = open_history(self._file)
        return self._db


def new_id() -> str:
    """A name that nothing else has."""
    return secrets.token_hex(12)


def _found(db: sqlite3.Connection, session_id: str) -> Any:
    row = db.execute(f"{_SESSIONS} where id = ?", (session_id,)).fetchone()
    if row is None:
        raise UsageError("There is no such chat.", "List the chats, or begin a new one.")
    return row


def _append(
    db: sqlite3.Connection, session_id: str, turn_id: str, events: Sequence[Event], first_seq: int | None
) -> Sequence[StoredEvent]:
    if first_seq is None:
        first_seq = 1 + _last_seq(db, session_id)
    stored = [
        StoredEvent(seq, turn_id, kind, data) for seq, (kind, data) in enumerate(events, start=first_seq)
    ]
    rows = [(session_id, each.seq, turn_id, each.kind, _to_json(each.data)) for each in stored]
    db.executemany("insert or ignore into events values (?, ?, ?, ?, ?)", rows)
    return stored


def _last_seq(db: sqlite3.Connection, session_id: str) -> int:
    row = db.execute(
        "select coalesce(max(seq), 0) from events where session_id = ?", (session_id,)
    ).fetchone()
    return int(row[0])


def _interrupt(db: sqlite3.Connection, session_id: str) -> None:
    """Mark turns that nobody runs any more."""
    running = db.execute(
        "select turn_id from turns where session_id = ? and state = 'running' order by ord", (session_id,)
    ).fetchall()
    for (turn_id,) in running:
        db.execute(
            "update turns set state = 'interrupted', reason = 'interrupted' where session_id = ? and turn_id = ?",
            (session_id, turn_id),
        )
        _append(db, session_id, turn_id, [(INTERRUPTED, {})], None)


def _last_ord(db: sqlite3.Connection, session_id: str, turn_id: str | None) -> int:
    """Which of the session's turns is the last one wanted."""
    if turn_id is None:
        return 2**62
    row = db.execute(
        "select ord from turns where session_id = ? and turn_id = ?", (session_id, turn_id)
    ).fetchone()
    if row is None:
        raise UsageError("There is no such turn in this chat.", "Load the chat to see its turns.")
    return int(row[0])


def _copy_turns(db: sqlite3.Connection, old: str, new: str, last: int) -> None:
    values = {"old": old, "new": new, "last": last}
    db.execute(
        "insert into turns select :new, turn_id, ord, state, reason from turns"
        " where session_id = :old and ord <= :last",
        values,
    )
    db.execute(
        "insert into events select :new, seq, turn_id, kind, data from events where session_id = :old"
        " and turn_id in (select turn_id from turns where session_id = :new)",
        values,
    )


def _to_json(data: Mapping[str, Any]) -> str:
    # ASCII: a lone surrogate in a model's answer would not be text to SQLite.
    return json.dumps(dict(data), separators=(",", ":"))


def _to_session(row: Any, open_elsewhere: bool) -> ChatSession:
    session_id, workspace, title, created, updated, _, n_turns = row
    return ChatSession(session_id, workspace, title, created, updated, n_turns, open_elsewhere)


def _to_receipt(row: Any) -> StoredReceipt:
    receipt_id, session_id, turn_id, created, data = row
    return StoredReceipt(receipt_id, session_id, turn_id, created, json.loads(data))
