"""The file of chat sessions: its tables and its format."""

import sqlite3
from pathlib import Path

from victor_server.settings.database import Format, open_database

HISTORY = Format(
    name="The chat history",
    application_id=0x56434853,
    version=1,
    schema="""
create table sessions (id text primary key, workspace text not null, title text not null, created real not null,
    updated real not null, owner text) without rowid;
create table turns (session_id text not null, turn_id text not null, ord integer not null, state text not null,
    reason text not null, primary key (session_id, turn_id)) without rowid;
create table events (session_id text not null, seq integer not null, turn_id text not null, kind text not null,
    data text not null, primary key (session_id, seq)) without rowid;
create table receipts (id text primary key, session_id text not null, turn_id text not null, created real not null,
    data text not null) without rowid;
create index receipts_by_session on receipts (session_id, created);
create index receipts_by_time on receipts (created);
""",
)


def open_history(file: Path) -> sqlite3.Connection:
    """Open the file, making it if it is missing; what is deleted is overwritten. Raises HistoryFailed."""
    db = open_database(file, HISTORY)
    db.execute("pragma secure_delete = on")
    return db
