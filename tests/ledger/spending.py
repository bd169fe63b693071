"""Starts processes that spend, and looks into the ledger that they leave."""

import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

SPENDER = Path(__file__).with_name("spender.py")

Sums = Mapping[tuple[str, str], tuple[int, int]]


def start_spender(
    file: Path,
    seed: int,
    n_calls: int,
    *,
    day_tokens: int = 10**12,
    day_usd: float = 10**6,
    session_tokens: int = 10**12,
) -> "subprocess.Popen[str]":
    """A process that makes `n_calls` calls under these budgets; read its steps from its stdout."""
    words = [file, seed, n_calls, day_tokens, day_usd, session_tokens]
    command = [sys.executable, "-P", str(SPENDER), *map(str, words)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def states(file: Path) -> dict[str, str]:
    """How each call stands, by its id."""
    with closing(sqlite3.connect(file)) as db:
        return dict(db.execute("select call_id, state from calls").fetchall())


def assert_whole(file: Path) -> None:
    """SQLite finds no damage, and the kept sums are those of the calls."""
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)
        kept = _sums(db, "select period, key, tokens, nano from used")
        for period, key in (("day", "day"), ("month", "substr(day, 1, 7)"), ("session", "session")):
            of_calls = f"""
                select '{period}', {key}, sum(input_tokens + output_tokens), sum(ifnull(nano, 0)) from calls
                where state != 'open' group by 2 having {key} != ''
            """
            assert _sums(db, of_calls) == {name: sums for name, sums in kept.items() if name[0] == period}


def _sums(db: sqlite3.Connection, statement: str) -> Sums:
    return {(period, key): (tokens, nano) for period, key, tokens, nano in db.execute(statement)}
