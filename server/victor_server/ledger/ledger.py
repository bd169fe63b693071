"""The ledger: what a call may use is set aside before it, what it has used is settled after it."""

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

from victor_server.errors import HistoryFailed
from victor_server.ledger.budgets import budgets_now, check, to_state
from victor_server.ledger.cost import bounded, to_usd, upper_bound
from victor_server.ledger.model import Ask, BudgetState, Reservation, Spent, Summary
from victor_server.ledger.periods import day_of
from victor_server.ledger.tables import (
    FORMAT,
    close_call,
    cost_of,
    extend_call,
    forget_before,
    insert_call,
    let_go_of_expired,
    state_of,
)
from victor_server.ledger.usage import usage_of
from victor_server.settings.database import open_database, transaction, translated
from victor_server.settings.resolved import BudgetSettings

LEDGER_FILE = "ledger.db"
"""Its name in VICTOR_HOME."""

KEPT_DAYS = 400
"""Calls that are older are forgotten: more than a year, so that any month can be compared with the one a year ago."""

LEASE_S = 300.0
"""A reservation that is neither renewed nor settled for this long is let go: its process died or sleeps."""

RENEW_EVERY_S = 60.0
"""How often whoever runs a call should renew its reservation."""


class Ledger:
    """The budgets and usage of one person, shared by all processes that open the same `file`.

    Every method blocks (call it in a thread), may be called by any thread, is one transaction, and raises
    `HistoryFailed` if the ledger cannot be read or written. The file is made with the first call. `settled` is told
    the session of each call that was settled here, in the thread that did it.
    """

    def __init__(
        self,
        file: Path,
        budgets: BudgetSettings,
        clock: Callable[[], float] = time.time,
        settled: Callable[[str], None] | None = None,
    ) -> None:
        self._file = file
        self._settled = settled
        self._sessions: dict[str, str] = {}
        self._budgets = budgets
        self._clock = clock
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None

    def reserve(self, ask: Ask) -> Reservation:
        """Set aside what the call may use at most. Raises `BudgetExceeded` if a budget does not hold it.

        A call counts for the day, month and session in which it was reserved. Each `call_id` is used once.
        """
        bound = upper_bound(ask)
        with self._writing() as (db, now):
            let_go_of_expired(db, now)
            day = day_of(now)
            check(budgets_now(db, self._budgets, day, ask.session_id), ask, bound)
            if state_of(db, ask.call_id) is not None:
                raise HistoryFailed(f"The ledger already knows a call {ask.call_id}.", "Please report it.")
            insert_call(db, ask, bound, at=now, day=day, lease_until=now + LEASE_S)
        self._sessions[ask.call_id] = ask.session_id
        return Reservation(ask.call_id, bound.tokens, None if bound.nano is None else to_usd(bound.nano))

    def renew(self, call_id: str, so_far: Spent | None = None) -> None:
        """Say that the call still runs, and what it has used until now: should its process die, this is charged."""
        with self._writing() as (db, now):
            if _known(db, call_id) != "settled":
                extend_call(db, call_id, so_far and bounded(so_far), now + LEASE_S)

    def settle(self, call_id: str, spent: Spent) -> float | None:
        """Charge what the call has used and give back the rest; returns US dollars, None if the price is unknown.

        The first settlement counts: another of the same call changes nothing. On disk when this returns.
        """
        with self._writing(durable=True) as (db, _):
            if _known(db, call_id) == "settled":
                nano = cost_of(db, call_id)
            else:
                nano = close_call(db, call_id, "settled", bounded(spent))
        session_id = self._sessions.pop(call_id, "")
        if self._settled is not None:
            self._settled(session_id)
        return None if nano is None else to_usd(nano)

    def left(self, session_id: str = "") -> Sequence[BudgetState]:
        """Every budget that is set; those of a session only if one is named."""
        with self._writing() as (db, now):
            let_go_of_expired(db, now)
            return [to_state(each) for each in budgets_now(db, self._budgets, day_of(now), session_id)]

    def usage(self, *, since: date | None = None, session_id: str | None = None) -> Summary:
        """What calls that have ended used, since the beginning of a day of UTC, or in one session."""
        with self._writing() as (db, now):
            let_go_of_expired(db, now)
            return usage_of(db, since, session_id)

    def close(self) -> None:
        """Close the file; another call opens it again."""
        with self._lock:
            self._close()

    @contextlib.contextmanager
    def _writing(self, *, durable: bool = False) -> Iterator[tuple[sqlite3.Connection, float]]:
        with self._lock, translated(self._file, FORMAT.name):
            db = self._open()
            db.execute(f"pragma synchronous = {'full' if durable else 'normal'}")
            with transaction(db):
                yield db, self._clock()

    def _open(self) -> sqlite3.Connection:
        """The connection. A file that was moved away since is not written to any more: others no longer see it."""
        if self._db is not None and _identity(self._file) != self._identity:
            self._close()
        if self._db is None:
            self._db = open_database(self._file, FORMAT)
            self._identity = _identity(self._file)
            with transaction(self._db):
                forget_before(self._db, day_of(self._clock() - KEPT_DAYS * 86_400))
        return self._db

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()
        self._db = None


def _known(db: sqlite3.Connection, call_id: str) -> str:
    state = state_of(db, call_id)
    if state is None:
        raise HistoryFailed(f"The ledger knows no call {call_id}.", "It may have been moved away meanwhile.")
    return state


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        info = file.stat()
    except FileNotFoundError:
        return None
    return info.st_dev, info.st_ino
