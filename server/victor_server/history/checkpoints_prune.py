"""Which checkpoints are forgotten: those that are too old, then the oldest while there is too much."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable

from victor_server.history.checkpoints_objects import sweep_objects
from victor_server.settings.resolved import CheckpointSettings

_DAY_S = 24 * 3600.0


def prune(
    db: sqlite3.Connection, limits: CheckpointSettings, now: float, is_alive: Callable[[str], bool]
) -> int:
    """Forget checkpoints, in the transaction that is open; returns how many."""
    rows = db.execute("select number, created, owner from checkpoints order by number").fetchall()
    alive = {owner: is_alive(owner) for owner in {row[2] for row in rows}}
    needed = _needed(db, {number for number, _, owner in rows if alive[owner]})
    oldest_kept = now - limits.keep_days * _DAY_S
    gone = [number for number, created, _ in rows if number not in needed and created < oldest_kept]
    old = set(gone)
    gone += _too_many(
        db, [number for number, _, _ in rows if number not in needed | old], old, limits.max_bytes
    )
    for table in ("files", "checkpoints"):
        db.executemany(f"delete from {table} where number = ?", [(each,) for each in gone])  # noqa: S608 - our names
    if gone:
        sweep_objects(db)
    return len(gone)


def _needed(db: sqlite3.Connection, of_alive: set[int]) -> set[int]:
    """What windows that are alive may still undo: the newest of each file that they changed, and what is running."""
    rows = db.execute("select path, number from files order by number")
    newest = {path: number for path, number in rows if number in of_alive}
    running = {number for (number,) in db.execute("select number from checkpoints where running")}
    return set(newest.values()) | (running & of_alive)


def _too_many(db: sqlite3.Connection, candidates: Iterable[int], gone: set[int], max_bytes: int) -> list[int]:
    """The oldest of `candidates` (in that order), as many as must go for the rest to fit."""
    sizes = dict(db.execute("select hash, length(packed) from objects").fetchall())
    texts: dict[int, set[bytes]] = {}
    for number, before, after in db.execute("select number, before, after from files"):
        texts.setdefault(number, set()).update(each for each in (before, after) if each is not None)
    uses = Counter(each for number, held in texts.items() if number not in gone for each in held)
    total = sum(sizes.get(each, 0) for each in uses)
    found: list[int] = []
    for number in candidates:
        if total <= max_bytes:
            break
        found.append(number)
        for each in texts.get(number, ()):
            uses[each] -= 1
            total -= 0 if uses[each] else sizes.get(each, 0)
    return found
